import { foldText } from '#server/modules/contacts/index.ts'

import type { SpamParameters } from './spam-level.rules.ts'
import listed from './spam-words.json' with { type: 'json' }

export const SPAM_PATTERNS = ['burst', 'repeated_character', 'many_emoji', 'banned_link'] as const
export type SpamPattern = (typeof SPAM_PATTERNS)[number]

/** One pattern seen in one message. */
export interface SpamSign {
  readonly pattern: SpamPattern
  /** Messages in the window, characters in the run, emoji; 1 for a banned word beside a link. */
  readonly measure: number
}

/** Telegram's longest message; a longer text is cut, so that no update costs more than another. */
const TEXT_MAX = 4_096

const wordsIn = (text: string): string =>
  foldText(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)

const phrase = (written: string): string => {
  const isOpen = written.endsWith('*')
  return `${escape(wordsIn(written.replace(/\*$/, '')))}${isOpen ? String.raw`[\p{L}\p{N}]*` : ''}`
}

const compile = (words: readonly string[]): RegExp | null =>
  words.length === 0 ? null : new RegExp(` (?:${words.map(phrase).join('|')}) `, 'u')

/** Phrases in two languages, edited in spam-words.json: a trailing `*` stands for any ending, as Turkish words have. */
const BANNED = compile([...listed.tr, ...listed.en])

const LINK =
  /https?:\/\/|\bwww\.|\bt\.me\/|\btelegram\.me\/|\b[a-z0-9-]+\.(?:com|net|org|info|biz|xyz|top|io|me|co|shop|site|club|online|vip|bet|tr|ru)\b/i
/** Most texts have none, and this is told at a hundredth of the cost. */
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u
const EMOJI = /\p{RGI_Emoji}|\p{Extended_Pictographic}/gv

/** Characters that only colour the one before them, and addresses, which repeat as they must. */
const UNCOUNTED = /[\uFE0E\uFE0F]|\bhttps?:\/\/\S+|\bwww\.\S*/gi

const longestRun = (text: string): number => {
  let longest = 0
  let run = 0
  let before = ''
  for (const character of text.replace(UNCOUNTED, '').toLocaleLowerCase('tr')) {
    run = character === before ? run + 1 : 1
    before = character
    // Blanks align, and zeros make a price.
    if (run > longest && !/[\s\p{N}]/u.test(character)) longest = run
  }
  return longest
}

/** Compiles a tenant's own words once for many texts. */
export const bannedWords = (own: readonly string[]): ((text: string) => boolean) => {
  const ownWords = compile(own)
  return (text) => {
    const words = ` ${wordsIn(text)} `
    return BANNED?.test(words) === true || ownWords?.test(words) === true
  }
}

/**
 * The patterns of one text: the same character in a row, many emoji, a banned word beside a link. Capitals, accents and
 * the four Turkish letters of i hide nothing. `hasLink` tells of links that are not written out. Pure and total.
 */
export const signsOf = (
  given: string,
  hasLink: boolean,
  parameters: SpamParameters,
  isBanned: (text: string) => boolean,
): readonly SpamSign[] => {
  const text = given.slice(0, TEXT_MAX)
  const signs: SpamSign[] = []
  const run = longestRun(text)
  if (run >= parameters.repeatedCharacters) signs.push({ pattern: 'repeated_character', measure: run })
  const emoji = PICTURE.test(text) ? (text.match(EMOJI)?.length ?? 0) : 0
  if (emoji > parameters.emojiMax) signs.push({ pattern: 'many_emoji', measure: emoji })
  if ((hasLink || LINK.test(text)) && isBanned(text)) signs.push({ pattern: 'banned_link', measure: 1 })
  return signs
}
