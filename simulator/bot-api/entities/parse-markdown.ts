import { type ParsedText, type RawEntity, sortEntities } from '#simulator/bot-api/entities/parsed.ts'
import { byteOffset, checkLink, isSpace, parseError, userIdOfLink } from '#simulator/bot-api/entities/scan.ts'

/** Parses the old Markdown mode (td MessageEntity.cpp parse_markdown): no nesting, four markers. */
export function parseMarkdown(source: string): ParsedText {
  const entities: RawEntity[] = []
  let text = ''
  let index = 0
  while (index < source.length) {
    const character = source.charAt(index)
    if (character === '\\' && '_*`['.includes(source.charAt(index + 1)) && index + 1 < source.length) {
      text += source.charAt(index + 1)
      index += 2
    } else if ('_*`['.includes(character)) {
      const read = readEntity(source, index, text.length)
      text += read.text
      if (read.entity) entities.push(read.entity)
      index = read.end
    } else {
      text += character
      index += 1
    }
  }
  return { text, entities: sortEntities(entities) }
}

type Read = { readonly text: string; readonly entity: RawEntity | null; readonly end: number }

function readEntity(source: string, begin: number, offset: number): Read {
  const character = source.charAt(begin)
  const isPre = source.startsWith('```', begin)
  let start = begin + (isPre ? 3 : 1)
  let language = ''
  if (isPre) {
    let end = start
    while (!isSpace(source.charAt(end)) && source.charAt(end) !== '`') end += 1
    if (end !== start && end < source.length && source.charAt(end) !== '`') {
      language = source.slice(start, end)
      start = end
    }
    const pair = source.slice(start, start + 2)
    if (pair === '\r\n' || pair === '\n\r') start += 2
    else if (pair.startsWith('\n') || pair.startsWith('\r')) start += 1
  }
  const closing = isPre ? '```' : character === '[' ? ']' : character
  const end = source.indexOf(closing, start)
  if (end < 0) {
    throw parseError(`Can't find end of the entity starting at byte offset ${byteOffset(source, begin)}`)
  }
  const text = source.slice(start, end)
  const range = { offset, length: text.length }
  if (character === '[') return readLink(source, end, text, range)
  const entity: RawEntity | null =
    text === ''
      ? null
      : character === '`'
        ? { type: isPre ? 'pre' : 'code', argument: language === '' ? undefined : language, ...range }
        : { type: character === '*' ? 'bold' : 'italic', ...range }
  return { text, entity, end: end + closing.length }
}

function readLink(source: string, end: number, text: string, range: { offset: number; length: number }): Read {
  let target = text
  let after = end + 1
  if (source.charAt(after) === '(') {
    const close = source.indexOf(')', after)
    target = source.slice(after + 1, close < 0 ? source.length : close)
    after = close < 0 ? source.length : close + 1
  }
  const userId = userIdOfLink(target)
  const url = userId === null ? checkLink(target) : null
  if (text === '' || (userId === null && url === null)) return { text, entity: null, end: after }
  const entity: RawEntity =
    userId === null ? { type: 'text_link', argument: url ?? '', ...range } : { type: 'text_mention', userId, ...range }
  return { text, entity, end: after }
}
