import type { PersonaContent } from './persona.rules.ts'

/** A price in minor units. */
export interface Price {
  readonly priceMinor: number
  readonly currency: string
}

/**
 * The catalogue after the product's price has changed: the first item that stood at the former price moves with it.
 * A catalogue whose items have prices of their own stays as it is.
 */
export const followPrice = (facts: PersonaContent['facts'], from: Price, to: Price): PersonaContent['facts'] => {
  const product = facts.catalogue.find(
    ({ priceMinor, currency }) => priceMinor === from.priceMinor && currency === from.currency,
  )
  if (!product) return facts
  return { ...facts, catalogue: facts.catalogue.map((item) => (item === product ? { ...item, ...to } : item)) }
}
