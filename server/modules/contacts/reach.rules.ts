import type { Reachability } from '#contract/words.ts'

/** What became known about one account's way to one contact. Null leaves a value as it is. */
export interface ReachRow {
  readonly contactId: number
  readonly accountId: number
  readonly reachability: Reachability | null
  readonly at: number
  readonly startedAt: number | null
  readonly startPayload: string | null
  readonly inboundAt: number | null
}

/** What became known about one contact in one chat. */
export interface MembershipRow {
  readonly contactId: number
  readonly chatId: number
  /** Null when nothing was said about membership, only that the contact was active. */
  readonly status: 'member' | 'left' | 'kicked' | null
  readonly at: number
  readonly joinedAt: number | null
  readonly activeAt: number | null
  readonly messages: number
}

const later = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b))
const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)

const mergeBy = <T>(rows: readonly T[], keyOf: (row: T) => string, merge: (a: T, b: T) => T): T[] => {
  const merged = new Map<string, T>()
  for (const row of rows) {
    const key = keyOf(row)
    const other = merged.get(key)
    merged.set(key, other === undefined ? row : merge(other, row))
  }
  return [...merged.values()]
}

/** One row per contact and account: the newest word on reachability, the first start, the last inbound message. */
export const mergeReach = (rows: readonly ReachRow[]): ReachRow[] =>
  mergeBy(
    rows,
    (row) => `${row.contactId} ${row.accountId}`,
    (a, b) => {
      const [old, young] = a.at <= b.at ? [a, b] : [b, a]
      return {
        ...young,
        reachability: young.reachability ?? old.reachability,
        startedAt: earlier(a.startedAt, b.startedAt),
        startPayload: young.startPayload ?? old.startPayload,
        inboundAt: later(a.inboundAt, b.inboundAt),
      }
    },
  )

/** One row per contact and chat: the newest word on membership, the first joining, the last activity, all messages. */
export const mergeMemberships = (rows: readonly MembershipRow[]): MembershipRow[] =>
  mergeBy(
    rows,
    (row) => `${row.contactId} ${row.chatId}`,
    (a, b) => {
      const [old, young] = a.at <= b.at ? [a, b] : [b, a]
      return {
        ...young,
        // Being active is being there: it overrides an older leaving.
        status: young.status ?? (old.activeAt !== null && old.status === null ? null : 'member'),
        joinedAt: earlier(a.joinedAt ?? a.activeAt, b.joinedAt ?? b.activeAt),
        activeAt: later(a.activeAt, b.activeAt),
        messages: a.messages + b.messages,
      }
    },
  )
