import type { ErrorKind } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { databaseRefusal } from '#server/base/database-refusal.ts'
import type { Translate } from '#server/base/translate.ts'

/** The HTTP status of each kind of refusal. */
const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  limit_reached: 403,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
}

/** Refusals whose status is a standard's. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = { idempotency_key_reused: 422 }

const statusFor = (kind: ErrorKind, code: string): number => STATUS_OF_CODE[code] ?? STATUS[kind]

export const statusOf = ({ kind, code }: AppError): number => statusFor(kind, code)

/** RFC 9457, with our code and the values of the text's placeholders beside it. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  /** The part of the request at fault. */
  readonly field?: string
  readonly params: Readonly<Record<string, string | number>>
}

const KIND_OF_STATUS: Readonly<Record<number, ErrorKind>> = {
  404: 'not_found',
  409: 'conflict',
  429: 'rate_limited',
  503: 'unavailable',
}

/** The refusals of the server library itself (broken JSON, too large a body …) carry a status below 500. */
const statusOfLibrary = (error: unknown): number | null => {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : null
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null
}

/** What is said to the caller about an error. A bug tells nothing of its inside. */
export const problemOf = (failure: unknown, t: Translate): Problem => {
  const error = databaseRefusal(failure) ?? failure
  if (error instanceof AppError) {
    const { kind, code, params } = error
    // What the database says of itself is for the logs.
    const shown = kind === 'internal' || code.startsWith('database_') ? {} : params
    const key = kind === 'internal' ? 'internal' : code
    const field = shown['field']
    return {
      type: 'about:blank',
      title: kind,
      status: statusFor(kind, code),
      code,
      detail: t(key, shown),
      ...(typeof field === 'string' && { field }),
      params: shown,
    }
  }
  const status = statusOfLibrary(error)
  if (status === null)
    return { type: 'about:blank', title: 'internal', status: 500, code: 'internal', detail: t('internal'), params: {} }
  const title = KIND_OF_STATUS[status] ?? 'invalid'
  return { type: 'about:blank', title, status, code: 'request_refused', detail: (error as Error).message, params: {} }
}
