import { z } from 'zod'

import { LOCALES, type Locale, PERSONA_FIELDS } from '#contract/words.ts'

/** Something a contact may choose: a text, a price of the catalogue, a link, or all of them. */
export interface MenuEntry {
  readonly label: string
  /** Empty where a link or the items below say it all. */
  readonly text: string
  /** Names the item of the catalogue whose price is shown with it. */
  readonly product?: string | undefined
  readonly link?: string | undefined
}

/** An entry of the menu, with further ones below it or none. */
export interface MenuItem extends MenuEntry {
  readonly items?: readonly MenuEntry[] | undefined
}

/** How an account speaks and what it may say; prices and offers are told from `facts.catalogue` alone. */
export interface PersonaContent {
  readonly displayName: string
  readonly tone: string
  readonly style: string
  readonly language: Locale
  readonly facts: {
    /** Prices in minor units. */
    readonly catalogue: readonly { readonly name: string; readonly priceMinor: number; readonly currency: string }[]
    readonly faq: readonly { readonly question: string; readonly answer: string }[]
    readonly notes: readonly string[]
  }
  readonly doNots: readonly string[]
  readonly greeting: string
  /** In the order they are shown. */
  readonly menu: readonly MenuItem[]
  readonly sampleReplies: readonly { readonly asked: string; readonly answered: string }[]
}

/** The version in force. `updatedAt` is epoch ms. */
export interface Persona extends PersonaContent {
  readonly accountId: number
  readonly version: number
  readonly updatedBy: string
  readonly updatedAt: number
}

/** PostgreSQL stores no U+0000, Telegram no half characters. */
const isWhole = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed()
const text = (min: number, max: number) =>
  z
    .string()
    .trim()
    .min(min)
    .max(max)
    .refine(isWhole, { params: { code: 'text_broken_characters' } })

const entryShape = {
  label: text(1, 64),
  text: text(0, 1_000).default(''),
  product: text(1, 100).optional(),
  link: text(1, 1_000)
    .refine((given) => /^https:\/\/[^\s/?#]+[.][^\s/?#]{2,}/i.test(given) && URL.canParse(given), {
      params: { code: 'persona_menu_link' },
    })
    .optional(),
}

const PRICE_MAX = 100_000_000_000
/** In minor units; one refusal says all that a price must be. */
const price = z.custom<number>(
  (given) => typeof given === 'number' && Number.isSafeInteger(given) && given >= 0 && given <= PRICE_MAX,
  { params: { code: 'persona_price' } },
)

/** Sizes: a menu label is a Telegram button, a greeting one message; the rest keeps a persona within one prompt. */
export const personaSchema = z.strictObject({
  displayName: text(1, 64),
  tone: text(0, 200),
  style: text(0, 200),
  language: z.enum(LOCALES),
  facts: z.strictObject({
    catalogue: z
      .array(
        z.strictObject({
          name: text(1, 100),
          priceMinor: price,
          currency: z.string().regex(/^[A-Z]{3}$/),
        }),
      )
      .max(100),
    faq: z.array(z.strictObject({ question: text(1, 300), answer: text(1, 1_000) })).max(100),
    notes: z.array(text(1, 500)).max(50),
  }),
  doNots: z.array(text(1, 300)).max(50),
  greeting: text(0, 1_000),
  menu: z
    .array(z.strictObject({ ...entryShape, items: z.array(z.strictObject(entryShape)).max(20).optional() }))
    .max(20),
  sampleReplies: z.array(z.strictObject({ asked: text(1, 300), answered: text(1, 1_000) })).max(50),
})

/** The content of a version, without whose and which it is. */
export const contentOf = (persona: PersonaContent): PersonaContent => {
  const { displayName, tone, style, language, facts, doNots, greeting, menu, sampleReplies } = persona
  return { displayName, tone, style, language, facts, doNots, greeting, menu, sampleReplies }
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))

/** jsonb gives keys back in an order of its own. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** The fields in which two personas differ. */
export const changedFields = (before: PersonaContent, after: PersonaContent): readonly (keyof PersonaContent)[] =>
  PERSONA_FIELDS.filter((field) => !isSame(before[field], after[field]))
