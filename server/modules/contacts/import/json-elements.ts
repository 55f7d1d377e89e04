import { isUtf8 } from 'node:buffer'

import { invalid } from '#server/base/errors.ts'

/** What to do with a value: go into it, hand it over whole, or pass over it. */
export type Visit = 'enter' | 'take' | 'skip'

/** A value that was taken, with its place: keys joined by dots, `[]` for an element of an array. */
export type JsonElement =
  | { readonly kind: 'value'; readonly place: string; readonly value: unknown }
  /** The value is delimited, but is no JSON; the rest of the file still can be read. */
  | { readonly kind: 'unreadable'; readonly place: string; readonly byte: number }
  /** An object or array that was entered has ended. */
  | { readonly kind: 'end'; readonly place: string }

/** A value taken whole may be this long; longer ones are no message of anybody. */
const ELEMENT_BYTES_MAX = 8_000_000

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

interface Level {
  readonly place: string
  readonly isArray: boolean
  /** What may come next. */
  expects: 'key' | 'colon' | 'value' | 'comma'
  key: string
  isEmpty: boolean
}

/** A value being passed over or collected. */
interface Value {
  readonly place: string
  readonly isKey: boolean
  readonly taken: boolean
  readonly byte: number
  readonly kind: 'string' | 'container' | 'scalar'
  depth: number
  inString: boolean
  escaped: boolean
  parts: Buffer[]
  size: number
}

/**
 * Telegram Desktop writes control characters as `\x1F`, which JSON does not know; they are read as meant. A backslash
 * before them that is itself escaped is no such mark.
 */
const mendEscapes = (text: string): string =>
  text.replaceAll(/\\(x([0-9A-Fa-f]{2})|[^])/g, (whole: string, _: string, code?: string) =>
    code ? `\\u00${code}` : whole,
  )

const parseElement = (bytes: Buffer): { readonly value: unknown } | null => {
  if (!isUtf8(bytes)) return null
  const text = bytes.toString('utf8')
  try {
    return { value: JSON.parse(text) }
  } catch {
    try {
      return { value: JSON.parse(mendEscapes(text)) }
    } catch {
      return null
    }
  }
}

/**
 * Walks through a JSON file of any size and hands over the values that `visit` wants, in order, holding one of them in
 * memory at a time. Errors, all `invalid` and naming the byte: `import_json_broken`, `import_json_cut_off`,
 * `import_json_too_long` (one value of more than 8 MB).
 */
export async function* readJsonElements(
  chunks: AsyncIterable<Buffer>,
  visit: (place: string) => Visit,
): AsyncGenerator<JsonElement> {
  const walk = new JsonWalk(visit)
  let offset = 0
  for await (const chunk of chunks) {
    yield* walk.feed(chunk, offset)
    offset += chunk.length
  }
  walk.finish(offset)
}

const broken = (byte: number) => invalid('import_json_broken', 'file', { byte })

const placeIn = (level: Level): string => {
  const name = level.isArray ? '[]' : level.key
  return level.place === '' ? name : `${level.place}.${name}`
}

/** One reading of one file: which containers are open, and the value under way. */
class JsonWalk {
  readonly #visit: (place: string) => Visit
  readonly #levels: Level[] = []
  #value: Value | null = null
  #started = false

  constructor(visit: (place: string) => Visit) {
    this.#visit = visit
  }

  *feed(chunk: Buffer, offset: number): Generator<JsonElement> {
    let i = offset === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0
    while (i < chunk.length) {
      const value = this.#value
      if (value) {
        const { next, done } = scanValue(value, chunk, i)
        collect(value, chunk, i, next)
        i = next
        const element = done ? this.#finishValue(value) : null
        if (element) yield element
        continue
      }
      const byte = chunk[i] ?? 0
      if (!isSpace(byte)) {
        const element = this.#step(byte, offset + i)
        if (element) yield element
        if (this.#value) collect(this.#value, chunk, i, i + 1)
      }
      i += 1
    }
  }

  finish(offset: number): void {
    if (!this.#started) throw broken(0)
    if (this.#value || this.#levels.length > 0) throw invalid('import_json_cut_off', 'file', { byte: offset })
  }

  /** One byte between values. Returns an element if an entered container ends here. */
  #step(byte: number, at: number): JsonElement | null {
    const level = this.#levels.at(-1)
    if (!level) {
      if (this.#started || byte !== OPEN_OBJECT) throw broken(at)
      this.#started = true
      this.#begin(byte, at, '', false)
      return null
    }
    const first = level.isArray ? 'value' : 'key'
    const mayClose = level.expects === 'comma' || (level.isEmpty && level.expects === first)
    if (mayClose && byte === (level.isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) {
      this.#levels.pop()
      const outer = this.#levels.at(-1)
      if (outer) outer.expects = 'comma'
      return { kind: 'end', place: level.place }
    }
    level.isEmpty = false
    if (level.expects === 'colon' && byte === COLON) level.expects = 'value'
    else if (level.expects === 'comma' && byte === COMMA) level.expects = first
    else if (level.expects === 'key' && byte === QUOTE) this.#begin(byte, at, level.place, true)
    else if (level.expects === 'value') this.#begin(byte, at, placeIn(level), false)
    else throw broken(at)
    return null
  }

  #begin(byte: number, at: number, place: string, isKey: boolean): void {
    const want = isKey ? 'take' : this.#visit(place)
    const opens = byte === OPEN_OBJECT || byte === OPEN_ARRAY
    if (want === 'enter' && opens) {
      const isArray = byte === OPEN_ARRAY
      this.#levels.push({ place, isArray, expects: isArray ? 'value' : 'key', key: '', isEmpty: true })
      return
    }
    const kind = byte === QUOTE ? 'string' : opens ? 'container' : 'scalar'
    if (kind === 'scalar' && !/[-\dtfn]/.test(String.fromCharCode(byte))) throw broken(at)
    this.#value = {
      place,
      isKey,
      taken: want === 'take',
      byte: at,
      kind,
      depth: opens ? 1 : 0,
      inString: byte === QUOTE,
      escaped: false,
      parts: [],
      size: 0,
    }
  }

  #finishValue(value: Value): JsonElement | null {
    this.#value = null
    const level = this.#levels.at(-1)
    if (value.isKey) {
      const parsed = parseElement(Buffer.concat(value.parts))
      if (!level || typeof parsed?.value !== 'string') throw broken(value.byte)
      level.key = parsed.value
      level.expects = 'colon'
      return null
    }
    if (level) level.expects = 'comma'
    if (!value.taken) return null
    const parsed = parseElement(Buffer.concat(value.parts))
    return parsed
      ? { kind: 'value', place: value.place, value: parsed.value }
      : { kind: 'unreadable', place: value.place, byte: value.byte }
  }
}

const collect = (value: Value, chunk: Buffer, from: number, to: number): void => {
  if (!value.taken && !value.isKey) return
  value.size += to - from
  if (value.size > ELEMENT_BYTES_MAX)
    throw invalid('import_json_too_long', 'file', { byte: value.byte, max: ELEMENT_BYTES_MAX })
  // Copied: a part that points into its chunk would keep the whole chunk alive.
  value.parts.push(Buffer.from(chunk.subarray(from, to)))
}

/** Goes on from `from` to the end of the value or of the chunk. A scalar ends before the byte that ends it. */
const scanValue = (value: Value, chunk: Buffer, from: number): { readonly next: number; readonly done: boolean } => {
  for (let i = from; i < chunk.length; i += 1) {
    const byte = chunk[i]
    if (value.inString) {
      if (value.escaped) value.escaped = false
      else if (byte === BACKSLASH) value.escaped = true
      else if (byte === QUOTE) {
        value.inString = false
        if (value.depth === 0) return { next: i + 1, done: true }
      }
    } else if (value.kind === 'scalar') {
      if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || isSpace(byte ?? 0))
        return { next: i, done: true }
    } else if (byte === QUOTE) value.inString = true
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) value.depth += 1
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      value.depth -= 1
      if (value.depth === 0) return { next: i + 1, done: true }
    }
  }
  return { next: chunk.length, done: false }
}
