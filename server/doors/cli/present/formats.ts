import type { Locale } from '#contract/words.ts'

/** How numbers and instants are written in one language; Western digits everywhere, so that columns align. */
export interface Formats {
  readonly number: (value: number) => string
  /** A ratio 0–1 as a percentage. */
  percent(ratio: number, digits?: number): string
  /** Minor units of a currency with two decimals; Stars (XTR) come whole. */
  money(minor: number, currency: string): string
  /** An instant in a time zone, to the minute. */
  instant(at: number, timeZone: string): string
  /** How long ago or ahead, in the largest fitting unit. */
  relative(at: number, now: number): string
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

export const formatsFor = (locale: Locale): Formats => {
  const tag = `${locale}-u-nu-latn`
  const number = new Intl.NumberFormat(tag)
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })
  return {
    number: (value) => number.format(value),
    percent: (ratio, digits = 1) =>
      new Intl.NumberFormat(tag, {
        style: 'percent',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(ratio),
    money: (minor, currency) =>
      currency === 'XTR'
        ? `${number.format(minor)} XTR`
        : new Intl.NumberFormat(tag, { style: 'currency', currency }).format(minor / 100),
    instant: (at, timeZone) =>
      new Intl.DateTimeFormat(tag, { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(at),
    relative(at, now) {
      const distance = at - now
      const [unit, ms] = UNITS.find(([, size]) => Math.abs(distance) >= size) ?? UNITS[3]
      return relative.format(Math.round(distance / ms), unit)
    },
  }
}
