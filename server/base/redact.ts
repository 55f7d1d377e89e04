import { types } from 'node:util'

/**
 * What must never reach a log, whatever a caller passes: secrets, what people wrote, who they are. Two nets: values
 * under telling keys are replaced wherever they sit, and telling patterns are replaced in the finished line.
 */

const SECRET_KEY =
  /token|secret|password|passwd|authorization|cookie|apikey|api_key|kek|initdata|init_data|connectionstring/i
const TEXT_KEYS = new Set([
  'text',
  'caption',
  'content',
  'message_text',
  'messagetext',
  'payload',
  'body',
  'update',
  'draft',
  'data',
])
const PERSON_KEYS = new Set([
  'first_name',
  'firstname',
  'last_name',
  'lastname',
  'full_name',
  'fullname',
  'username',
  'displayname',
  'display_name',
  'phone',
  'phone_number',
  'phonenumber',
  'email',
  'bio',
  'title',
  'from',
  'sender',
  'user',
  'contact',
  'chat',
])

const DEEPEST = 6

const replacementFor = (key: string, value: unknown): string | null => {
  if (value === null || value === undefined || typeof value === 'boolean') return null
  if (SECRET_KEY.test(key)) return '[secret]'
  if (typeof value === 'number') return null
  const name = key.toLowerCase()
  if (TEXT_KEYS.has(name)) return '[text]'
  if (PERSON_KEYS.has(name)) return '[person]'
  return null
}

/** Errors carry what they were made from: only what says where and why it failed is kept, never a call's payload. */
const describeError = (error: Error, depth: number): unknown => {
  const extra = error as Error & {
    readonly code?: unknown
    readonly kind?: unknown
    readonly params?: unknown
    readonly constraint?: unknown
  }
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(extra.code !== undefined && { code: extra.code }),
    ...(extra.kind !== undefined && { kind: extra.kind }),
    ...(extra.constraint !== undefined && { constraint: extra.constraint }),
    ...(extra.params !== undefined && { params: redactValue(extra.params, depth + 1) }),
    ...(error.cause !== undefined && { cause: redactValue(error.cause, depth + 1) }),
  }
}

const redactValue = (value: unknown, depth: number): unknown => {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEEPEST) return '[deep]'
  if (value instanceof Error) return describeError(value, depth)
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1))
  if (value instanceof Map || value instanceof Set) return redactValue([...value], depth)
  return redactFields(value as Record<string, unknown>, depth)
}

/** A copy of `fields` that is safe to write. */
export const redactFields = (fields: Record<string, unknown>, depth = 0): Record<string, unknown> => {
  const safe: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields))
    safe[key] = replacementFor(key, value) ?? redactValue(value, depth + 1)
  return safe
}

/** Bot tokens, credentials in addresses, bearer keys and phone numbers, also inside messages and stack traces. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\d{5,20}:[A-Za-z0-9_-]{30,64}/g, '[token]'],
  [/(\w+:\/\/[^\s/:@"]+:)[^\s@"]+@/g, '$1[secret]@'],
  [/\b(bearer|tma)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [secret]'],
  [/\+\d[\d ()-]{8,18}\d/g, '[phone]'],
]

/** A finished log line without anything that looks like a secret or a phone number. */
export const redactLine = (line: string): string =>
  PATTERNS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line)
