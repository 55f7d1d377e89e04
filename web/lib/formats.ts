import { useTranslation } from 'react-i18next'

/** What `make` makes, made when it is first needed: each of these costs a phone milliseconds. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => (made ??= make())
}

/** Instants, numbers and money as they are written in the language of the screen, in the tenant's time zone. */
export const formatsIn = (locale: string, timeZone: string) => {
  // Arabic is written here with the digits that its readers meet in Telegram.
  const tag = locale === 'ar' ? 'ar-u-nu-latn' : locale
  const instant = once(() => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short', timeZone }))
  const day = once(() => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone }))
  const time = once(() => new Intl.DateTimeFormat(tag, { timeStyle: 'short', timeZone }))
  const number = once(() => new Intl.NumberFormat(tag))
  const ratio = once(() => new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 }))
  const relative = once(() => new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }))
  const STEPS = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const
  return {
    instant: (at: number) => instant().format(at),
    day: (at: number) => day().format(at),
    /** The time of day alone. */
    time: (at: number) => time().format(at),
    number: (value: number) => number().format(value),
    ratio: (value: number) => ratio().format(value),
    money: (minor: number, currency: string) =>
      new Intl.NumberFormat(tag, { style: 'currency', currency }).format(minor / 100),
    /** How long before or after `now`. */
    since: (at: number, now: number) => {
      const [unit, ms] = STEPS.find(([, step]) => Math.abs(at - now) >= step) ?? ['minute', 60_000]
      return relative().format(Math.trunc((at - now) / ms), unit)
    },
  }
}

export type Formats = ReturnType<typeof formatsIn>

let shared: { readonly locale: string; readonly timeZone: string; readonly formats: Formats } | null = null

/** Those that were used last, if they are of the same place: all of a screen's parts write alike. */
const sharedFormats = (locale: string, timeZone: string): Formats => {
  if (shared?.locale !== locale || shared.timeZone !== timeZone)
    shared = { locale, timeZone, formats: formatsIn(locale, timeZone) }
  return shared.formats
}

export const useFormats = (timeZone: string): Formats => {
  const { i18n } = useTranslation()
  return sharedFormats(i18n.language, timeZone)
}
