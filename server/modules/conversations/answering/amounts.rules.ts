import { foldText } from '#server/modules/contacts/index.ts'

import data from './number-words.json' with { type: 'json' }
import { plainDigits } from './plain-digits.rules.ts'

/** A number of a text, with what stands around it. */
export interface FoundNumber {
  /** In the units that are written; null where its separators say nothing. */
  readonly value: number | null
  /** Currencies it may be in; empty for a bare number. `coins` for hundredths of any. */
  readonly currencies: readonly string[]
  readonly isPercentage: boolean
  /** The word that follows it, folded; empty at an end. */
  readonly unit: string
  /** Where it stands in the plain text. */
  readonly at: number
}

const escapePattern = (text: string): string => text.replace(/[.+*?^$()[\]{}|\\]/gu, String.raw`\$&`)
const longestFirst = (words: readonly string[]): readonly string[] => words.toSorted((a, b) => b.length - a.length)

/** `*` at the end lets the word go on; a word never ends inside another one. */
const wordPattern = (written: string): string => {
  const isOpen = written.endsWith('*')
  const word = escapePattern(foldText(isOpen ? written.slice(0, -1) : written))
  if (isOpen) return String.raw`${word}\p{L}*`
  return /\p{L}$/u.test(written) ? String.raw`${word}(?!\p{L})` : word
}

const CURRENCY_WORDS: readonly (readonly [string, string])[] = Object.entries(data.currencies).flatMap(
  ([currency, words]) => words.map((word) => [word, currency] as const),
)
const anyOf = (words: readonly string[]): string =>
  longestFirst([...new Set(words)])
    .map(wordPattern)
    .join('|')

const CURRENCY = String.raw`(?:${anyOf(CURRENCY_WORDS.map(([word]) => word))}|\p{Sc})`
const MULTIPLIER = String.raw`(?:${anyOf(Object.values(data.multipliers).flat())})`
const NUMBER_WORD = `(?:${longestFirst(data.words.map(foldText)).map(escapePattern).join('|')})`
const PERCENT_AFTER = String.raw`(?:%|percent|per cent|pct|procent|процент\p{L}*|(?:ب|في )الم(?:ي|ئ|اي|ائ)\p{L}*)`
const PERCENT_BEFORE = String.raw`(?:%|(?<!\p{L})yuzde(?!\p{L})|(?<!\p{L})percent(?!\p{L}))`

const NUMBER = /\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)*/gu
const AFTER_CURRENCY = new RegExp(
  String.raw`^[ \-–]*(?:(?<multiplier>${MULTIPLIER})[ ]*)?(?<currency>${CURRENCY})?`,
  'u',
)
const BEFORE_CURRENCY = new RegExp(String.raw`(?<!\p{L})(?<currency>${CURRENCY})[ :=\-–]*$`, 'u')
const AFTER_PERCENT = new RegExp(String.raw`^[ ]*${PERCENT_AFTER}`, 'u')
const BEFORE_PERCENT = new RegExp(String.raw`${PERCENT_BEFORE}[ ]*$`, 'u')
/** Between two numbers that share what follows the second. */
const SHARES = /^ ?(?:[-–—~/]|ile|ila|veya|ya da|and|or|to|и|или|до|إلى|الى|او|و) ?$/u
const NEXT_WORD = /^[ \-–]*(?<word>\p{L}+)/u

const SPELLED = new RegExp(
  String.raw`(?<!\p{L})(?:${NUMBER_WORD}[ \-]*(?:و|и|and|ve)?[ ]*)+(?:${CURRENCY}|${PERCENT_AFTER})|${PERCENT_BEFORE}[ ]*${NUMBER_WORD}`,
  'u',
)

/** `1.250` and `1,250` are thousands, `1.25` and `1,25` are not; null for what is neither. */
const readNumber = (token: string): number | null => {
  const joined = token.replaceAll(/[ '’]/gu, '')
  const separators = [...joined.matchAll(/[.,]/gu)]
  const last = separators.at(-1)
  if (!last) return Number(joined)
  const tail = joined.slice(last.index + 1)
  const isMixed = separators.some(([kind]) => kind !== last[0])
  const isDecimal = tail.length < 3 && (separators.length === 1 || isMixed)
  const whole = isDecimal ? joined.slice(0, last.index) : joined
  const groups = whole.split(/[.,]/u)
  const isGrouped = groups.length === 1 || (groups[0] !== '0' && groups.slice(1).every((group) => group.length === 3))
  const isUniform = new Set(whole.replaceAll(/\d/gu, '')).size <= 1
  if (!isGrouped || !isUniform || (groups[0]?.length ?? 0) > (groups.length > 1 ? 3 : 15)) return null
  return Number(groups.join('')) + (isDecimal ? Number(tail) / 10 ** tail.length : 0)
}

const CURRENCY_PATTERNS = CURRENCY_WORDS.map(
  ([word, name]) => [new RegExp(`^${wordPattern(word)}$`, 'u'), name] as const,
)

const currenciesOf = (found: string | undefined): readonly string[] => {
  if (found === undefined) return []
  const names = CURRENCY_PATTERNS.filter(([pattern]) => pattern.test(found)).map(([, name]) => name)
  // A sign of money that is none of ours is still money.
  return names.length > 0 ? names : ['?']
}

const factorOf = (word: string | undefined): number =>
  word === undefined
    ? 1
    : Number(
        Object.entries(data.multipliers).find(([, words]) =>
          words.some((written) => foldText(written) === word),
        )?.[0] ?? 1,
      )

/** Every number of a text in its order, with its currency or percent sign wherever that is written. Total. */
export const findNumbers = (text: string): readonly FoundNumber[] => {
  const plain = plainDigits(text)
  const found: (FoundNumber & { readonly end: number })[] = []
  /** Where a currency that belongs to the number before it ends: it is not that of the next. */
  let takenUntil = 0
  for (const match of plain.matchAll(NUMBER)) {
    const [token] = match
    const end = match.index + token.length
    const [before, after] = [
      plain.slice(Math.max(takenUntil, match.index - 24), match.index),
      plain.slice(end, end + 40),
    ]
    const behind = AFTER_CURRENCY.exec(after)
    const ahead = BEFORE_CURRENCY.exec(before)
    const currency = behind?.groups?.['currency'] ?? ahead?.groups?.['currency']
    const isPercentage = AFTER_PERCENT.test(after) || BEFORE_PERCENT.test(before)
    if (behind?.groups?.['currency'] !== undefined) takenUntil = end + behind[0].length
    const read = readNumber(token)
    found.push({
      value: read === null ? null : read * factorOf(behind?.groups?.['multiplier']),
      currencies: isPercentage ? [] : currenciesOf(currency),
      isPercentage,
      unit: NEXT_WORD.exec(after)?.groups?.['word'] ?? '',
      at: match.index,
      end,
    })
  }
  return found.map((number, i) => {
    const next = found[i + 1]
    const isBare = number.currencies.length === 0 && !number.isPercentage
    if (!isBare || !next || !SHARES.test(plain.slice(number.end, next.at))) return number
    return { ...number, currencies: next.currencies, isPercentage: next.isPercentage }
  })
}

/** Whether an amount or a percentage is written in words. */
export const hasSpelledAmount = (text: string): boolean => SPELLED.test(plainDigits(text))
