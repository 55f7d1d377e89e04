import type { AnswerFinding } from '#contract/words.ts'
import { createPhraseTest, foldText } from '#server/modules/contacts/index.ts'

import { type FoundNumber, findNumbers, hasSpelledAmount } from './amounts.rules.ts'
import words from './answer-words.json' with { type: 'json' }
import { plainDigits, visible } from './plain-digits.rules.ts'

/** What a text may name prices and offers from. */
export interface KnownOffers {
  /** In minor units. */
  readonly catalogue: readonly { readonly name: string; readonly priceMinor: number; readonly currency: string }[]
  /** Frequent questions, notes and passages, as the tenant wrote them. */
  readonly texts: readonly string[]
}

const isOffer = createPhraseTest(words.offer)
const isNoOffer = createPhraseTest(words.notOffer)
const talksOfPrices = createPhraseTest(words.priceTalk)
const isUnit = createPhraseTest(words.units)

/** What belongs together; a dot inside a number ends nothing. */
const sentencesOf = (text: string): readonly string[] =>
  visible(text)
    .split(/[!?؟\n;]+|[.…](?!\d)/u)
    .filter((sentence) => sentence.trim() !== '')

/** Telegram's Stars have no hundredths. */
const unitsOf = ({ priceMinor, currency }: KnownOffers['catalogue'][number]): number =>
  currency === 'XTR' ? priceMinor : priceMinor / 100

const isSame = (a: number, b: number): boolean => Math.abs(a - b) < 0.000_5

/** Products that a sentence names, or all of them where it names none. */
const productsIn = (sentence: string, { catalogue }: KnownOffers): KnownOffers['catalogue'] => {
  const folded = foldText(sentence)
  const named = catalogue.filter(({ name }) => folded.includes(foldText(visible(name)).trim()))
  // "VIP" inside "VIP Gold" is not what is meant where "VIP Gold" is written.
  const longest = named.filter(({ name }) =>
    named.every((other) => other.name === name || !foldText(other.name).includes(foldText(name))),
  )
  return longest.length > 0 ? longest : catalogue
}

const isInCatalogue = ({ value, currencies }: FoundNumber, products: KnownOffers['catalogue']): boolean =>
  value !== null &&
  products.some(
    (product) => isSame(unitsOf(product), value) && (currencies.length === 0 || currencies.includes(product.currency)),
  )

/** A bare number below this is a count or a place in a list, unless its sentence is about prices. */
const COUNT_MAX = 9
const isYear = (value: number | null): boolean => value !== null && value >= 1_900 && value < 2_100
/** Times and dates, which name no price. */
const isTime = (plain: string, at: number): boolean =>
  /^\d{1,2}[:/]\d{1,2}|^\d{1,2}\.\d{1,2}\.\d{2,4}/u.test(plain.slice(at)) || /\d[:/]$/u.test(plain.slice(0, at))

const priceFault = (sentence: string, ground: OfferGround): boolean => {
  const products = productsIn(sentence, ground)
  const isAboutPrices = talksOfPrices(sentence) || products !== ground.catalogue
  const plain = plainDigits(sentence)
  return findNumbers(sentence).some((number) => {
    const { value, unit, at, currencies, isPercentage } = number
    if (isPercentage) return false
    if (currencies.length > 0) return !isInCatalogue(number, products)
    if (isInCatalogue(number, products) || isUnit(unit) || ground.numbers.has(`${value} ${unit}`)) return false
    if (isTime(plain, at)) return false
    return isAboutPrices || (!isYear(value) && (value === null || value > COUNT_MAX))
  })
}

const percentagesIn = (text: string): readonly (number | null)[] =>
  findNumbers(text).flatMap(({ isPercentage, value }) => (isPercentage ? [value] : []))

/** Pairs of neighbours, by their beginnings, whatever their order: what an offer is about. */
const offerPairs = (text: string): ReadonlySet<string> => {
  const found = plainDigits(text)
    .split(/[^\p{L}\p{N}%]+/u)
    .filter((word) => word !== '')
  return new Set(
    found.slice(1).flatMap((word, i) => {
      const before = found[i] ?? ''
      if (!isOffer(word) && !isOffer(before)) return []
      return [[before.slice(0, 5), word.slice(0, 5)].toSorted().join(' ')]
    }),
  )
}

/** Takes out what only looks like an offer, such as saying that there is none. */
const withoutDenials = (sentence: string): string => {
  const found = sentence.split(/[^\p{L}\p{N}%]+/u).filter((word) => word !== '')
  const isDenied = found.map(() => false)
  for (let size = 5; size >= 2; size -= 1)
    for (let at = 0; at + size <= found.length; at += 1)
      if (isNoOffer(found.slice(at, at + size).join(' ')) && isMinimal(found.slice(at, at + size)))
        isDenied.fill(true, at, at + size)
  return found.filter((_, i) => !isDenied[i]).join(' ')
}

/** The phrase is all of it, not a part. */
const isMinimal = (run: readonly string[]): boolean =>
  !isNoOffer(run.slice(1).join(' ')) && !isNoOffer(run.slice(0, -1).join(' '))

const offerFault = (sentence: string, { pairs }: OfferGround): boolean => {
  const rest = withoutDenials(sentence)
  return isOffer(rest) && ![...offerPairs(rest)].some((pair) => pairs.has(pair))
}

/** A percentage beside an offer must stand beside an offer in the facts, too. */
const percentageFault = (sentence: string, { percentages, offeredPercentages }: OfferGround): boolean => {
  const found = percentagesIn(sentence)
  if (found.length === 0) return false
  const allowed = isOffer(sentence) ? offeredPercentages : percentages
  return found.some((value) => value === null || !allowed.has(value))
}

/** What is known, as texts are held against it: made once for many texts. */
export interface OfferGround extends KnownOffers {
  /** Numbers of the tenant's own texts with the word after them: `24 saat` is as good as there. */
  readonly numbers: ReadonlySet<string>
  readonly pairs: ReadonlySet<string>
  readonly percentages: ReadonlySet<number | null>
  /** Those of sentences that offer something. */
  readonly offeredPercentages: ReadonlySet<number | null>
}

export const prepareOffers = (known: KnownOffers): OfferGround => {
  const sentences = known.texts.flatMap(sentencesOf)
  const named = [...known.texts, ...known.catalogue.map(({ name }) => name)]
  return {
    ...known,
    numbers: new Set(named.flatMap((text) => findNumbers(text).map(({ value, unit }) => `${value} ${unit}`))),
    pairs: new Set(known.texts.flatMap((text) => [...offerPairs(text)])),
    percentages: new Set(sentences.flatMap(percentagesIn)),
    offeredPercentages: new Set(sentences.filter(isOffer).flatMap(percentagesIn)),
  }
}

/**
 * What a text says of money beyond what is known: amounts that are in no catalogue (of the product named in the same
 * sentence, where one is), numbers without a currency that no fact knows, amounts in words, percentages and offers that
 * the tenant's own texts do not make. Strict on purpose: a doubt is a finding. Total.
 */
export const findPriceFaults = (text: string, ground: OfferGround): readonly AnswerFinding[] => {
  const sentences = sentencesOf(text)
  const faults: AnswerFinding[] = []
  if (hasSpelledAmount(text) || sentences.some((sentence) => priceFault(sentence, ground))) faults.push('price')
  if (sentences.some((sentence) => percentageFault(sentence, ground))) faults.push('percentage')
  if (sentences.some((sentence) => offerFault(sentence, ground))) faults.push('offer')
  return faults
}
