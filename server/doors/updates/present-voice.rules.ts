import { createHash } from 'node:crypto'

import type { Locale } from '#contract/words.ts'
import type { Persona } from '#server/modules/conversations/index.ts'

/** Something a contact may ask about by button: an item of the menu or a frequent question. */
export interface Topic {
  /** Names it in a button, for as long as its label stands. */
  readonly key: string
  readonly label: string
  readonly text: string
  readonly price: CatalogueItem | null
}

export type CatalogueItem = Persona['facts']['catalogue'][number]

const KEY_LENGTH = 10

/** A changed text leaves old buttons valid, a changed label does not: nobody is shown what they did not ask for. */
const keyOf = (kind: string, label: string, sameBefore: number): string =>
  createHash('sha256').update(`${kind}:${label}:${sameBefore}`).digest('hex').slice(0, KEY_LENGTH)

/** What the persona's menu offers, in its order: services first, then frequent questions. */
export const topicsOf = ({ menu, facts }: Pick<Persona, 'menu' | 'facts'>): readonly Topic[] => {
  const given = [
    ...menu.map(({ label, text, product }) => ({
      kind: 'menu',
      label,
      text,
      price: facts.catalogue.find(({ name }) => name === product) ?? null,
    })),
    ...facts.faq.map(({ question, answer }) => ({ kind: 'faq', label: question, text: answer, price: null })),
  ]
  const seen = new Map<string, number>()
  return given.map(({ kind, ...topic }) => {
    const name = `${kind}:${topic.label}`
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return { ...topic, key: keyOf(kind, topic.label, before) }
  })
}

/** A button holds a line; a question may be longer. */
const LABEL_MAX = 64

export const cutLabel = (text: string): string => {
  const characters = Array.from(text.replaceAll(/\s+/g, ' '))
  return characters.length <= LABEL_MAX ? characters.join('') : `${characters.slice(0, LABEL_MAX - 1).join('')}…`
}

export interface Page<T> {
  readonly items: readonly T[]
  /** From 0. */
  readonly number: number
  readonly count: number
}

/** A page of a list; what an old button carries beyond it gives the nearest. */
export const pageOf = <T>(all: readonly T[], wanted: string, size: number): Page<T> => {
  const count = Math.max(1, Math.ceil(all.length / size))
  const number = Math.min(/^\d{1,4}$/.test(wanted) ? Number(wanted) : 0, count - 1)
  return { items: all.slice(number * size, (number + 1) * size), number, count }
}

/** Buttons to the pages beside this one; none where there is one page. */
export const pageButtons = (
  action: string,
  { number, count }: Page<unknown>,
): readonly { readonly text: string; readonly action: string }[] => {
  if (count < 2) return []
  const to = (page: number, text: string) => ({ text, action: `${action}:${page}` })
  return [
    ...(number > 0 ? [to(number - 1, '◀️')] : []),
    to(number, `${number + 1}/${count}`),
    ...(number < count - 1 ? [to(number + 1, '▶️')] : []),
  ]
}

/** An amount in minor units as the reader's language writes it. */
export const moneyText = (
  { priceMinor, currency }: { readonly priceMinor: number; readonly currency: string },
  locale: Locale,
): string =>
  new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: priceMinor % 100 === 0 ? 0 : 2,
    maximumFractionDigits: 2,
  }).format(priceMinor / 100)
