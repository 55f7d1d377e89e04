import { AppError } from '#server/base/errors.ts'

/** SQLSTATEs of a server that is away or has no room: connections, authentication, resources, shutdown, its files. */
const SERVER_STATES = /^(08|28|3D|53|57P|58)/
const NETWORK_ERRORS = /^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|EAI_)/
/** What the client library says without a code. */
const LOST = /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i

/**
 * The refusal for a query that failed because of the server and not because of the query: `unavailable` with
 * `database_disk_full` or `database_unavailable`. Null for anything else, which is a bug.
 */
export const databaseRefusal = (error: unknown): AppError | null => {
  if (!(error instanceof Error) || error instanceof AppError) return null
  const code = 'code' in error ? String(error.code) : ''
  if (code === '53100' || (SERVER_STATES.test(code) && /no space left/i.test(error.message)))
    return new AppError('unavailable', 'database_disk_full', { detail: error.message }, { cause: error })
  const isAway = SERVER_STATES.test(code) || NETWORK_ERRORS.test(code) || (code === '' && LOST.test(error.message))
  if (!isAway) return null
  return new AppError('unavailable', 'database_unavailable', { detail: error.message || code }, { cause: error })
}
