import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** The kernel counts processor time in hundredths of a second on every Linux this runs on. */
const TICK_MS = 10

export const findPostmasterPid = (dataDir: string): number =>
  Number(readFileSync(path.join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0])

interface Times {
  readonly parent: number
  readonly ownMs: number
  /** Of children that have ended and were waited for. */
  readonly endedMs: number
}

const readTimes = (pid: string | number): Times | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const at = (n: number) => (fields[n] ?? 0) * TICK_MS
    return { parent: fields[1] ?? 0, ownMs: at(11) + at(12), endedMs: at(13) + at(14) }
  } catch {
    return null
  }
}

/** Processor time in ms of a process, of its running children and of those that have ended. */
export const readFamilyCpuMs = (pid: number): number => {
  const head = readTimes(pid)
  let ms = (head?.ownMs ?? 0) + (head?.endedMs ?? 0)
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const times = readTimes(name)
    if (times?.parent === pid) ms += times.ownMs
  }
  return ms
}

/** Resident memory of a process in MB. */
export const readRssMb = (pid: number): number => {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(match?.[1] ?? 0) / 1024
}
