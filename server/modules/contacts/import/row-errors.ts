import { type FileHandle, open } from 'node:fs/promises'

import { stringify } from 'csv-stringify/sync'

import { AppError } from '#server/base/errors.ts'

import type { RowFault } from './csv-row.rules.ts'

/** One row that was left out. */
export interface RowError extends RowFault {
  readonly line: number
}

const KEPT_IN_MEMORY = 20
const FLUSH_ROWS = 500

/** Collects rows that were left out: all of them in a CSV file (made with the first), the first twenty in memory. */
export interface RowErrorLog {
  readonly count: number
  readonly first: readonly RowError[]
  /** The file, if one was written. */
  readonly path: string | null
  add(error: RowError): Promise<void>
  close(): Promise<void>
}

/** `path` null keeps the first rows in memory only. Errors: `invalid/import_errors_unwritable` with the system's reason. */
export const createRowErrorLog = (path: string | null): RowErrorLog => {
  const first: RowError[] = []
  let pending: RowError[] = []
  let handle: FileHandle | null = null
  let count = 0
  const flush = async (): Promise<void> => {
    if (path === null || pending.length === 0) return
    const rows = pending.map((e) => [e.line, e.field, e.reason, e.value])
    pending = []
    try {
      if (!handle) {
        handle = await open(path, 'w')
        await handle.write('line,field,reason,value\n')
      }
      // A value that begins like a formula must not become one in the spreadsheet that opens the file.
      await handle.write(stringify(rows, { escape_formulas: true }))
    } catch (cause) {
      const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
      throw new AppError('invalid', 'import_errors_unwritable', { field: 'errorsPath', path, reason }, { cause })
    }
  }
  return {
    first,
    get count() {
      return count
    },
    get path() {
      return handle ? path : null
    },
    async add(error) {
      count += 1
      if (first.length < KEPT_IN_MEMORY) first.push(error)
      if (path !== null && pending.push(error) >= FLUSH_ROWS) await flush()
    },
    async close() {
      await flush()
      await handle?.close()
    },
  }
}
