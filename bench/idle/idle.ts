import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { systemClock } from '#server/base/clock.ts'

import { type Bench, Bounds } from '../bench.ts'
import { SERVER_FLAGS } from '../rig/child.ts'
import { findPostmasterPid, readFamilyCpuMs, readRssMb } from '../rig/processes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = path.join(ROOT, 'server', 'main.ts')

/** Commands that were run so far: what a person would type. */
let commandsRun = 0

interface Start {
  readonly process: ChildProcess
  readonly readyMs: number
}

/** Starts the server on a data folder, without demo and without a bot, and waits until `/readyz` says yes. */
const startServer = async (dataDir: string): Promise<Start> => {
  const startedAt = performance.now()
  const env = { PATH: process.env.PATH ?? '', HOME: dataDir, DATA_DIR: dataDir, DEMO: 'off', PORT: '0' }
  commandsRun += 1
  const child = spawn(process.execPath, [...SERVER_FLAGS, MAIN], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const address = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const listening = /Listening on (\S+)/.exec(text)
      if (listening?.[1]) resolve(listening[1])
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)))
  })
  while (!(await fetch(`${address}/readyz`)).ok) await systemClock.sleep(20)
  return { process: child, readyMs: performance.now() - startedAt }
}

const stopServer = ({ process: child }: Start): Promise<number> => {
  const stoppedAt = performance.now()
  return new Promise((resolve) => {
    child.once('exit', () => resolve(performance.now() - stoppedAt))
    child.kill('SIGTERM')
  })
}

export const bench: Bench = {
  name: 'idle',
  does: 'a fresh start with the demo off, and a second one: how soon ready, how much memory, how busy',
  async run({ numbers, onProgress }) {
    const settleSeconds = numbers.settle ?? 10
    const dataDir = await mkdtemp(path.join(tmpdir(), 'gavatcore-idle-'))
    try {
      const first = await startServer(dataDir)
      const commands = commandsRun
      onProgress(`first start: ready after ${Math.round(first.readyMs)} ms`)
      const pid = first.process.pid ?? 0
      await systemClock.sleep(settleSeconds * 1_000)
      const rssMb = readRssMb(pid)
      const cpu = () => ({ server: readFamilyCpuMs(pid), database: readFamilyCpuMs(findPostmasterPid(dataDir)) })
      const before = cpu()
      await systemClock.sleep(settleSeconds * 1_000)
      const after = cpu()
      const stopMs = await stopServer(first)
      const second = await startServer(dataDir)
      onProgress(`second start: ready after ${Math.round(second.readyMs)} ms`)
      await stopServer(second)
      const bounds = new Bounds()
      bounds.hold('rss MB', rssMb, '<=', 300)
      bounds.hold('commands until ready', commands, '<=', 1)
      return bounds.result('idle', {
        firstReadyMs: first.readyMs,
        laterReadyMs: second.readyMs,
        stopMs,
        rssMb,
        serverCores: (after.server - before.server) / (settleSeconds * 1_000),
        databaseCores: (after.database - before.database) / (settleSeconds * 1_000),
        commands,
      })
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  },
}
