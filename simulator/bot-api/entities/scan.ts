import { badRequest, type BotApiError } from '#simulator/bot-api/errors.ts'

/** Telegram's space characters; the end of the text counts as one, as the original reads a terminating zero there. */
export function isSpace(character: string): boolean {
  return character === '' || ' \t\r\n\v\0'.includes(character)
}

/** Entity errors name places as bytes of the UTF-8 text. */
export function byteOffset(text: string, index: number): number {
  return Buffer.byteLength(text.slice(0, index))
}

export function parseError(text: string): BotApiError {
  return badRequest(`can't parse entities: ${text}`)
}

/** The user behind a tg://user?id= link, or null. */
export function userIdOfLink(url: string): number | null {
  const match = /^tg:\/\/user\?id=(\d{1,16})$/i.exec(url)
  return match?.[1] ? Number(match[1]) : null
}

/** A link in the form Telegram stores, or null when it is none and the entity is dropped. */
export function checkLink(link: string): string | null {
  const text = link.trim()
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'tg' || scheme === 'ton') return text
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return null
  if (scheme === undefined && !/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)+([/?#:].*)?$/u.test(text)) return null
  const full = scheme === undefined ? `http://${text}` : text
  return URL.canParse(full) && !/\s/.test(text) ? new URL(full).href : null
}

/** The character names of an HTML text: &lt; &gt; &amp; &quot; and numbers. Null when it is not one. */
export function decodeHtmlEntity(text: string, index: number): { readonly value: string; readonly end: number } | null {
  const rest = text.slice(index, index + 16)
  const numeric = /^&#(?:x([0-9a-fA-F]+)|(\d+))/.exec(rest)
  if (numeric) {
    const code = numeric[1] === undefined ? Number.parseInt(numeric[2] ?? '', 10) : Number.parseInt(numeric[1], 16)
    if (!(code > 0 && code < 0x10ffff) || numeric[0].length >= 10) return null
    const end = index + numeric[0].length
    return { value: String.fromCodePoint(code), end: text.charAt(end) === ';' ? end + 1 : end }
  }
  const named = /^&([a-zA-Z]+)/.exec(rest)
  const value = named?.[1] === undefined ? undefined : NAMED[named[1]]
  if (!named || value === undefined) return null
  const end = index + named[0].length
  return { value, end: text.charAt(end) === ';' ? end + 1 : end }
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }
