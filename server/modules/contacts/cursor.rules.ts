import { invalid } from '#server/base/errors.ts'

/** A page's end as an opaque string for the next request. */
export const encodeCursor = (parts: readonly (number | string | null)[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** The parts of {@link encodeCursor}; `length` of them. Errors: `invalid/cursor_unreadable`. */
export const decodeCursor = (cursor: string, length: number): readonly (number | string | null)[] => {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const fits = (part: unknown) => part === null || typeof part === 'string' || Number.isSafeInteger(part)
    if (Array.isArray(parts) && parts.length === length && parts.every(fits)) return parts
  } catch {
    // What cannot be decoded is refused below, like what decodes to something else.
  }
  throw invalid('cursor_unreadable', 'cursor')
}

/** A page size within 1 and `max`. Errors: `invalid/limit_out_of_range`. */
export const checkLimit = (limit: number, max: number): number => {
  if (!Number.isInteger(limit) || limit < 1 || limit > max)
    throw invalid('limit_out_of_range', 'limit', { min: 1, max })
  return limit
}
