import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { tryLockFile } from './file-lock.ts'

export interface InstanceLock {
  /** Names this data folder and role for ever, among all that share a database: what runs under this lock is its only run. */
  readonly installation: string
  /** Lets another process take the role; a second call does nothing. */
  release(): void
}

export interface InstanceHolder {
  readonly pid: number
  /** When the holding process began, in epoch milliseconds. */
  readonly startedAt: number
}

/**
 * Makes this process the only one that plays `role` on `dataDir`, until it releases the lock or dies (kill -9 included);
 * or tells who plays it already. `role` is a short word of [a-z-]. Errors: a plain one naming the file when the folder
 * cannot be written.
 */
export const acquireInstanceLock = (
  dataDir: string,
  role: string,
): InstanceLock | { readonly heldBy: InstanceHolder } => {
  mkdirSync(dataDir, { recursive: true })
  const holderFile = join(dataDir, `instance-${role}.json`)
  const lock = tryLockFile(join(dataDir, `instance-${role}.lock`), 'exclusive')
  if (!lock) return { heldBy: readHolder(holderFile) }
  const holder: InstanceHolder = { pid: process.pid, startedAt: Math.round(performance.timeOrigin) }
  writeFileSync(holderFile, JSON.stringify(holder))
  return { installation: readInstallation(join(dataDir, `instance-${role}.id`)), release: () => lock.release() }
}

/** Only read and written by the holder of the lock. */
const readInstallation = (path: string): string => {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim()
  const installation = randomUUID()
  writeFileSync(path, `${installation}\n`)
  return installation
}

/** The note beside the lock; all zeros when the holder has taken the lock and not yet written who it is. */
const readHolder = (path: string): InstanceHolder => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as InstanceHolder
  } catch {
    return { pid: 0, startedAt: 0 }
  }
}
