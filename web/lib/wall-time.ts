const PARTS = ['year', 'month', 'day', 'hour', 'minute'] as const

/** What a clock on the wall shows in this time zone, as `<input type="datetime-local">` writes it: `2026-06-01T09:30`. */
export const wallOf = (at: number, timeZone: string): string => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const found = new Map(format.formatToParts(at).map(({ type, value }) => [type as string, value]))
  const [year = '', month = '', day = '', hour = '', minute = ''] = PARTS.map((part) => found.get(part) ?? '')
  return `${year.padStart(4, '0')}-${month}-${day}T${hour}:${minute}`
}

/**
 * The instant at which a clock on the wall of this time zone shows `wall`, epoch ms; null for what is no time. Of two such
 * instants, when clocks are put back, the earlier; in the hour that is skipped, as if clocks had not been put forward yet.
 */
export const instantOf = (wall: string, timeZone: string): number | null => {
  const asUtc = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(wall) ? Date.parse(`${wall}Z`) : Number.NaN
  if (Number.isNaN(asUtc)) return null
  const offsetAt = (at: number) => Date.parse(`${wallOf(at, timeZone)}Z`) - at
  const DAY_MS = 86_400_000
  const before = asUtc - offsetAt(asUtc - DAY_MS)
  const after = asUtc - offsetAt(asUtc + DAY_MS)
  return [before, after].find((at) => wallOf(at, timeZone) === wall) ?? before
}
