import { LOCALES, type Locale } from '#contract/words.ts'
import type { Tenant } from '#server/modules/tenancy/index.ts'
import { type RenderedMessage, findVariant, renderVariant } from '#server/modules/templates/index.ts'

import { type CompiledRule, WORDING_NAME } from './compile-rule.rules.ts'

/** Whom an answer addresses. */
export interface Addressed {
  readonly firstName: string
  readonly lastName: string
  readonly username: string | null
  readonly languageCode: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Somebody of whom nothing is known. */
export const UNKNOWN_PERSON: Addressed = {
  firstName: '',
  lastName: '',
  username: null,
  languageCode: null,
  attributes: {},
}

/** The language to answer in: the person's, where it is one of ours, else the tenant's. */
export const localeOf = (languageCode: string | null, fallback: Locale): Locale =>
  LOCALES.find((locale) => locale === languageCode?.slice(0, 2).toLowerCase()) ?? fallback

/** What the rule says to somebody, in their language or the nearest there is; null where it says nothing. */
export const renderAnswer = (
  { wordings }: CompiledRule,
  person: Addressed,
  { locale, senderName }: Pick<Tenant, 'locale' | 'senderName'>,
): RenderedMessage | null => {
  const wording = findVariant({ variants: wordings }, WORDING_NAME, person.languageCode, locale)
  return wording && renderVariant(wording, person, { senderName })
}
