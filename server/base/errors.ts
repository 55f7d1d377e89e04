import type { ErrorKind } from '#contract/words.ts'

/** Values for the placeholders of an error's translated text; never a secret, never a message text. */
export type ErrorParams = Readonly<Record<string, string | number>>

/**
 * A refused request: the caller can read it, understand it and mend it. `code` names the text in
 * locales/<lng>/errors.json; `params.field` names the input at fault where there is one.
 * Expected endings are values instead, and bugs are plain throws.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly kind: ErrorKind
  readonly code: string
  readonly params: ErrorParams

  constructor(kind: ErrorKind, code: string, params: ErrorParams = {}, options?: ErrorOptions) {
    super(`${kind}: ${code} ${JSON.stringify(params)}`, options)
    this.kind = kind
    this.code = code
    this.params = params
  }
}

/** `invalid` naming the field, what was given (shortened) and what would be right. */
export const invalid = (code: string, field: string, params: ErrorParams = {}): AppError =>
  new AppError('invalid', code, { field, ...params })

/** `not_found` for one thing named by kind and id. */
export const notFound = (what: string, id: string | number): AppError =>
  new AppError('not_found', 'not_found', { what, id })
