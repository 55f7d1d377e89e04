import type { Locale } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

import { type Tenant, checkNewTenant } from './tenant.rules.ts'

/** What a tenant decides about itself. Hours are those of the person who is written to. */
export interface TenantSettings {
  readonly name: string
  readonly senderName: string
  readonly locale: Locale
  readonly timeZone: string
  /** Nothing commercial is sent from this hour on … */
  readonly quietFromHour: number
  /** … until this one. */
  readonly quietToHour: number
}

export const SETTINGS = ['name', 'senderName', 'locale', 'timeZone', 'quietFromHour', 'quietToHour'] as const

/** The night from 21 to 9 is everybody's; a tenant can only make it longer, and a few hours of day remain. */
const QUIET_FROM = { min: 13, max: 21 } as const
const QUIET_TO = { min: 9, max: 12 } as const

const checkHour = (
  field: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): void => {
  if (!Number.isInteger(value) || value < min || value > max)
    throw invalid('whole_number_expected', field, { given: String(value), min, max })
}

/**
 * The settings after a change. What stays is not asked about again: an operator may have agreed to other hours. Errors:
 * `invalid` with `text_length`, `unknown_word`, `time_zone`, `whole_number_expected`.
 */
export const changedSettings = (
  { slug }: Pick<Tenant, 'slug'>,
  before: TenantSettings,
  change: Partial<TenantSettings>,
): TenantSettings => {
  const { name, senderName, locale, timeZone } = checkNewTenant({ slug, ...before, ...change })
  const { quietFromHour, quietToHour } = { ...before, ...change }
  if (quietFromHour !== before.quietFromHour) checkHour('quietFromHour', quietFromHour, QUIET_FROM)
  if (quietToHour !== before.quietToHour) checkHour('quietToHour', quietToHour, QUIET_TO)
  return { name, senderName, locale, timeZone, quietFromHour, quietToHour }
}
