import { spawnSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { ClusterLayout } from './cluster-layout.ts'
import { EmbeddedError } from './embedded-error.ts'
import type { Address } from './server-settings.ts'

/** A running server of ours, as its postmaster.pid describes it. */
export interface Postmaster {
  readonly pid: number
  /** Null until the server has opened its socket or port. */
  readonly address: Address | null
  readonly isReady: boolean
}

const POLL_MS = 15

export const postmasterFile = (layout: ClusterLayout): string => join(layout.cluster, 'postmaster.pid')

/** The server that runs on this cluster, or null: a file left by a dead server, or naming an unrelated process, is no server. */
export const findPostmaster = (layout: ClusterLayout): Postmaster | null => {
  let lines: readonly string[]
  try {
    lines = readFileSync(postmasterFile(layout), 'utf8').split('\n')
  } catch {
    return null
  }
  // Line by line: pid, data directory, start time, port, socket folder, TCP address, shared memory key, state.
  const [pidText, , , portText, socketFolder, tcpAddress, , state] = lines.map((line) => line.trim())
  const pid = Number(pidText)
  if (!Number.isInteger(pid) || pid <= 0 || !isRunning(pid) || !servesCluster(pid, layout)) return null
  return { pid, address: parseAddress(portText, socketFolder, tcpAddress), isReady: state === 'ready' }
}

const parseAddress = (port = '', socketFolder = '', tcpAddress = ''): Address | null => {
  if (socketFolder !== '') return { kind: 'socket', folder: socketFolder }
  return tcpAddress !== '' && Number(port) > 0 ? { kind: 'tcp', port: Number(port) } : null
}

/** A zombie does not run: it waits for a parent that never asks. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

/** A postmaster works in its data directory. What cannot be told counts as yes: a wrong no would start a second server. */
const servesCluster = (pid: number, layout: ClusterLayout): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === layout.cluster
  } catch {
    if (process.platform === 'linux') return true
  }
  const shown = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return shown.status !== 0 || shown.stdout.includes(layout.cluster)
}

export interface Waiting {
  readonly layout: ClusterLayout
  /** Called about every two seconds with the time waited so far. */
  readonly onWait?: (waitedMs: number) => void
}

/** Recovery after a crash replays at most max_wal_size, which takes minutes on a slow disk. */
const START_PATIENCE_MS = 600_000

const REPORT_EVERY_MS = 2_000

/** Waits until the server accepts connections; null when it ended instead. */
export const waitUntilReady = async (
  pid: number,
  { layout, onWait }: Waiting,
): Promise<(Postmaster & { readonly address: Address }) | null> => {
  for (let waitedMs = 0; waitedMs < START_PATIENCE_MS; waitedMs += POLL_MS) {
    const found = findPostmaster(layout)
    if (found?.isReady && found.address) return { ...found, address: found.address }
    if (!isRunning(pid)) return null
    if (waitedMs > 0 && waitedMs % REPORT_EVERY_MS < POLL_MS) onWait?.(waitedMs)
    await delay(POLL_MS)
  }
  throw new EmbeddedError(
    'start_failed',
    `PostgreSQL (process ${pid}) did not become ready within ${START_PATIENCE_MS / 60_000} minutes. Its log is in ${layout.log}.`,
  )
}

/** "Fast" ends sessions and writes a checkpoint; "immediate" leaves the recovery to the next start and loses nothing. */
const STOP_STEPS = [
  { signal: 'SIGINT', patienceMs: 60_000 },
  { signal: 'SIGQUIT', patienceMs: 15_000 },
] as const

/** Stops the server and waits for its end. Errors: `stop_failed`. */
export const stopPostmaster = async (pid: number, layout: ClusterLayout): Promise<void> => {
  for (const { signal, patienceMs } of STOP_STEPS) {
    if (isRunning(pid)) process.kill(pid, signal)
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += POLL_MS) {
      if (!isRunning(pid)) return
      await delay(POLL_MS)
    }
  }
  throw new EmbeddedError('stop_failed', `PostgreSQL (process ${pid}) does not stop. Its log is in ${layout.log}.`)
}
