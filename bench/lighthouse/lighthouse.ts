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
import { slowdownFor } from './slowdown.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LIGHTHOUSE = 'lighthouse@13.5.0'
const SCREENS = { overview: 'app/', contacts: 'app/contacts' } as const
/** Until the demo has something to show. */
const SETTLE_MS = 15_000
const RUNS = 5
/** What Lighthouse does to every machine unless it is told otherwise. */
const DEFAULT_SLOWDOWN = 4

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

/** What a report says of one look at a screen; times in ms as Lighthouse plays the phone. */
interface Look {
  readonly performance: number
  readonly accessibility: number
  /** How fast this machine was at that moment. */
  readonly benchmarkIndex: number
  readonly paintMs: number
  readonly largestPaintMs: number
  readonly blockedMs: number
  readonly shift: number
}

interface Report {
  readonly environment: { readonly benchmarkIndex: number }
  readonly categories: Readonly<Record<'performance' | 'accessibility', { readonly score: number }>>
  readonly audits: Readonly<Record<string, { readonly numericValue?: number }>>
}

const lookOf = ({ environment, categories, audits }: Report): Look => {
  const figure = (name: string) => audits[name]?.numericValue ?? Number.NaN
  return {
    performance: categories.performance.score * 100,
    accessibility: categories.accessibility.score * 100,
    benchmarkIndex: environment.benchmarkIndex,
    paintMs: figure('first-contentful-paint'),
    largestPaintMs: figure('largest-contentful-paint'),
    blockedMs: figure('total-blocking-time'),
    shift: figure('cumulative-layout-shift'),
  }
}

const look = async (url: string, cookie: string, slowdown: number): Promise<Look> => {
  const { stdout } = await run(
    'npx',
    [
      '--yes',
      LIGHTHOUSE,
      url,
      '--quiet',
      '--output=json',
      '--only-categories=performance,accessibility',
      `--throttling.cpuSlowdownMultiplier=${slowdown}`,
      `--extra-headers=${JSON.stringify({ Cookie: cookie })}`,
      '--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage',
    ],
    { maxBuffer: 64 * 1024 * 1024, env: { CHROME_PATH: '/usr/bin/chromium', ...process.env } },
  )
  return lookOf(JSON.parse(stdout) as Report)
}

/** A busy machine loses the start of a look's recording now and then, and Lighthouse asks to be run again. */
const lookAgain = async (url: string, cookie: string, slowdown: number, attempts = 3): Promise<Look> => {
  try {
    return await look(url, cookie, slowdown)
  } catch (error) {
    if (attempts <= 1) throw error
    return lookAgain(url, cookie, slowdown, attempts - 1)
  }
}

/** The one in the middle: a phone's speed is played by a machine that does other things too. */
const middle = (looks: readonly Look[], figure: keyof Look): number =>
  looks.map((each) => each[figure]).toSorted((a, b) => a - b)[looks.length >> 1] ?? Number.NaN

const FIGURES = ['performance', 'paintMs', 'largestPaintMs', 'blockedMs', 'shift'] as const

/** The middle of each figure, under names that say what it is of. */
const metricsOf = (name: string, looks: readonly Look[]): Readonly<Record<string, number>> =>
  Object.fromEntries(FIGURES.map((figure) => [`${name} ${figure}`, middle(looks, figure)]))

export const bench: Bench = {
  name: 'lighthouse',
  does: 'the overview and the contacts of the demo as Lighthouse sees them on a phone; needs Chromium and the network',
  async run({ numbers, onProgress }) {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'gavatcore-lighthouse-'))
    const demo = await startDemo(dataDir)
    try {
      await systemClock.sleep(SETTLE_MS)
      const cookie = await enter(demo.link)
      const lookAt = async (slowdown: number): Promise<ReadonlyMap<string, readonly Look[]>> => {
        const found = new Map<string, Look[]>()
        for (const [name, at] of Object.entries(SCREENS)) {
          const looks: Look[] = []
          for (let n = 0; n < (numbers.runs ?? RUNS); n += 1) {
            looks.push(await lookAgain(new URL(`/${at}`, demo.link).href, cookie, slowdown))
            onProgress(`${name}, ${slowdown.toFixed(1)} times slower: ${JSON.stringify(looks.at(-1))}`)
          }
          found.set(name, looks)
        }
        return found
      }
      const asItIs = await lookAt(DEFAULT_SLOWDOWN)
      const benchmarkIndex = middle([...asItIs.values()].flat(), 'benchmarkIndex')
      const slowdown = slowdownFor(benchmarkIndex)
      const calibrated = await lookAt(slowdown)
      const bounds = new Bounds()
      const metrics: Record<string, number> = { benchmarkIndex, slowdown }
      for (const [name, looks] of asItIs) {
        const slower = calibrated.get(name) ?? []
        const accessibility = Math.min(...[...looks, ...slower].map((each) => each.accessibility))
        Object.assign(metrics, metricsOf(name, looks), metricsOf(`${name} as a middling phone`, slower))
        bounds.hold(`${name} performance`, middle(looks, 'performance'), '>=', 85)
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
