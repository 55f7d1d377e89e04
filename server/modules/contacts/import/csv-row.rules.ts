import { parseInstant } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import { zoneOffsetMs } from '#server/base/local-time.ts'

import { cleanText, isOfficialPerson, isTelegramUserId, parseUsername } from '../contact.rules.ts'
import { foldText } from '../text.rules.ts'
import { checkTags } from '../tag.rules.ts'
import type { ColumnUse, CsvField } from './csv-layout.rules.ts'
import { instantOfWallTime, isPlausibleInstant } from './import.rules.ts'

/** A person as a row of a file tells. Instants are epoch ms. */
export interface ImportedPerson {
  readonly telegramId: number | null
  readonly username: string | null
  readonly firstName: string
  readonly lastName: string
  readonly languageCode: string | null
  readonly timeZone: string | null
  readonly isPremium: boolean
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  readonly firstSeenAt: number | null
  readonly lastSeenAt: number | null
}

/** Why a row cannot be imported. The value is shortened, for the file of errors. */
export interface RowFault {
  readonly reason:
    | 'identity_missing'
    | 'telegram_id_invalid'
    | 'username_invalid'
    | 'official_account'
    | 'bot_account'
    | 'too_long'
    | 'language_invalid'
    | 'time_zone_unknown'
    | 'yes_or_no_expected'
    | 'date_invalid'
    | 'date_implausible'
    | 'tags_invalid'
    | 'too_many_cells'
  readonly field: string
  readonly value: string
}

class Fault extends Error {
  readonly fault: RowFault
  constructor(reason: RowFault['reason'], field: string, value: string) {
    super(reason)
    this.fault = { reason, field, value: value.slice(0, 80) }
  }
}

const NAME_MAX = 255
const ATTRIBUTE_MAX = 1_000
const YES = new Set(['1', 'true', 'yes', 'y', 'evet', 'e', 'var', 'x'])
const NO = new Set(['', '0', 'false', 'no', 'n', 'hayir', 'h', 'yok'])

const parseTelegramId = (text: string): number | null => {
  if (text === '') return null
  // Spreadsheets write long numbers as 1.234567E+9, which has lost its end: refused rather than guessed.
  const id = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!isTelegramUserId(id)) throw new Fault('telegram_id_invalid', 'telegramId', text)
  return id
}

const parseName = (text: string, field: CsvField): string => {
  if (text.length > NAME_MAX) throw new Fault('too_long', field, text)
  return cleanText(text, NAME_MAX)
}

/** Dates as people and programs write them; a date without a zone is one of the tenant's. */
const parseDate = (text: string, field: CsvField, facts: RowFacts): number | null => {
  if (text === '') return null
  const at = readDate(text, facts.timeZone)
  if (at === null) throw new Fault('date_invalid', field, text)
  if (!isPlausibleInstant(at, facts.now)) throw new Fault('date_implausible', field, text)
  return at
}

const readDate = (text: string, timeZone: string): number | null => {
  if (/^\d{9,10}$/.test(text)) return Number(text) * 1_000
  if (/^\d{12,13}$/.test(text)) return Number(text)
  const instant = parseInstant(text)
  if (instant !== null) return instant
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/.exec(text)
  const turkish = /^(\d{1,2})[./](\d{1,2})[./](\d{4})(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text)
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : turkish ? [turkish[3], turkish[2], turkish[1]] : []
  const [hour = 0, minute = 0, second = 0] = (iso ?? turkish)?.slice(4).map((part) => Number(part ?? 0)) ?? []
  const [m, d] = [Number(month), Number(day)]
  if (!(m >= 1 && m <= 12 && d >= 1 && d <= daysIn(Number(year), m))) return null
  if (hour > 23 || minute > 59 || second > 59) return null
  const two = (n: number) => String(n).padStart(2, '0')
  const wall = parseInstant(`${year}-${two(m)}-${two(d)}T${two(hour)}:${two(minute)}:${two(second)}Z`)
  return wall === null ? null : instantOfWallTime(wall, timeZone)
}

const daysIn = (year: number, month: number): number => {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

const parseZone = (text: string): string | null => {
  if (text === '') return null
  try {
    zoneOffsetMs(0, text)
    return text
  } catch {
    throw new Fault('time_zone_unknown', 'timeZone', text)
  }
}

const parseFlag = (text: string, field: CsvField): boolean => {
  const word = foldText(text)
  if (YES.has(word)) return true
  if (NO.has(word)) return false
  throw new Fault('yes_or_no_expected', field, text)
}

const parseTags = (text: string): string[] => {
  try {
    return checkTags(text.split(/[,;|]/).filter((tag) => tag.trim() !== ''))
  } catch (error) {
    if (error instanceof AppError) throw new Fault('tags_invalid', 'tags', text)
    throw error
  }
}

const splitName = (name: string): readonly [string, string] => {
  const cut = name.lastIndexOf(' ')
  return cut < 0 ? [name, ''] : [name.slice(0, cut).trim(), name.slice(cut + 1)]
}

/** What a row is read with: now (epoch ms), and the zone of dates that name none. */
export interface RowFacts {
  readonly now: number
  readonly timeZone: string
}

const read = (cells: readonly string[], layout: readonly ColumnUse[], facts: RowFacts): ImportedPerson => {
  const values: Partial<Record<CsvField, string>> = {}
  const attributes: Record<string, string> = {}
  for (const [i, cell] of cells.entries()) {
    const use = layout[i]
    const text = cell.trim()
    if (use === undefined && text !== '') throw new Fault('too_many_cells', `column ${i + 1}`, text)
    if (!use) continue
    if ('field' in use) values[use.field] = text
    else if (text.length > ATTRIBUTE_MAX) throw new Fault('too_long', use.attribute, text)
    else if (text !== '') attributes[use.attribute] = cleanText(text, ATTRIBUTE_MAX)
  }
  const value = (field: CsvField) => values[field] ?? ''
  const telegramId = parseTelegramId(value('telegramId'))
  const username = value('username') === '' ? null : parseUsername(value('username'))
  if (username === null && value('username') !== '') throw new Fault('username_invalid', 'username', value('username'))
  if (telegramId === null && username === null) throw new Fault('identity_missing', 'telegramId', '')
  if (isOfficialPerson({ telegramId: telegramId ?? 0, username: username ?? undefined })) {
    throw new Fault('official_account', 'telegramId', value('telegramId') || value('username'))
  }
  // Telegram gives names that end in "bot" to bots alone.
  if (username !== null && /bot$/i.test(username)) throw new Fault('bot_account', 'username', username)
  const language = value('languageCode').toLowerCase()
  if (!/^(?:[a-z]{2,3}(?:[-_][a-z0-9]{2,8})?)?$/.test(language))
    throw new Fault('language_invalid', 'languageCode', language)
  const [first, last] = splitName(parseName(value('fullName'), 'fullName'))
  return {
    telegramId,
    username,
    firstName: parseName(value('firstName'), 'firstName') || first,
    lastName: parseName(value('lastName'), 'lastName') || (value('firstName') === '' ? last : ''),
    languageCode: language || null,
    timeZone: parseZone(value('timeZone')),
    isPremium: parseFlag(value('isPremium'), 'isPremium'),
    tags: parseTags(value('tags')),
    attributes,
    firstSeenAt: parseDate(value('firstSeenAt'), 'firstSeenAt', facts),
    lastSeenAt: parseDate(value('lastSeenAt'), 'lastSeenAt', facts),
  }
}

/** A row of a file as a person, or why it is none. */
export const readRow = (
  cells: readonly string[],
  layout: readonly ColumnUse[],
  facts: RowFacts,
): { readonly person: ImportedPerson } | { readonly fault: RowFault } => {
  try {
    return { person: read(cells, layout, facts) }
  } catch (error) {
    if (error instanceof Fault) return { fault: error.fault }
    throw error
  }
}
