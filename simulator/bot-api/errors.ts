import type { ResponseParameters } from '@grammyjs/types'

/** A refused call: what the Bot API answers with `ok: false`. */
export class BotApiError extends Error {
  readonly code: number
  readonly parameters: ResponseParameters | undefined

  constructor(code: number, description: string, parameters?: ResponseParameters) {
    super(description)
    this.name = 'BotApiError'
    this.code = code
    this.parameters = parameters
  }
}

/**
 * A 400 in Telegram's wording: the prefix, then the text with its first letter in lower case, unless the second
 * character is an underscore or a capital (so raw names such as BUTTON_DATA_INVALID stay as they are).
 */
export function badRequest(text: string, parameters?: ResponseParameters): BotApiError {
  return new BotApiError(400, `Bad Request: ${lowerFirst(text)}`, parameters)
}

export function forbidden(text: string): BotApiError {
  return new BotApiError(403, `Forbidden: ${lowerFirst(text)}`)
}

export function conflict(text: string): BotApiError {
  return new BotApiError(409, `Conflict: ${text}`)
}

/** A 429 for whole seconds, at least 1. */
export function tooManyRequests(retryAfterSeconds: number): BotApiError {
  const seconds = Math.max(1, Math.ceil(retryAfterSeconds))
  return new BotApiError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds })
}

function lowerFirst(text: string): string {
  return /^.[_A-Z]/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1)
}

/** Descriptions used in more than one place. */
export const CONFLICT_POLL = 'terminated by other getUpdates request; make sure that only one bot instance is running'
export const CONFLICT_WEBHOOK =
  "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
export const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'
export const QUERY_TOO_OLD = 'query is too old and response timeout expired or query ID is invalid'
