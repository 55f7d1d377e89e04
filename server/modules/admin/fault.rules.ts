import { MINUTE_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import { redactLine } from '#server/base/redact.ts'

/** Something that is wrong and needs somebody, seen at one look. */
export interface Fault {
  /** Names what is wrong, never how often: `part:sending:host`, `updates_parked`. One alert for each. */
  readonly cause: string
  /** Kind of cause: `part`, `updates_parked`, `events_parked`, `database`. */
  readonly what: FaultKind
  /** For the text: which part, how many. */
  readonly params: Readonly<Record<string, string | number>>
}

export const FAULT_KINDS = ['part', 'updates_parked', 'events_parked', 'database'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** What was told about before; instants are epoch ms. */
export interface FaultAlert {
  readonly cause: string
  readonly episode: number
  readonly openedAt: number
  readonly lastSeenAt: number
  readonly toldAt: number
  readonly closedAt: number | null
  readonly params: Readonly<Record<string, string | number>>
  readonly firstSeenAt: number
  /** In how many looks it was seen, all episodes together. */
  readonly seenCount: number
  /** What somebody did about it last; kept when it comes back. */
  readonly resolution: FaultResolution | null
}

export interface FaultResolution {
  readonly at: number
  /** `operator:777`. */
  readonly by: string
  readonly note: string
}

export const FAULT_STATES = ['open', 'over', 'resolved'] as const
/** `over` went by itself, `resolved` was ended by somebody. */
export type FaultState = (typeof FAULT_STATES)[number]

/** Pure and total. */
export const faultStateOf = ({
  closedAt,
  openedAt,
  resolution,
}: Pick<FaultAlert, 'closedAt' | 'openedAt' | 'resolution'>): FaultState => {
  if (closedAt === null) return 'open'
  return resolution !== null && resolution.at >= openedAt ? 'resolved' : 'over'
}

const NOTE_MAX = 500

/** What was done about a fault, trimmed and without secrets. Errors: `invalid/text_length`. */
export const checkResolution = (note: string): string => {
  const trimmed = note.trim()
  if (trimmed === '' || trimmed.length > NOTE_MAX)
    throw invalid('text_length', 'note', { min: 1, max: NOTE_MAX, length: trimmed.length })
  return redactLine(trimmed).slice(0, NOTE_MAX)
}

/** An open alert whose cause was not seen for this long is over: what flickers inside the window is one alert. */
export const FAULT_OVER_MS = 10 * MINUTE_MS

export type FaultStep =
  /** First time, or back after its end: told. */
  | { readonly kind: 'open'; readonly episode: number }
  /** Goes on: noted and not told. */
  | { readonly kind: 'keep' }

/** What a sighting means for what is known of its cause. Pure and total. */
export const decideSighting = (alert: Pick<FaultAlert, 'episode' | 'closedAt'> | null): FaultStep => {
  if (alert === null) return { kind: 'open', episode: 1 }
  return alert.closedAt === null ? { kind: 'keep' } : { kind: 'open', episode: alert.episode + 1 }
}

/** What went wrong in a few words, fit to be shown: no secrets, one line. */
export const shortFault = (text: string): string => redactLine(text.split('\n', 1)[0] ?? '').slice(0, 160)
