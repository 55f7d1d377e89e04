import { LOCALES, type Locale } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'

/** A new tenant's strategies only observe for this long. */
export const OBSERVE_MS = DAY_MS

export interface Tenant {
  readonly id: number
  readonly slug: string
  readonly name: string
  /** Who commercial messages say they come from. */
  readonly senderName: string
  readonly locale: Locale
  readonly timeZone: string
  readonly state: 'active' | 'suspended'
  /** Why nothing is sent for this tenant; null while sending is allowed. */
  readonly sendingStopped: string | null
}

export interface NewTenant {
  /** Short name in addresses and options: a–z, 0–9 and -, at most 63 characters. */
  readonly slug: string
  readonly name: string
  /** The name when left out. */
  readonly senderName?: string
  readonly locale?: Locale
  /** IANA name; Europe/Istanbul when left out. */
  readonly timeZone?: string
}

export type CheckedTenant = Required<NewTenant>

const isTimeZone = (name: string): boolean => {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const between = (field: string, text: string, max: number): string => {
  const trimmed = text.trim()
  if (trimmed.length === 0 || trimmed.length > max)
    throw invalid('text_length', field, { min: 1, max, length: trimmed.length })
  return trimmed
}

/** The tenant with defaults filled in. Errors: `invalid` naming the field. */
export const checkNewTenant = (input: NewTenant): CheckedTenant => {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(input.slug))
    throw invalid('tenant_slug', 'slug', { given: input.slug.slice(0, 70) })
  const name = between('name', input.name, 200)
  const senderName = between('senderName', input.senderName ?? name.slice(0, 100), 100)
  const locale = input.locale ?? 'tr'
  if (!LOCALES.includes(locale)) throw invalid('unknown_word', 'locale', { given: locale, allowed: LOCALES.join(', ') })
  const timeZone = input.timeZone ?? 'Europe/Istanbul'
  if (!isTimeZone(timeZone)) throw invalid('time_zone', 'timeZone', { given: timeZone.slice(0, 70) })
  return { slug: input.slug, name, senderName, locale, timeZone }
}
