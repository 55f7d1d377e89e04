import type { Locale, PackageName } from '#contract/words.ts'
import { CATALOGUE, packageOf } from '#server/modules/billing/index.ts'

import texts from './default-persona.json' with { type: 'json' }
import type { PersonaContent } from './persona.rules.ts'

/** What an account says before its owner has written anything. */
export const defaultPersona = (input: {
  readonly package: PackageName
  readonly locale: Locale
  readonly displayName: string
}): PersonaContent => {
  const { product, fallbackName, ...rest } = texts[input.locale]
  const { productPriceMinor: priceMinor } = packageOf(input.package)
  return {
    ...rest,
    displayName: input.displayName.trim().slice(0, 64).toWellFormed().trim() || fallbackName,
    language: input.locale,
    facts: { catalogue: [{ name: product, priceMinor, currency: CATALOGUE.currency }], faq: [], notes: [] },
  }
}
