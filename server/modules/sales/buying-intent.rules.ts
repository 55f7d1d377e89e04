import { createPhraseReader, foldText } from '#server/modules/contacts/index.ts'

import words from './buying-words.json' with { type: 'json' }

/** What somebody wants who writes of buying: to buy, to know the price, or to hear of a product they name. */
export const BUYING_INTENTS = ['buy', 'price', 'product'] as const
export type BuyingIntent = (typeof BUYING_INTENTS)[number]

export interface BuyingWish {
  readonly intent: BuyingIntent
  /** Names of the catalogue that the text names. */
  readonly products: readonly string[]
}

/** A question about buying stands early, and a pasted book must not cost a second. */
const TEXT_MAX = 1_000
/** A name alone is a question while little else is said: "VIP üyelik var mı?" and not a story in which it comes up. */
const WORDS_BESIDE_NAME_MAX = 3

const wordsOf = (text: string): readonly string[] =>
  foldText(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

const readPhrases = createPhraseReader((['buy', 'price', 'not'] as const).map((name) => ({ name, words: words[name] })))

/** Turkish softens the last consonant before a suffix: üyelik, üyeliği; kitap, kitabı. */
const SOFTENED: Readonly<Record<string, string>> = { k: '[kg]', p: '[pb]', t: '[td]' }
/** Shorter words are too often the beginning of another. */
const SUFFIXED_FROM = 4

const namePattern = (name: string): RegExp | null => {
  const parts = wordsOf(name)
  const last = parts.at(-1)
  if (last === undefined) return null
  const end = last.at(-1) ?? ''
  const stem = last.slice(0, -end.length)
  const closing = last.length < SUFFIXED_FROM ? last : `${stem}${SOFTENED[end] ?? end}\\p{L}*`
  return new RegExp(` ${[...parts.slice(0, -1), closing].join(' ')} `, 'u')
}

/**
 * What a text that somebody wrote says about buying, by the words of buying-words.json and the names of the catalogue;
 * null for nothing, and for who says that they do not want to. Letters are compared folded (İ, I, ı and i are one), and a
 * name may carry a Turkish suffix. Deterministic: no model is asked.
 */
export const findBuyingWish = (text: string, catalogue: readonly string[]): BuyingWish | null => {
  const beginning = text.slice(0, TEXT_MAX)
  const found = readPhrases(beginning)
  if (found.includes('not')) return null
  const said = wordsOf(beginning)
  const line = ` ${said.join(' ')} `
  const products = catalogue.filter((name) => namePattern(name)?.test(line) ?? false)
  if (found.includes('buy')) return { intent: 'buy', products }
  if (found.includes('price')) return { intent: 'price', products }
  const [first] = products
  if (first === undefined) return null
  return said.length - wordsOf(first).length <= WORDS_BESIDE_NAME_MAX ? { intent: 'product', products } : null
}
