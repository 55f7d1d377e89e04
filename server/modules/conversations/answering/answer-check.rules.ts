import type { AnswerFinding, Locale } from '#contract/words.ts'
import { createPhraseTest } from '#server/modules/contacts/index.ts'
import { findUnacceptableUse } from '#server/modules/templates/index.ts'

import { findSecret } from '../secret-scan.rules.ts'
import words from './answer-words.json' with { type: 'json' }
import { detectLanguage } from './language.rules.ts'
import { hasStrangeLink, placesIn } from './link-check.rules.ts'
import { plainDigits, visible } from './plain-digits.rules.ts'
import { type KnownOffers, type OfferGround, findPriceFaults, prepareOffers } from './price-check.rules.ts'
import { type SafeHtml, toSafeHtml } from './safe-html.rules.ts'

/** What texts of a model are held against, made once for many. */
export interface AnswerGround {
  readonly offers: OfferGround
  /** Where links may lead. */
  readonly places: ReadonlySet<string>
  /** Words of the instructions, which are not to be told. */
  readonly told: string
}

/** What differs from text to text. */
export interface AnswerPlace {
  /** The contact's and the persona's. */
  readonly languages: readonly Locale[]
  /** Characters that are said before it. */
  readonly reserved: number
}

export interface CheckedAnswer extends SafeHtml {
  /** Why it must not leave by itself; empty for a text that may. */
  readonly findings: readonly AnswerFinding[]
}

/** Telegram's limit, after markup is taken out. */
const TEXT_MAX = 4_096
const ECHO_WORDS = 6

const claimsHuman = createPhraseTest(words.humanClaim)

const useFindings = (text: string): readonly AnswerFinding[] => {
  const found = findUnacceptableUse(text)
  const isHuman = found.some(({ category }) => category === 'human_claim') || claimsHuman(text)
  const isOther = found.some(({ category }) => category !== 'human_claim')
  return [...(isHuman ? (['human_claim'] as const) : []), ...(isOther ? (['acceptable_use'] as const) : [])]
}

/** So many digits that they are somebody's number rather than an amount. */
const NUMBER_OF_SOMEBODY = /(?<![\d.,])\+?\d(?:[ ().-]?\d){8,}(?![\d])/u

const wordsOf = (text: string): readonly string[] =>
  plainDigits(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

/** Facts are no secrets; `instructions` are. */
export const prepareGround = (known: KnownOffers, instructions: string): AnswerGround => ({
  offers: prepareOffers(known),
  places: new Set([...known.texts, ...known.catalogue.map(({ name }) => name)].flatMap(placesIn)),
  told: ` ${wordsOf(instructions).join(' ')} `,
})

/** A run of words that stands in the instructions, or a placeholder nobody filled. */
const echoes = (text: string, told: string): boolean => {
  if (/\[[\p{Lu}_ ]{2,20}\d*\]/u.test(text)) return true
  const said = wordsOf(text)
  return said.some(
    (_, i) => i + ECHO_WORDS <= said.length && told.includes(` ${said.slice(i, i + ECHO_WORDS).join(' ')} `),
  )
}

const isForeign = (text: string, languages: readonly Locale[]): boolean => {
  const language = detectLanguage(text)
  return language !== null && !(languages as readonly string[]).includes(language)
}

/**
 * A text of a model, made fit for Telegram, with everything that speaks against its leaving without a person: prices and
 * offers beyond the catalogue, strange links, numbers of people and banks, what the product is not for, a claim to be
 * human, another language, the model's own instructions. Whatever the contact wrote changes nothing here. Total.
 */
export const checkAnswer = (written: string, ground: AnswerGround, place: AnswerPlace): CheckedAnswer => {
  const safe = toSafeHtml(written)
  const { text, links } = safe
  const seen = visible(text)
  const findings: readonly (AnswerFinding | false)[] = [
    text.trim() === '' && 'empty',
    text.length + place.reserved > TEXT_MAX && 'too_long',
    ...findPriceFaults(text, ground.offers),
    hasStrangeLink(text, links, ground.places) && 'link',
    (findSecret(seen) !== null || NUMBER_OF_SOMEBODY.test(plainDigits(text))) && 'number',
    ...useFindings(seen),
    isForeign(seen, place.languages) && 'language',
    echoes(seen, ground.told) && 'prompt_echo',
  ]
  return { ...safe, findings: findings.filter((finding) => finding !== false) }
}
