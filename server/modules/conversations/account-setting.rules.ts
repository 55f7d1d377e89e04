import {
  GROUP_INTENSITIES,
  type GroupIntensity,
  PACKAGES,
  type PackageName,
  REPLY_MODES,
  type ReplyMode,
} from '#contract/words.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { CATALOGUE, packageOf } from '#server/modules/billing/index.ts'
import { findUnacceptableUse } from '#server/modules/templates/index.ts'

/** Where the way into the groups is shown: the first of these, as many as there are placements. */
export const GROUP_PLACEMENTS = ['menu', 'greeting', 'price'] as const

export interface AccountSettings {
  readonly replyMode: ReplyMode
  /** Share of eligible conversations in which an opted-in contact is shown an invitation, 0–1. */
  readonly inviteRatio: number
  /** 0–3, the places of {@link GROUP_PLACEMENTS}. */
  readonly groupPlacements: number
  readonly productPriceMinor: number
  readonly productCurrency: string
  /** How long a draft waits for somebody to decide, whole minutes. */
  readonly draftLifeMinutes: number
  /** Said once while a draft waits; empty for nothing. Plain text. */
  readonly holdingMessage: string
  /** A model less sure than this hands over to a person, 0–1. */
  readonly confidenceMin: number
  /** Whether contacts who fell silent are reminded, twice at most. */
  readonly sendsFollowUps: boolean
}

export const SETTING_FIELDS = [
  'replyMode',
  'inviteRatio',
  'groupPlacements',
  'productPriceMinor',
  'productCurrency',
  'draftLifeMinutes',
  'holdingMessage',
  'confidenceMin',
  'sendsFollowUps',
] as const satisfies readonly (keyof AccountSettings)[]

/** What a package lets an account be set to. */
export interface SettingLimits {
  readonly package: PackageName
  readonly replyModes: readonly ReplyMode[]
  readonly inviteRatioMax: number
  readonly groupPlacementsMax: number
}

/** How modes work before anybody chose; domain §6. */
export const ANSWERING_DEFAULTS = {
  draftLifeMinutes: 60,
  holdingMessage: '',
  confidenceMin: 0.6,
  sendsFollowUps: false,
} as const

/** Where an account stands before anybody chose: people answer, and the rest is what the package gives. */
export const defaultSettings = (name: PackageName): AccountSettings => {
  const { inviteRatio, groupPlacements, productPriceMinor } = packageOf(name)
  const { currency: productCurrency } = CATALOGUE
  return {
    replyMode: 'manual',
    inviteRatio,
    groupPlacements,
    productPriceMinor,
    productCurrency,
    ...ANSWERING_DEFAULTS,
  }
}

/** What the package allows; a subscription that is over leaves people's own answers alone. */
export const settingLimits = (name: PackageName, isUsable: boolean): SettingLimits => {
  const { features, inviteRatio, groupPlacements } = packageOf(name)
  return {
    package: name,
    replyModes: isUsable ? features.replyModes : ['manual'],
    inviteRatioMax: inviteRatio,
    groupPlacementsMax: groupPlacements,
  }
}

/** What comes of a choice under these limits: never more than chosen, never more than allowed. Total. */
export const effectiveSettings = (chosen: AccountSettings, limits: SettingLimits): AccountSettings => ({
  ...chosen,
  replyMode:
    REPLY_MODES.slice(0, REPLY_MODES.indexOf(chosen.replyMode) + 1).findLast((mode) =>
      limits.replyModes.includes(mode),
    ) ?? 'manual',
  inviteRatio: Math.min(chosen.inviteRatio, limits.inviteRatioMax),
  groupPlacements: Math.min(chosen.groupPlacements, limits.groupPlacementsMax),
})

/** The first package on sale that allows it; `custom`, agreed with the operator, otherwise. */
const liftingPackage = (fits: (name: PackageName) => boolean): PackageName =>
  PACKAGES.find((name) => name !== 'trial' && fits(name)) ?? 'custom'

/** The package that brings a reply mode; null where these limits allow it. */
export const liftingReplyMode = (mode: ReplyMode, { replyModes }: SettingLimits): PackageName | null =>
  replyModes.includes(mode) ? null : liftingPackage((name) => packageOf(name).features.replyModes.includes(mode))

const inRange = (field: string, value: number, max: number): void => {
  if (!Number.isFinite(value) || value < 0 || value > max)
    throw invalid('number_expected', field, { given: String(value), min: 0, max })
}

const overPackage = (field: string, limit: number, given: number, name: PackageName, liftedBy: PackageName): AppError =>
  new AppError('limit_reached', 'setting_over_package', { field, limit, given, package: name, liftedBy })

/** Errors: `invalid/number_expected`; `limit_reached/setting_over_package` naming limit, package and what lifts it. */
export const checkInviteRatio = (value: number, limits: SettingLimits): void => {
  inRange('inviteRatio', value, 1)
  if (value <= limits.inviteRatioMax) return
  const liftedBy = liftingPackage((name) => packageOf(name).inviteRatio >= value)
  throw overPackage('inviteRatio', limits.inviteRatioMax, value, limits.package, liftedBy)
}

/** Errors: as {@link checkInviteRatio}. */
export const checkGroupPlacements = (value: number, limits: SettingLimits): void => {
  inRange('groupPlacements', value, GROUP_PLACEMENTS.length)
  if (!Number.isInteger(value))
    throw invalid('whole_number_expected', 'groupPlacements', {
      given: String(value),
      min: 0,
      max: GROUP_PLACEMENTS.length,
    })
  if (value <= limits.groupPlacementsMax) return
  const liftedBy = liftingPackage((name) => packageOf(name).groupPlacements >= value)
  throw overPackage('groupPlacements', limits.groupPlacementsMax, value, limits.package, liftedBy)
}

/** A billion of the largest coin, as a product's price in minor units. */
const PRICE_MAX = 100_000_000_000

/** Errors: `invalid/amount_out_of_range`, `invalid/field_form`. */
export const checkProductPrice = (priceMinor: number, currency: string): void => {
  if (!Number.isSafeInteger(priceMinor) || priceMinor < 0 || priceMinor > PRICE_MAX)
    throw invalid('amount_out_of_range', 'productPriceMinor', { value: String(priceMinor) })
  if (!/^[A-Z]{3}$/.test(currency)) throw invalid('field_form', 'productCurrency', { example: 'TRY' })
}

const WEEK_MINUTES = 7 * 24 * 60
const HOLDING_MESSAGE_MAX = 1_000

const checkMinutes = (field: string, value: number, max: number): void => {
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw invalid('whole_number_expected', field, { given: String(value), min: 1, max })
}

/** Errors: `invalid` with `number_expected`, `whole_number_expected`, `field_large`, `persona_use`. */
export const checkAnswering = (chosen: AccountSettings): void => {
  checkMinutes('draftLifeMinutes', chosen.draftLifeMinutes, WEEK_MINUTES)
  inRange('confidenceMin', chosen.confidenceMin, 1)
  const { holdingMessage } = chosen
  if (holdingMessage.length > HOLDING_MESSAGE_MAX)
    throw invalid('field_large', 'holdingMessage', { max: HOLDING_MESSAGE_MAX })
  const found = findUnacceptableUse(holdingMessage).find(({ category }) => category !== 'scarcity')
  if (found)
    throw invalid('persona_use', 'holdingMessage', {
      category: found.category,
      phrase: found.phrase.replace('*', '…'),
    })
}

export const intensityOf = (placements: number): GroupIntensity => GROUP_INTENSITIES[placements] ?? 'none'
export const placementsOf = (intensity: GroupIntensity): number => GROUP_INTENSITIES.indexOf(intensity)
