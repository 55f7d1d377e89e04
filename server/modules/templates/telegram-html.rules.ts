/** What Telegram makes of a text in HTML parse mode, as far as a template needs to know. */
export type ParsedHtml =
  | {
      readonly ok: true
      /** The visible text: what the length limits count, in UTF-16 units. */
      readonly text: string
      /** Addresses of `<a href>`, entities decoded. */
      readonly links: readonly string[]
      /** Custom emoji ids, as written. */
      readonly emojiIds: readonly string[]
      /** `&name;` that Telegram does not know: they stay visible as written. */
      readonly unknownEntities: readonly string[]
    }
  | {
      readonly ok: false
      /** The complaint in Telegram's own words, without its "can't parse entities" prefix. */
      readonly message: string
    }

const TAGS = new Set(
  'a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote'.split(' '),
)
const NAMED_ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

const isSpace = (c: string | undefined): boolean => c !== undefined && ' \t\r\n\v'.includes(c)

interface Reader {
  readonly html: string
  at: number
  readonly unknownEntities: string[]
}

/** Telegram counts bytes of UTF-8. */
const byteOffset = (html: string, at: number): number => Buffer.byteLength(html.slice(0, at))

/** Decodes the entity at `r.at`, or takes the `&` as it is. The semicolon is optional. */
const readEntity = (r: Reader): string => {
  const rest = r.html.slice(r.at, r.at + 40)
  const numeric = /^&#(?:x([0-9a-fA-F]*)|(\d*));?/u.exec(rest)
  if (numeric) {
    const code = numeric[1] === undefined ? Number(numeric[2]) : Number.parseInt(numeric[1] || '0', 16)
    const digits = numeric[0].endsWith(';') ? numeric[0].length - 1 : numeric[0].length
    if (code > 0 && code < 0x10_ffff && digits < 10) {
      r.at += numeric[0].length
      return String.fromCodePoint(code)
    }
  }
  const named = /^&([A-Za-z]+);?/u.exec(rest)
  const decoded = named?.[1] === undefined ? undefined : NAMED_ENTITIES[named[1]]
  if (named && decoded !== undefined) {
    r.at += named[0].length
    return decoded
  }
  if (named?.[0].endsWith(';')) r.unknownEntities.push(named[0])
  r.at += 1
  return '&'
}

/** Reads `="value"`, `='value'` or `=token` of an attribute; `r.at` stands on the equal sign. */
const readValue = (r: Reader, tagAt: number, tag: string): string => {
  const { html } = r
  const where = () => `at byte offset ${byteOffset(html, tagAt)}`
  const unclosed = () => new SyntaxError(`Unclosed start tag ${where()}`)
  r.at += 1
  while (isSpace(html[r.at])) r.at += 1
  const quote = html[r.at]
  if (quote === undefined) throw new SyntaxError(`Unclosed start tag "${tag}" ${where()}`)
  let value = ''
  if (quote === '"' || quote === "'") {
    r.at += 1
    while (r.at < html.length && html[r.at] !== quote) {
      if (html[r.at] === '&') value += readEntity(r)
      else value += html[r.at++]
    }
    r.at += 1
    if (r.at >= html.length) throw unclosed()
    return value
  }
  const tokenAt = r.at
  while (/^[A-Za-z0-9.-]$/u.test(html[r.at] ?? '')) r.at += 1
  value = html.slice(tokenAt, r.at).toLowerCase()
  if (r.at >= html.length) throw unclosed()
  if (!isSpace(html[r.at]) && html[r.at] !== '>') {
    throw new SyntaxError(`Unexpected end of name token at byte offset ${byteOffset(html, tokenAt)}`)
  }
  return value
}

interface StartTag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

/** Reads a start tag; `r.at` stands on its `<`. */
const readStartTag = (r: Reader): StartTag => {
  const { html } = r
  const tagAt = r.at
  const where = () => `at byte offset ${byteOffset(html, tagAt)}`
  r.at += 1
  while (r.at < html.length && !isSpace(html[r.at]) && html[r.at] !== '>') r.at += 1
  if (r.at >= html.length) throw new SyntaxError(`Unclosed start tag ${where()}`)
  const name = html.slice(tagAt + 1, r.at).toLowerCase()
  if (!TAGS.has(name)) throw new SyntaxError(`Unsupported start tag "${name}" ${where()}`)
  const attributes = new Map<string, string>()
  while (html[r.at] !== '>') {
    while (isSpace(html[r.at])) r.at += 1
    if (html[r.at] === '>') break
    const nameAt = r.at
    while (r.at < html.length && !isSpace(html[r.at]) && !'=>/"\''.includes(html[r.at] ?? '')) r.at += 1
    const attribute = html.slice(nameAt, r.at)
    if (attribute === '') throw new SyntaxError(`Empty attribute name in the tag "${name}" ${where()}`)
    while (isSpace(html[r.at])) r.at += 1
    if (r.at >= html.length) throw new SyntaxError(`Unclosed start tag "${name}" ${where()}`)
    attributes.set(attribute, html[r.at] === '=' ? readValue(r, tagAt, name) : '')
  }
  r.at += 1
  if (name === 'span' && attributes.get('class') !== 'tg-spoiler') {
    throw new SyntaxError(`Tag "span" must have class "tg-spoiler" ${where()}`)
  }
  return { name, attributes }
}

/** Reads an end tag and checks that it closes `open`. */
const readEndTag = (r: Reader, open: StartTag | undefined): void => {
  const { html } = r
  const tagAt = r.at
  const where = () => `at byte offset ${byteOffset(html, tagAt)}`
  if (!open) throw new SyntaxError(`Unexpected end tag ${where()}`)
  r.at += 2
  while (r.at < html.length && !isSpace(html[r.at]) && html[r.at] !== '>') r.at += 1
  const name = html.slice(tagAt + 2, r.at).toLowerCase()
  while (isSpace(html[r.at])) r.at += 1
  if (html[r.at] !== '>') throw new SyntaxError(`Unclosed end tag ${where()}`)
  r.at += 1
  if (name !== '' && name !== open.name) {
    throw new SyntaxError(`Unmatched end tag ${where()}, expected "</${open.name}>", found "</${name}>"`)
  }
}

/**
 * Parses a text as the Bot API parses `parse_mode: HTML`: the same tags, the same four named entities, the same
 * tolerance (a bare `&`, `>`, an unknown entity) and the same complaints, taken from the parser of Telegram's own
 * server. Total.
 */
export const parseTelegramHtml = (html: string): ParsedHtml => {
  const r: Reader = { html, at: 0, unknownEntities: [] }
  const open: { readonly tag: StartTag; readonly from: number }[] = []
  const links: string[] = []
  const emojiIds: string[] = []
  let text = ''
  try {
    while (r.at < html.length) {
      const c = html[r.at]
      if (c === '&') text += readEntity(r)
      else if (c !== '<') {
        text += c
        r.at += 1
      } else if (html[r.at + 1] === '/') {
        const last = open.at(-1)
        readEndTag(r, last?.tag)
        open.pop()
        if (last?.tag.name === 'a') links.push(last.tag.attributes.get('href') || text.slice(last.from))
        if (last?.tag.name === 'tg-emoji' && text.length > last.from) {
          const id = last.tag.attributes.get('emoji-id') ?? ''
          if (!/^\d{1,19}$/u.test(id) || /^0+$/u.test(id))
            throw new SyntaxError('Invalid custom emoji identifier specified')
          emojiIds.push(id)
        }
      } else open.push({ tag: readStartTag(r), from: text.length })
    }
    const left = open.at(-1)
    if (left) throw new SyntaxError(`Can't find end tag corresponding to start tag "${left.tag.name}"`)
  } catch (fault) {
    if (fault instanceof SyntaxError) return { ok: false, message: fault.message }
    throw fault
  }
  if (!text.isWellFormed())
    return {
      ok: false,
      message:
        'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
    }
  return { ok: true, text, links, emojiIds, unknownEntities: r.unknownEntities }
}

/** Text between tags: a name with the three characters that Telegram's HTML reads as markup stays a name. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** As Telegram counts: UTF-16 units of what is seen; of a text that it would refuse, all of them. */
export const visibleLength = (html: string): number => {
  const parsed = parseTelegramHtml(html)
  return parsed.ok ? parsed.text.length : html.length
}
