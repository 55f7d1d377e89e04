import { RE2JS, RE2JSException } from 're2js'

import { invalid } from '#server/base/errors.ts'
import { foldText } from '#server/modules/contacts/index.ts'

/** A text as rules look at it: folded once, however many rules there are. */
export interface FoldedText {
  readonly raw: string
  readonly folded: string
  /** Folded words, each between spaces. */
  readonly words: string
}

export type TextMatch = (text: FoldedText) => boolean

/** Telegram's longest message; what is beyond is somebody's invention. */
const TEXT_MAX = 4_096

const wordsOf = (folded: string): string =>
  ` ${folded
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ')} `

export const foldForMatch = (text: string): FoldedText => {
  const raw = text.slice(0, TEXT_MAX)
  const folded = foldText(raw)
  return { raw, folded, words: wordsOf(folded) }
}

/** Whole words and phrases, `any` or `all` of them. Errors: `invalid/rule_keyword_empty`. */
export const compileKeywords = (words: readonly string[], match: 'any' | 'all'): TextMatch => {
  const needles = words.map((written, i) => {
    const isOpen = written.endsWith('*')
    const needle = wordsOf(foldText(isOpen ? written.slice(0, -1) : written))
    if (needle.trim() === '') throw invalid('rule_keyword_empty', `trigger.words[${i}]`)
    return isOpen ? needle.trimEnd() : needle
  })
  return match === 'any'
    ? ({ words: given }) => needles.some((needle) => given.includes(needle))
    : ({ words: given }) => needles.every((needle) => given.includes(needle))
}

/** Steps of a compiled expression: with the longest text, a fraction of a millisecond. */
const PROGRAM_MAX = 2_000

/** The engine's words for what is wrong, and ours. What is not named here is `rule_regex`. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/missing closing \)|unexpected \)/, 'rule_regex_parentheses'],
  [/missing closing \]|character class/, 'rule_regex_class'],
  [/repeat count/, 'rule_regex_count'],
  [/repetition/, 'rule_regex_repetition'],
  [/escape/, 'rule_regex_escape'],
  [/Perl syntax|named capture/, 'rule_regex_unsupported'],
]

/**
 * A regular expression that takes time in proportion to the text, whatever it says: no looking around, no references
 * back. Without case it is also tried on the folded text, so that `istanbul` finds İSTANBUL. Errors: `invalid` with
 * `rule_regex_…` naming what is wrong, `rule_regex_large`.
 */
export const compileRegex = (pattern: string, ignoreCase: boolean): TextMatch => {
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const code = FAULTS.find(([fault]) => fault.test(error.message))?.[1] ?? 'rule_regex'
    throw invalid(code, 'trigger.pattern')
  }
  const size = compiled.programSize()
  if (size > PROGRAM_MAX) throw invalid('rule_regex_large', 'trigger.pattern', { size, max: PROGRAM_MAX })
  return ({ raw, folded }) => compiled.test(raw) || (ignoreCase && folded !== raw && compiled.test(folded))
}

const COMMAND = /^\s*\/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s|$)/

/** The text begins with this command, with or without a bot's name. */
export const compileCommand =
  (command: string): TextMatch =>
  ({ raw }) =>
    COMMAND.exec(raw)?.[1]?.toLowerCase() === command
