import { normalizeIban } from '#server/base/iban.ts'

/** What stands for a person and must not leave. */
export interface Secret {
  readonly text: string
  readonly placeholder: string
}

/** Hides what says who people are, and puts it back. One of these belongs to one question. */
export interface Pseudonyms {
  hide(text: string): string
  /** Every string within a value, with what was hidden in its place again. */
  restore<T>(value: T): T
  /** What was replaced so far, as one text: two questions with the same one hid the same. */
  legend(): string
}

/** Letters that are one letter to people who type Turkish without its dots. */
const I_LETTERS = '[iıİI]\u0307?'
const SHORT_MAX = 2
const PASSES_MAX = 8

const escape = (sign: string): string => sign.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)

const patternOf = (secret: string): string => {
  const signs = Array.from(secret)
  const letters = signs.map((sign) => (/[iıİI]/.test(sign) ? I_LETTERS : escape(sign))).join('')
  // A name of one or two letters is in every other word, so it counts as a word alone.
  return signs.length <= SHORT_MAX ? `(?<![\\p{L}\\p{N}])${letters}(?![\\p{L}\\p{N}])` : letters
}

const digitsIn = (text: string): number => text.match(/\p{Nd}/gu)?.length ?? 0

const isIban = (text: string): boolean => normalizeIban(text) !== null || /^TR(?:\s?\d){24}$/i.test(text)

const isCard = (text: string): boolean => {
  const digits = text.match(/\d/g)?.map(Number).toReversed() ?? []
  if (/^\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}$/.test(text)) return true
  const sum = digits.reduce(
    (total, digit, at) => total + (at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2),
    0,
  )
  return digits.length >= 13 && digits.length <= 19 && sum % 10 === 0
}

/** With a plus or a zero in front, in one run, or grouped the way mobile numbers are: what prices and dates never are. */
const isPhone = (text: string): boolean => {
  const digits = digitsIn(text)
  if (digits < 7 || digits > 19) return false
  if (/^\(?[+＋]/.test(text)) return true
  if (digits < 9) return false
  if (/\p{Nd}{9,}/u.test(text)) return true
  if (/^\(?[0٠۰]/.test(text) && digits >= 10) return !/^\d{2}[./-]\d{2}[./-]\d{4}/.test(text)
  return /^(?:90[ .()-]*)?\(?[2-5]\d{2}\)?[ .-]?\d{3}[ .-]?\d{2}[ .-]?\d{2}$/.test(text)
}

interface Kind {
  readonly name: string
  readonly pattern: RegExp
  /** Without this sign in a text there is nothing to look for. */
  readonly sign?: string
  readonly is?: (text: string) => boolean
}

/** In this order: a card's number is also a run of digits. */
const KINDS: readonly Kind[] = [
  {
    name: 'EPOSTA',
    sign: '@',
    pattern: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{2,63}){1,4}/gu,
  },
  { name: 'KULLANICI', pattern: /(?<![\p{L}\p{N}_])(?:@|(?:https?:\/\/)?(?:t|telegram)\.me\/)[A-Za-z]\w{3,31}/gu },
  { name: 'IBAN', pattern: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![\p{L}\p{N}])/giu, is: isIban },
  { name: 'IBAN', pattern: /TR(?:\s?\d){24}/giu },
  { name: 'KART', pattern: /(?<!\p{N})\d(?:[ -]?\d){12,18}(?!\p{N})/gu, is: isCard },
  {
    name: 'TEL',
    pattern: /(?<!\p{N})[+＋]?(?:\(\p{Nd}{1,5}\)|\p{Nd})(?:[ \u00A0.()/-]{0,3}\p{Nd}){4,18}(?!\p{N})/gu,
    is: isPhone,
  },
]

/** Placeholders that hold no secret themselves. */
const safePlaceholder = (wanted: string, at: number, isSafe: (text: string) => boolean): string =>
  [wanted, `⟦${'•'.repeat(at + 1)}⟧`, '…'].find((text) => text !== '' && isSafe(text)) ?? ''

/**
 * Replaces the secrets wherever they stand, in any case of their letters, and phone numbers, e-mail addresses, user names,
 * IBANs and card numbers whoever's they are. Secrets of one or two letters are replaced where they are a word.
 */
export const createPseudonyms = (given: readonly Secret[]): Pseudonyms => {
  const secrets = given
    .map(({ text, placeholder }) => ({ text: text.normalize('NFC').trim(), placeholder }))
    .filter(({ text }) => text !== '')
    .toSorted((a, b) => b.text.length - a.text.length)
  const pattern = secrets.map(({ text }) => `(${patternOf(text)})`).join('|')
  const [one, every] = [new RegExp(pattern, 'iu'), new RegExp(pattern, 'giu')]
  const has = (text: string): boolean => pattern !== '' && one.test(text)
  const placeholders = secrets.map(({ placeholder }, at) => safePlaceholder(placeholder, at, (text) => !has(text)))
  // Where several secrets have one placeholder, the first that was given stands for it.
  const originalOf = new Map(
    given.toReversed().map((secret) => [secret.placeholder, secret.text.normalize('NFC').trim()]),
  )
  const originals = new Map<string, string>()
  const numbered = new Map<string, string>()
  const counts = new Map<string, number>()

  const hideSecrets = (text: string): string => {
    let hidden = text
    // What stands around a placeholder may spell a secret anew.
    for (let pass = 0; pass < PASSES_MAX && has(hidden); pass++)
      hidden = hidden.replace(every, (...groups: (string | undefined)[]) => {
        const at = secrets.findIndex((_, index) => groups[index + 1] !== undefined)
        const placeholder = placeholders[at] ?? ''
        if (placeholder !== '' && !originals.has(placeholder))
          originals.set(placeholder, originalOf.get(placeholder) ?? secrets[at]?.text ?? '')
        return placeholder
      })
    return has(hidden) ? '' : hidden
  }

  const numberOf = (name: string, found: string): string => {
    const key = `${name} ${found.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()}`
    const known = numbered.get(key)
    if (known !== undefined) return known
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const placeholder = `[${name}${'ABCDEFGHIJ'[count - 1] ?? `_${count}`}]`
    numbered.set(key, placeholder)
    originals.set(placeholder, found)
    return placeholder
  }

  const hideNumbers = (text: string): string =>
    KINDS.reduce(
      (hidden, { name, pattern: shape, sign, is }) =>
        sign !== undefined && !hidden.includes(sign)
          ? hidden
          : hidden.replace(shape, (found) => (is && !is(found) ? found : numberOf(name, found))),
      text,
    )

  const restoreText = (text: string): string => {
    let restored = text
    for (const [placeholder, original] of originals) restored = restored.replaceAll(placeholder, () => original)
    return restored
  }

  const restore = (value: unknown): unknown => {
    if (typeof value === 'string') return restoreText(value)
    if (Array.isArray(value)) return value.map(restore)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, restore(inner)]))
  }

  return {
    hide: (text) => hideSecrets(hideNumbers(hideSecrets(text.normalize('NFC')))),
    restore: <T>(value: T) => restore(value) as T,
    legend: () => JSON.stringify([...originals].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}
