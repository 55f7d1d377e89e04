import type { z } from 'zod'

/** So many places where an object might begin are tried; a text with more is rubbish. */
const STARTS_MAX = 20

/** Where the object that begins at `start` ends, brackets in strings apart; -1 when it never does. */
const endOfObject = (text: string, start: number): number => {
  let depth = 0
  let isInString = false
  for (let at = start; at < text.length; at++) {
    const sign = text[at]
    if (isInString) {
      if (sign === '\\') at += 1
      else if (sign === '"') isInString = false
    } else if (sign === '"') isInString = true
    else if (sign === '{') depth += 1
    else if (sign === '}') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return -1
}

/** The value of a JSON text, or undefined. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** What a model thought aloud before it answered. */
const THOUGHTS = /<think>[^]*?(?:<\/think>|$)/g

const firstObject = (given: string): unknown => {
  const whole = parseJson(given)
  if (whole !== undefined) return whole
  const text = given.replace(THOUGHTS, '')
  let start = text.indexOf('{')
  for (let tries = 0; start !== -1 && tries < STARTS_MAX; tries++) {
    const end = endOfObject(text, start)
    const found = end === -1 ? undefined : parseJson(text.slice(start, end))
    if (found !== undefined) return found
    start = text.indexOf('{', start + 1)
  }
  return undefined
}

/**
 * The value in what a model wrote: the whole text, or the first object within it, whatever stands around (thoughts, a
 * fence, a greeting). Null when there is none, or it is not built like `schema`.
 */
export const readAnswer = <T>(text: string, schema: z.ZodType<T>): { readonly value: T } | null => {
  const found = firstObject(text)
  if (found === undefined) return null
  const parsed = schema.safeParse(found)
  return parsed.success ? { value: parsed.data } : null
}
