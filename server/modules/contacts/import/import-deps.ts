import type { Clock } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'

/** How far an import has come; `done` and `total` are bytes of the file. */
export interface ImportProgress {
  /** The file is read once to check it whole and once to write it. */
  readonly phase: 'checking' | 'writing'
  readonly done: number
  readonly total: number
}

/** What an import needs: it owns its transactions, one per batch. */
export interface ImportDeps {
  readonly db: Db
  readonly clock: Clock
  readonly onProgress?: (progress: ImportProgress) => void
}
