import type { TemplateVariant } from './template.rules.ts'

/** Telegram tags only: a `<` that opens no tag is text. */
const TAG = /<\/?[a-z][^>]*>/giu
const VARIABLE = /\{\{[^{}]*\}\}/gu
const NAMED_ENTITY = /&(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);/giu
const NOT_WORDS = /[^\p{L}\p{N}]+/gu

/**
 * What makes two texts the same to a reader: letters and digits, without tags, variables, case, accents on the i,
 * whitespace, punctuation and emoji. The four Turkish letters I, ı, İ and i become one, so capitals never hide a repeat.
 */
export const normaliseText = (text: string): string =>
  text
    .replace(VARIABLE, ' ')
    .replace(TAG, ' ')
    .replace(NAMED_ENTITY, ' ')
    .normalize('NFKC')
    .toLocaleLowerCase('tr')
    .replaceAll('\u0307', '')
    .replaceAll('ı', 'i')
    .replace(NOT_WORDS, '')

/** Two independent 32-bit multiply-xorshift lanes, joined to 53 bits: exact as a JavaScript number and in a bigint column. */
const hash53 = (text: string): number => {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    high = Math.imul(high ^ unit, 2_654_435_761)
    low = Math.imul(low ^ unit, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return 4_294_967_296 * (2_097_151 & (low >>> 0)) + (high >>> 0)
}

/**
 * A number that is equal for equal content: duplicates to one contact within seven days are told by it.
 * `text` is a template's text (variables still in it, so a person's name cannot make a repeat look new) or a finished
 * one; `mediaSource` counts as content. Range 0 … 2^53 − 1. A text of nothing but emoji is compared as it stands.
 */
export const fingerprint = (text: string, mediaSource = ''): number => {
  const words = normaliseText(text)
  return hash53(`${words === '' ? text.trim() : words}\u0000${mediaSource}`)
}

const cache = new WeakMap<object, number>()

/** {@link fingerprint} of a template's wording, computed once per loaded object. */
export const fingerprintVariant = (variant: Pick<TemplateVariant, 'text' | 'media'>): number => {
  const known = cache.get(variant)
  if (known !== undefined) return known
  const value = fingerprint(variant.text, variant.media?.source)
  cache.set(variant, value)
  return value
}
