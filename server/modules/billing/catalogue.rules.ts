import { z } from 'zod'

import { COUNTED, type Counted, PACKAGES, type PackageName, REPLY_MODES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

import sold from './catalogue.json' with { type: 'json' }

export { COUNTED, type Counted }

/** Levels of each tiered feature, low to high; a package includes every level up to its own. */
export const TIERS = {
  crm: ['basic', 'full'],
  optimiser: ['none', 'full'],
  funnel: ['none', 'standard', 'custom'],
  analytics: ['basic', 'advanced', 'premium'],
  spam: ['basic', 'advanced', 'custom'],
} as const
export type Tier = keyof typeof TIERS

/** Null: no limit from this side; the hard ceilings hold all the same. */
const most = z.int().min(0).nullable()
const ratio = z.number().min(0).max(1)
const minor = z.int().min(0)

const packageSchema = z.strictObject({
  /** Names people call it by, in lower case. */
  aliases: z.array(z.string().min(1)),
  /** For one period, in minor units; null where the price is agreed with the operator. */
  priceMinor: minor.nullable(),
  limits: z.strictObject(Object.fromEntries(COUNTED.map((name) => [name, most])) as Record<Counted, typeof most>),
  pace: z.strictObject({
    perMinuteMax: most,
    groupPostCooldownSeconds: z.int().min(0),
    outreachHourlyMax: most,
    outreachDailyMax: most,
    outreachCooldownMinutes: z.int().min(0),
  }),
  features: z.strictObject({
    replyModes: z.array(z.enum(REPLY_MODES)).min(1),
    crm: z.enum(TIERS.crm),
    optimiser: z.enum(TIERS.optimiser),
    funnel: z.enum(TIERS.funnel),
    analytics: z.enum(TIERS.analytics),
    spam: z.enum(TIERS.spam),
  }),
  /** Share of eligible conversations that are shown an invitation. */
  inviteRatio: ratio,
  /** How much of the installation's language model a calendar month includes; null for no limit from this side. */
  modelTokensPerMonth: most,
  /** In how many places at most the way into the groups is shown; caps per contact are the same for all. */
  groupPlacements: z.int().min(0).max(3),
  /** Price a new tenant's product starts with, in minor units. */
  productPriceMinor: minor,
  /** Days after the start on which support answers; null for always. */
  support: z.strictObject({
    days: z.int().min(0).nullable(),
    channels: z.array(z.enum(['telegram', 'whatsapp'])).min(1),
    priority: z.boolean(),
    /** The first answer to a ticket is promised within this time. */
    firstResponseHours: z.int().min(1),
  }),
})

const catalogueSchema = z.strictObject({
  /** Raised with every edit: limits of running subscriptions follow at the next turn of the duty. */
  version: z.int().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency such as TRY'),
  /**
   * What one Telegram Star is worth, in minor units: Telegram pays 0.013 US dollars for one (telegram.org/tos, 6.2). Null
   * where nothing is sold for Stars. The operator follows the exchange rate.
   */
  minorPerStar: z.number().positive().nullable(),
  periodDays: z.int().min(1),
  graceDays: z.int().min(0),
  trialDays: z.int().min(1),
  addOns: z.strictObject({
    extra_bot: z.strictObject({
      /** Of the package's own price, a bot and period. */
      priceRatio: z.number().min(0),
      discounts: z.array(z.strictObject({ from: z.int().min(1), offRatio: ratio })),
    }),
  }),
  packages: z.strictObject(
    Object.fromEntries(PACKAGES.map((name) => [name, packageSchema])) as Record<PackageName, typeof packageSchema>,
  ),
})

export type Catalogue = z.infer<typeof catalogueSchema>
export type Package = Catalogue['packages'][PackageName]

/** The catalogue in `given`. Errors: `invalid/catalogue` naming the first field at fault, as `packages.starter.priceMinor`. */
export const parseCatalogue = (given: unknown): Catalogue => {
  const parsed = catalogueSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid('catalogue', issue?.path.join('.') || 'catalogue', { problem: issue?.message ?? '' })
  }
  const names = PACKAGES.flatMap((name) => [name, ...parsed.data.packages[name].aliases])
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid('catalogue', 'aliases', { problem: `"${twice}" names two packages` })
  return parsed.data
}

/** What is sold, read once at the start. The one source of every limit, price and tier. */
export const CATALOGUE: Catalogue = parseCatalogue(sold)

/** Terms of one package. */
export const packageOf = (name: PackageName): Package => CATALOGUE.packages[name]

/** The package of this name or alias, whatever its case; null when there is none. */
export const findPackageByName = (given: string): PackageName | null => {
  const words = [given.trim().toLocaleLowerCase('tr'), given.trim().toLowerCase()]
  return PACKAGES.find((name) => words.some((word) => word === name || packageOf(name).aliases.includes(word))) ?? null
}

/** How many of something a package with these add-ons allows; null for no limit. */
export const limitOf = (name: PackageName, counted: Counted, extraBots: number): number | null => {
  const limit = packageOf(name).limits[counted]
  return limit !== null && counted === 'accounts' ? limit + extraBots : limit
}

/** Whether the package includes the level. */
export const includesTier = <T extends Tier>(name: PackageName, tier: T, level: (typeof TIERS)[T][number]): boolean => {
  const levels: readonly string[] = TIERS[tier]
  return levels.indexOf(packageOf(name).features[tier]) >= levels.indexOf(level)
}
