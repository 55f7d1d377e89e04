import { createServer } from 'node:net'

import { systemClock } from '#server/base/clock.ts'

import { startChild } from '../rig/child.ts'
import type { BenchDatabase } from '../rig/rig.ts'
import type { ServerFigures, ServerInput } from './server-process.ts'

/** A server that runs in a process of its own, measured from outside. */
export interface MeasuredServer {
  measure(): Promise<ServerFigures>
  stop(): Promise<void>
}

/** A port that is free now. */
export const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** Starts the whole server for the accounts that the database holds, and waits until it is ready. */
export const startMeasuredServer = async (
  { connectionString, dataDir }: BenchDatabase,
  input: Pick<ServerInput, 'port' | 'samples' | 'mtprotoRoot'>,
): Promise<MeasuredServer> => {
  const child = startChild('accounts/server-process.ts', { connectionString, dataDir, ...input }, ['--expose-gc'])
  await child.receive()
  return {
    measure() {
      child.send({})
      return child.receive<ServerFigures>()
    },
    stop: () => child.stop(),
  }
}

/** Asks until `isSo`; gives up after `limitMs`. */
export const until = async (isSo: () => Promise<boolean>, limitMs: number, what: string): Promise<void> => {
  const end = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`)
    await systemClock.sleep(50)
  }
}

/** Runs `work` for each item, `width` at a time. */
export const eachOf = async <T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> => {
  const left = items.values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
