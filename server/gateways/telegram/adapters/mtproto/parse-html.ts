import { Long, type tl } from '@mtcute/core'

type Entity = tl.TypeMessageEntity
type Attributes = Readonly<Record<string, string>>
type Make = (offset: number, length: number, attributes: Attributes) => Entity | null

const bold: Make = (offset, length) => ({ _: 'messageEntityBold', offset, length })
const italic: Make = (offset, length) => ({ _: 'messageEntityItalic', offset, length })
const underline: Make = (offset, length) => ({ _: 'messageEntityUnderline', offset, length })
const strike: Make = (offset, length) => ({ _: 'messageEntityStrike', offset, length })
const spoiler: Make = (offset, length) => ({ _: 'messageEntitySpoiler', offset, length })

/** Tags of Telegram's HTML (core.telegram.org/bots/api#html-style), and what each becomes. */
const TAGS: Readonly<Record<string, Make>> = {
  b: bold,
  strong: bold,
  i: italic,
  em: italic,
  u: underline,
  ins: underline,
  s: strike,
  strike,
  del: strike,
  'tg-spoiler': spoiler,
  span: (offset, length, { class: name }) => (name === 'tg-spoiler' ? spoiler(offset, length, {}) : null),
  code: (offset, length) => ({ _: 'messageEntityCode', offset, length }),
  pre: (offset, length) => ({ _: 'messageEntityPre', offset, length, language: '' }),
  blockquote: (offset, length, attributes) => ({
    _: 'messageEntityBlockquote',
    offset,
    length,
    ...('expandable' in attributes && { collapsed: true }),
  }),
  a: (offset, length, { href = '' }) => (href === '' ? null : { _: 'messageEntityTextUrl', offset, length, url: href }),
  'tg-emoji': (offset, length, attributes) => {
    const id = attributes['emoji-id'] ?? ''
    return /^\d+$/.test(id) ? { _: 'messageEntityCustomEmoji', offset, length, documentId: Long.fromString(id) } : null
  },
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

const decode = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(lt|gt|amp|quot));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return NAMED[name.toLowerCase()] ?? whole
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })

const readAttributes = (source: string): Attributes =>
  Object.fromEntries(
    [...source.matchAll(/([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi)].map(
      ([, name = '', quoted, single, bare]) => [name.toLowerCase(), decode(quoted ?? single ?? bare ?? '')],
    ),
  )

/**
 * Telegram's HTML as text with entities, since a person's client is given no markup to parse. Null where the Bot API
 * would refuse: unknown tags, and tags opened and closed out of order. Offsets are UTF-16 units.
 */
export const parseHtml = (html: string): { readonly text: string; readonly entities: Entity[] } | null => {
  const open: { readonly name: string; readonly offset: number; readonly attributes: Attributes }[] = []
  const entities: Entity[] = []
  let text = ''
  let position = 0
  for (const match of html.matchAll(/<(\/?)([a-z-]*)((?:"[^"]*"|'[^']*'|[^"'>])*)(>?)/gi)) {
    const [whole, slash = '', given = '', rest = '', end = ''] = match
    const name = given.toLowerCase()
    if (end === '' || !Object.hasOwn(TAGS, name)) return null
    text += decode(html.slice(position, match.index))
    position = match.index + whole.length
    if (slash === '') {
      open.push({ name, offset: text.length, attributes: readAttributes(rest) })
      continue
    }
    const tag = open.pop()
    if (tag?.name !== name) return null
    const entity = TAGS[name]?.(tag.offset, text.length - tag.offset, tag.attributes)
    if (entity && entity.length > 0) entities.push(entity)
  }
  if (open.length > 0) return null
  text += decode(html.slice(position))
  return { text, entities: entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length) }
}
