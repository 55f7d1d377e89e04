import { type ParsedText, type RawEntity, sortEntities } from '#simulator/bot-api/entities/parsed.ts'
import {
  byteOffset,
  checkLink,
  decodeHtmlEntity,
  isSpace,
  parseError,
  userIdOfLink,
} from '#simulator/bot-api/entities/scan.ts'

type OpenTag = {
  readonly name: string
  readonly argument: string
  readonly unixTime: number
  /** UTF-16 offset in the result. */
  readonly offset: number
}

const SIMPLE: Readonly<Record<string, RawEntity['type']>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  u: 'underline',
  ins: 'underline',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
}

const TAGS = new Set([...Object.keys(SIMPLE), 'a', 'tg-emoji', 'tg-time', 'pre', 'code', 'blockquote'])

/** Parses Telegram's HTML (td MessageEntity.cpp parse_html). Throws 400 `can't parse entities: …` with byte offsets. */
export function parseHtml(source: string): ParsedText {
  const entities: RawEntity[] = []
  const open: OpenTag[] = []
  let text = ''
  let index = 0
  while (index < source.length) {
    const character = source.charAt(index)
    if (character === '&') {
      const decoded = decodeHtmlEntity(source, index)
      text += decoded ? decoded.value : '&'
      index = decoded ? decoded.end : index + 1
    } else if (character !== '<') {
      text += character
      index += 1
    } else if (source.charAt(index + 1) === '/') {
      index = closeTag(source, index, text, open, entities)
    } else {
      const tag = openTag(source, index, text.length)
      open.push(tag.tag)
      index = tag.end
    }
  }
  const last = open.at(-1)
  if (last) throw parseError(`Can't find end tag corresponding to start tag "${last.name}"`)
  if (!text.isWellFormed()) {
    throw parseError(
      'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
    )
  }
  return { text, entities: sortEntities(entities) }
}

function openTag(source: string, begin: number, offset: number): { readonly tag: OpenTag; readonly end: number } {
  let index = begin + 1
  while (!isSpace(source.charAt(index)) && source.charAt(index) !== '>') index += 1
  if (index >= source.length) throw parseError(`Unclosed start tag at byte offset ${byteOffset(source, begin)}`)
  const name = source.slice(begin + 1, index).toLowerCase()
  if (!TAGS.has(name)) {
    throw parseError(`Unsupported start tag "${name}" at byte offset ${byteOffset(source, begin)}`)
  }
  let argument = ''
  let unixTime = 0
  while (source.charAt(index) !== '>') {
    const attribute = readAttribute(source, index, begin, name)
    index = attribute.end
    const { key, value } = attribute
    if (key === '') break
    if (name === 'a' && key === 'href') argument = value
    else if (name === 'code' && key === 'class' && value.startsWith('language-')) argument = value.slice(9)
    else if (name === 'span' && key === 'class' && value.startsWith('tg-')) argument = value.slice(3)
    else if (name === 'tg-emoji' && key === 'emoji-id') argument = value
    else if (name === 'blockquote' && key === 'expandable') argument = '1'
    else if (name === 'tg-time' && key === 'unix') unixTime = Number.parseInt(value, 10) || 0
    else if (name === 'tg-time' && key === 'format') argument = value
  }
  if (name === 'span' && argument !== 'spoiler') {
    throw parseError(`Tag "span" must have class "tg-spoiler" at byte offset ${byteOffset(source, begin)}`)
  }
  return { tag: { name, argument, unixTime, offset }, end: index + 1 }
}

type Attribute = { readonly key: string; readonly value: string; readonly end: number }

/** One attribute, from `start`; an empty key means the tag ended. */
function readAttribute(source: string, start: number, begin: number, tag: string): Attribute {
  const at = (position: number): string => source.charAt(position)
  let index = skipSpace(source, start)
  if (at(index) === '>') return { key: '', value: '', end: index }
  const keyStart = index
  while (!isSpace(at(index)) && !'=>/"\''.includes(at(index))) index += 1
  const key = source.slice(keyStart, index)
  if (key === '') {
    throw parseError(`Empty attribute name in the tag "${tag}" at byte offset ${byteOffset(source, begin)}`)
  }
  index = skipSpace(source, index)
  const unclosed = (): Error => parseError(`Unclosed start tag "${tag}" at byte offset ${byteOffset(source, begin)}`)
  if (at(index) !== '=') {
    if (index >= source.length) throw unclosed()
    return { key, value: '', end: index }
  }
  index = skipSpace(source, index + 1)
  if (index >= source.length) throw unclosed()
  const value = at(index) === "'" || at(index) === '"' ? readQuoted(source, index) : readToken(source, index)
  if (value.end >= source.length) throw parseError(`Unclosed start tag at byte offset ${byteOffset(source, begin)}`)
  return { key, value: value.text, end: value.end }
}

function readToken(source: string, start: number): { readonly text: string; readonly end: number } {
  let index = start
  while (/[A-Za-z0-9.-]/.test(source.charAt(index))) index += 1
  if (!isSpace(source.charAt(index)) && source.charAt(index) !== '>') {
    throw parseError(`Unexpected end of name token at byte offset ${byteOffset(source, start)}`)
  }
  return { text: source.slice(start, index).toLowerCase(), end: index }
}

function readQuoted(source: string, start: number): { readonly text: string; readonly end: number } {
  const quote = source.charAt(start)
  let text = ''
  let index = start + 1
  while (index < source.length && source.charAt(index) !== quote) {
    const decoded = source.charAt(index) === '&' ? decodeHtmlEntity(source, index) : null
    text += decoded ? decoded.value : source.charAt(index)
    index = decoded ? decoded.end : index + 1
  }
  return { text, end: Math.min(index + 1, source.length) }
}

function skipSpace(source: string, start: number): number {
  let index = start
  while (index < source.length && isSpace(source.charAt(index))) index += 1
  return index
}

function closeTag(source: string, begin: number, text: string, open: OpenTag[], entities: RawEntity[]): number {
  const tag = open.at(-1)
  if (!tag) throw parseError(`Unexpected end tag at byte offset ${byteOffset(source, begin)}`)
  let index = begin + 2
  while (!isSpace(source.charAt(index)) && source.charAt(index) !== '>') index += 1
  const name = source.slice(begin + 2, index).toLowerCase()
  index = skipSpace(source, index)
  if (source.charAt(index) !== '>') {
    throw parseError(`Unclosed end tag at byte offset ${byteOffset(source, begin)}`)
  }
  if (name !== '' && name !== tag.name) {
    const where = byteOffset(source, begin)
    throw parseError(`Unmatched end tag at byte offset ${where}, expected "</${tag.name}>", found "</${name}>"`)
  }
  if (text.length > tag.offset) addEntity(tag, text, entities)
  open.pop()
  return index + 1
}

function addEntity(tag: OpenTag, text: string, entities: RawEntity[]): void {
  const range = { offset: tag.offset, length: text.length - tag.offset }
  const simple = SIMPLE[tag.name]
  if (simple) entities.push({ type: simple, ...range })
  else if (tag.name === 'blockquote') {
    entities.push({ type: tag.argument === '' ? 'blockquote' : 'expandable_blockquote', ...range })
  } else if (tag.name === 'tg-emoji') {
    if (!/^[1-9]\d*$/.test(tag.argument)) throw parseError('Invalid custom emoji identifier specified')
    entities.push({ type: 'custom_emoji', argument: tag.argument, ...range })
  } else if (tag.name === 'tg-time') {
    if (tag.unixTime > 0) entities.push({ type: 'date_time', unixTime: tag.unixTime, argument: tag.argument, ...range })
  } else if (tag.name === 'a') addLink(tag, text.slice(tag.offset), range, entities)
  else addCode(tag, range, entities)
}

type Range = { readonly offset: number; readonly length: number }

function addLink(tag: OpenTag, label: string, range: Range, entities: RawEntity[]): void {
  const target = tag.argument === '' ? label : tag.argument
  const userId = userIdOfLink(target)
  if (userId !== null) {
    entities.push({ type: 'text_mention', userId, ...range })
    return
  }
  const url = checkLink(target)
  if (url !== null) entities.push({ type: 'text_link', argument: url, ...range })
}

/** `pre` around or inside a `code` with a language makes one block of code in that language. */
function addCode(tag: OpenTag, range: Range, entities: RawEntity[]): void {
  const last = entities.at(-1)
  const isSame = last?.offset === range.offset && last.length === range.length
  if (tag.name === 'pre' && last && isSame && last.type === 'code' && last.argument) last.type = 'pre'
  else if (tag.name === 'code' && last && isSame && last.type === 'pre' && tag.argument !== '') {
    last.argument = tag.argument
  } else if (tag.name === 'pre') entities.push({ type: 'pre', ...range })
  else entities.push({ type: 'code', argument: tag.argument === '' ? undefined : tag.argument, ...range })
}
