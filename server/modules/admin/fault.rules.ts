import { MINUTE_MS } from '#server/base/duration.ts'
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
