import { parseInstant } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }

/** An instant a person types: `30m`, `2h`, `3d` from now on, or `2026-06-01T18:00+03:00`. Errors: `invalid/when_expected`. */
export const readWhen = (field: string, text: string, now: number): number => {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return now + Number(count) * (UNITS[unit] ?? 0)
  const at = parseInstant(text)
  if (at === null)
    throw invalid('when_expected', field, { given: text.slice(0, 40), example: '2h, 3d, 2026-06-01T18:00+03:00' })
  return at
}
