import type { MessageEntity } from '@grammyjs/types'
import { parseHtml } from '#simulator/bot-api/entities/parse-html.ts'
import { parseMarkdownV2 } from '#simulator/bot-api/entities/parse-markdown-v2.ts'
import { parseMarkdown } from '#simulator/bot-api/entities/parse-markdown.ts'
import type { ParsedText, RawEntity } from '#simulator/bot-api/entities/parsed.ts'
import { parseError } from '#simulator/bot-api/entities/scan.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { detectEntities } from '#simulator/world/detect-entities.ts'
import type { World } from '#simulator/world/types.ts'

export type FormattedText = { readonly text: string; readonly entities: MessageEntity[] }

/** Code points a text and a caption may have, after entities are taken out. */
export const MAX_TEXT = 4096
export const MAX_CAPTION = 1024
const MAX_SOURCE_BYTES = 32_768
/** Without any of these a text is the same in HTML and Markdown as without a mode. */
const PLAIN = /[<&*_`[\]\\]/

/**
 * Reads a text with its formatting as Telegram stores it: parsed, trimmed, with commands and links found.
 * Throws 400 for an unknown mode, a parse error, or a text that is longer than its source may be.
 */
export function readFormattedText(
  world: World,
  source: string,
  parseMode: string | undefined,
  given: readonly MessageEntity[] | undefined,
): FormattedText {
  if (source.length > MAX_SOURCE_BYTES / 4 && Buffer.byteLength(source) > MAX_SOURCE_BYTES) {
    throw badRequest('Text is too long')
  }
  if (!source.isWellFormed()) throw badRequest('Strings must be encoded in UTF-8')
  const parsed = parse(source, parseMode)
  const entities = parsed ? parsed.entities.flatMap((raw) => present(world, raw)) : checkEntities(source, given ?? [])
  const trimmed = trim(parsed?.text ?? source, entities)
  return { text: trimmed.text, entities: detectEntities(trimmed.text, trimmed.entities) }
}

function parse(source: string, parseMode: string | undefined): ParsedText | null {
  if (parseMode === undefined || parseMode === '') return null
  switch (parseMode.toLowerCase()) {
    case 'html':
      return PLAIN.test(source) ? parseHtml(source) : { text: source, entities: [] }
    case 'markdownv2':
      return parseMarkdownV2(source)
    case 'markdown':
      return PLAIN.test(source) ? parseMarkdown(source) : { text: source, entities: [] }
    case 'none':
      return null
    default:
      throw badRequest('Unsupported parse_mode')
  }
}

/** Entities of a request: inside the text, on whole characters. */
function checkEntities(text: string, given: readonly MessageEntity[]): MessageEntity[] {
  for (const { offset, length } of given) {
    if (offset < 0 || offset > text.length) {
      throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`)
    }
    if (length < 0 || offset + length > text.length) {
      throw badRequest(
        `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${offset + length}`,
      )
    }
    if (isInsidePair(text, offset) || isInsidePair(text, offset + length)) {
      const where = isInsidePair(text, offset) ? 'begins' : 'ends'
      const at = Buffer.byteLength(text.slice(0, offset))
      throw badRequest(
        where === 'begins'
          ? `entity begins in a middle of a UTF-16 symbol at byte offset ${at}`
          : `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at UTF-16 offset ${offset + length}`,
      )
    }
  }
  return given.filter(({ length }) => length > 0).map((entity) => ({ ...entity }))
}

function isInsidePair(text: string, offset: number): boolean {
  const unit = text.charCodeAt(offset)
  const before = text.charCodeAt(offset - 1)
  return unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff
}

/** A mention of a person the simulator does not know is dropped, as Telegram drops it. */
function present(world: World, raw: RawEntity): MessageEntity[] {
  const { offset, length } = raw
  switch (raw.type) {
    case 'text_mention': {
      const user = raw.userId === undefined ? undefined : world.users.get(raw.userId)
      return user ? [{ type: 'text_mention', offset, length, user: user.view }] : []
    }
    case 'text_link':
      return [{ type: 'text_link', offset, length, url: raw.argument ?? '' }]
    case 'custom_emoji':
      return [{ type: 'custom_emoji', offset, length, custom_emoji_id: raw.argument ?? '' }]
    case 'pre':
      return [raw.argument ? { type: 'pre', offset, length, language: raw.argument } : { type: 'pre', offset, length }]
    case 'date_time':
      return [
        { type: 'date_time', offset, length, unix_time: raw.unixTime ?? 0, date_time_format: dateFormat(raw.argument) },
      ]
    default:
      return [{ type: raw.type, offset, length }]
  }
}

function dateFormat(argument = ''): MessageEntity.DateTimeMessageEntity['date_time_format'] {
  if (!/^(r|w?[dD]?[tT]?)$/.test(argument)) throw parseError('Invalid date-time format specified')
  return argument as MessageEntity.DateTimeMessageEntity['date_time_format']
}

/** White space around a text is not sent; entities are cut to what is left. */
function trim(text: string, entities: readonly MessageEntity[]): FormattedText {
  const end = text.trimEnd().length
  const start = text.length - text.trimStart().length
  if (start === 0 && end === text.length) return { text, entities: [...entities] }
  if (end <= start) return { text: '', entities: [] }
  const kept = entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start)
    const to = Math.min(entity.offset + entity.length, end)
    return to > from ? [{ ...entity, offset: from - start, length: to - from }] : []
  })
  return { text: text.slice(start, end), entities: kept }
}

/** Whether a text has more code points than allowed; counts only when UTF-16 units alone do not settle it. */
export function isLongerThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false
  let count = 0
  for (const _ of text) count += 1
  return count > limit
}
