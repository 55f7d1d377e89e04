/**
 * What Lighthouse says of two screens of the panel on a phone, of the demo that `npm start` opens. Lighthouse itself is
 * fetched when this runs: it is larger than everything else here together.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { systemClock } from '#server/base/clock.ts'

import { type Bench, Bounds } from '../bench.ts'
import { SERVER_FLAGS } from '../rig/child.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIGHTHOUSE = 'lighthouse@13.5.0'
const SCREENS = { overview: 'app/', contacts: 'app/contacts' } as const
/** Until the demo has something to show. */
const SETTLE_MS = 15_000
const RUNS = 3

const run = promisify(execFile)

interface Demo {
  readonly process: ChildProcess
  /** Opens the panel, once. */
  readonly link: string
}

const startDemo = async (dataDir: string): Promise<Demo> => {
  await run(process.execPath, [path.join(ROOT, 'scripts', 'build-web.mjs')], { cwd: ROOT })
  const env = { PATH: process.env.PATH ?? '', HOME: dataDir, DATA_DIR: dataDir, DEMO: 'on', PORT: '0' }
  const child = spawn(process.execPath, [...SERVER_FLAGS, path.join(ROOT, 'server', 'main.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const link = await new Promise<string>((resolve, reject) => {
    let text = ''
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      const found = /https?:\/\/\S+\/enter\/\S+/.exec(text)
      if (found) resolve(found[0])
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)))
  })
  return { process: child, link }
}

/** The cookie that pressing the link's button gives. */
const enter = async (link: string): Promise<string> => {
  const { origin } = new URL(link)
  const headers = { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await fetch(link, { method: 'POST', headers, body: '', redirect: 'manual' })
  const [cookie] = answer.headers.getSetCookie()
  if (cookie === undefined) throw new Error(`no session: ${answer.status}`)
  return cookie.split(';')[0] ?? ''
}

interface Scores {
  readonly performance: number
  readonly accessibility: number
}

const look = async (url: string, cookie: string): Promise<Scores> => {
  const { stdout } = await run(
    'npx',
    [
      '--yes',
      LIGHTHOUSE,
      url,
      '--quiet',
      '--output=json',
      '--only-categories=performance,accessibility',
      `--extra-headers=${JSON.stringify({ Cookie: cookie })}`,
      '--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage',
    ],
    { maxBuffer: 64 * 1024 * 1024, env: { CHROME_PATH: '/usr/bin/chromium', ...process.env } },
  )
  const { categories } = JSON.parse(stdout) as {
    categories: Readonly<Record<keyof Scores, { readonly score: number }>>
  }
  return { performance: categories.performance.score * 100, accessibility: categories.accessibility.score * 100 }
}

export const bench: Bench = {
  name: 'lighthouse',
  does: 'the overview and the contacts of the demo as Lighthouse sees them on a phone; needs Chromium and the network',
  async run({ numbers, onProgress }) {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'gavatcore-lighthouse-'))
    const demo = await startDemo(dataDir)
    try {
      await systemClock.sleep(SETTLE_MS)
      const cookie = await enter(demo.link)
      const bounds = new Bounds()
      const metrics: Record<string, number> = {}
      for (const [name, at] of Object.entries(SCREENS)) {
        const looks: Scores[] = []
        for (let n = 0; n < (numbers.runs ?? RUNS); n += 1) {
          looks.push(await look(new URL(`/${at}`, demo.link).href, cookie))
          onProgress(`${name}: ${JSON.stringify(looks.at(-1))}`)
        }
        // The middle one of a few: a phone's speed is played by a machine that does other things too.
        const performances = looks.map((scores) => scores.performance).toSorted((a, b) => a - b)
        const performance = performances[performances.length >> 1] ?? 0
        const accessibility = Math.min(...looks.map((scores) => scores.accessibility))
        Object.assign(metrics, { [`${name} performance`]: performance, [`${name} accessibility`]: accessibility })
        bounds.hold(`${name} performance`, performance, '>=', 85)
        bounds.hold(`${name} accessibility`, accessibility, '>=', 100)
      }
      return bounds.result('lighthouse', metrics)
    } finally {
      const ended = new Promise((resolve) => demo.process.once('exit', resolve))
      demo.process.kill('SIGTERM')
      await ended
      await rm(dataDir, { recursive: true, force: true })
    }
  },
}
