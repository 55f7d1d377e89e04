import type { Locale } from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import type { Talk } from './talk.ts'

/** Whose language figures and days are written in. */
interface Reader {
  readonly speaker: { readonly locale: Locale }
}

/** Text of somebody's own, kept from turning the line around it: Unicode's first-strong isolate. */
export const isolate = (text: string): string => `\u2068${text}\u2069`

type Params = Readonly<Record<string, string | number>>

const escaped = (params: Params): Params =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? escapeText(value) : value]),
  )

/** The text of `key` in the speaker's language, as Telegram HTML: what is put into it is escaped. */
export const say = (talk: Pick<Talk, 't'>, key: string, params: Params = {}): string => talk.t(key, escaped(params))

/** The text as it is, for labels and toasts, which know no markup. */
export const plain = (talk: Pick<Talk, 't'>, key: string, params: Params = {}): string => talk.t(key, params)

/** The installation's hours, as its pages show them, wherever the machine stands. */
const HOME_ZONE = 'Europe/Istanbul'

/** A day, such as 1 June 2026; in the tenant's time zone where it is given. */
export const dayText = (talk: Reader, at: number, timeZone = HOME_ZONE): string =>
  new Intl.DateTimeFormat(talk.speaker.locale, { dateStyle: 'medium', timeZone }).format(at)

/** A day and its hour. */
export const momentText = (talk: Reader, at: number, timeZone = HOME_ZONE): string =>
  new Intl.DateTimeFormat(talk.speaker.locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at)

export const numberText = (talk: Reader, value: number, digits = 0): string =>
  new Intl.NumberFormat(talk.speaker.locale, { maximumFractionDigits: digits }).format(value)

/** An amount in minor units; Stars are whole. */
export const moneyText = (talk: Reader, amountMinor: number, currency: string): string =>
  currency === 'XTR'
    ? `${numberText(talk, amountMinor)} ⭐`
    : new Intl.NumberFormat(talk.speaker.locale, {
        style: 'currency',
        currency,
        minimumFractionDigits: amountMinor % 100 === 0 ? 0 : 2,
      }).format(amountMinor / 100)

/** A length of time in its largest whole unit, such as 12 days; rounded down. */
export const durationText = (talk: Reader, ms: number): string => {
  const units = [
    ['day', DAY_MS],
    ['hour', HOUR_MS],
    ['minute', MINUTE_MS],
  ] as const
  const [unit, lengthMs] = units.find(([, length]) => ms >= length) ?? (['minute', MINUTE_MS] as const)
  return new Intl.NumberFormat(talk.speaker.locale, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(Math.max(0, ms) / lengthMs),
  )
}

/** `▰▰▰▱▱` for a share of 0–1; more than one is full. */
export const barText = (share: number, width = 10): string => {
  const full = Math.max(0, Math.min(width, Math.round(share * width)))
  return '▰'.repeat(full) + '▱'.repeat(width - full)
}
