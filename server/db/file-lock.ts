import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'

export interface FileLock {
  /** Frees the lock; a second call does nothing. */
  release(): void
}

export type LockMode =
  /** Held by one process alone. */
  | 'exclusive'
  /** Held by any number of processes, and by none while another holds it exclusively. */
  | 'shared'

/** A lock lives as long as its database handle, so handles are kept from the garbage collector here. */
const held = new Set<DatabaseSync>()

/**
 * Locks `path`, a side file that holds nothing, or returns null when another process (or another lock of this process)
 * stands in the way. The kernel frees the lock when the process dies, kill -9 included, so no lock is ever stale.
 * Errors: a plain one naming the file when it cannot be made or opened.
 */
export const tryLockFile = (path: string, mode: LockMode): FileLock | null => {
  let handle: DatabaseSync | undefined
  try {
    handle = new DatabaseSync(path, { timeout: 0 })
    // Nothing is ever written, and a journal beside the file would need room on a full disk.
    handle.exec('pragma journal_mode = memory')
    if (mode === 'exclusive') handle.exec('begin exclusive')
    else {
      handle.exec('begin')
      handle.prepare('select count(*) from sqlite_master').get() // the first read takes the shared lock
    }
  } catch (error) {
    handle?.close()
    if (isBusy(error)) return null
    if (codeOf(error) === SQLITE_FULL)
      throw Object.assign(new Error(`The disk of ${path} is full.`), { code: 'ENOSPC' })
    throw new Error(`The lock file ${path} cannot be used. Check that its folder exists and is writable.`, {
      cause: error,
    })
  }
  const kept = handle
  held.add(kept)
  return {
    release() {
      if (held.delete(kept)) kept.close()
    },
  }
}

const SQLITE_BUSY = 5
const SQLITE_FULL = 13
const RETRY_MS = 20

/** SQLite's primary result code, or null. */
const codeOf = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null

const isBusy = (error: unknown): boolean => codeOf(error) === SQLITE_BUSY

/** Waits up to `patienceMs` for {@link tryLockFile} to succeed; null when it did not. */
export const waitForFileLock = async (path: string, mode: LockMode, patienceMs: number): Promise<FileLock | null> => {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    const lock = tryLockFile(path, mode)
    if (lock || waitedMs >= patienceMs) return lock
    await delay(RETRY_MS)
  }
}
