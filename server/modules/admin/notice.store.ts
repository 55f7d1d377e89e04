import { sql } from 'kysely'

import type { Locale } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import {
  CLAIM_LIFE_MS,
  GROUPING_MS,
  NOTICE_LIFE_MS,
  type Notice,
  type NoticeAudience,
  type NoticeKind,
  type NoticeParams,
} from './notice.rules.ts'

export interface NewNotice {
  readonly recipient: number
  readonly audience: NoticeAudience
  readonly kind: NoticeKind
  /** The same key is the same notice, however often its cause repeats. */
  readonly dedupeKey: string
  readonly params: NoticeParams
  readonly groupKey: string
  readonly createdAt: number
}

/** Returns how many were new. */
export const insertNotices = async (tx: OperatorTx, notices: readonly NewNotice[]): Promise<number> => {
  if (notices.length === 0) return 0
  const rows = await tx
    .insertInto('panel_notice')
    .values(
      notices.map((notice) => ({
        recipient: notice.recipient,
        audience: notice.audience,
        kind: notice.kind,
        dedupe_key: notice.dedupeKey,
        params: JSON.stringify(notice.params),
        group_key: notice.groupKey,
        created_at: toDate(notice.createdAt),
        next_at: toDate(notice.createdAt + GROUPING_MS),
      })),
    )
    .onConflict((c) => c.columns(['recipient', 'dedupe_key']).doNothing())
    .returning('id')
    .execute()
  return rows.length
}

/** Notices of one person that become one message. */
export interface NoticeGroup {
  readonly recipient: number
  readonly chatId: number
  readonly locale: Locale
  readonly kind: NoticeKind
  /** Oldest first. */
  readonly notices: readonly Notice[]
}

interface ClaimedRow {
  readonly id: number
  readonly recipient: number
  readonly chat_id: number
  readonly locale: Locale
  readonly kind: NoticeKind
  readonly group_key: string
  readonly params: NoticeParams
  readonly created_at: Date
  readonly attempts: number
}

/**
 * Takes the groups that are due at `now`, at most `limit`, with all that waits in them. What is taken here is taken
 * from nobody else: of two senders each gets other notices. People who stopped the bot, or never started it, wait.
 */
export const takeNotices = async (tx: OperatorTx, now: number, limit: number): Promise<readonly NoticeGroup[]> => {
  const { rows } = await sql<ClaimedRow>`
    with due as (
      select n.recipient, n.kind, n.group_key from panel_notice n
      join panel_person p on p.telegram_id = n.recipient and p.blocked_at is null
      where n.claimed_at is null and n.outcome is null and n.next_at <= ${toDate(now)}
      group by 1, 2, 3 order by min(n.next_at) limit ${limit}
    ), mine as (
      select n.id from panel_notice n join due d using (recipient, kind, group_key)
      where n.claimed_at is null and n.outcome is null
      for update of n skip locked
    )
    update panel_notice n set claimed_at = ${toDate(now)}, attempts = n.attempts + 1
    from mine, panel_person p
    where n.id = mine.id and p.telegram_id = n.recipient
    returning n.id, n.recipient, p.chat_id, p.locale, n.kind, n.group_key, n.params, n.created_at, n.attempts`.execute(
    tx,
  )
  const groups = Map.groupBy(
    rows.toSorted((a, b) => a.id - b.id),
    (row) => JSON.stringify([row.recipient, row.kind, row.group_key]),
  )
  return [...groups.values()].flatMap((same) => {
    const [first] = same
    if (!first) return []
    const notices = same.map((row) => ({
      id: row.id,
      kind: row.kind,
      params: row.params,
      createdAt: row.created_at.getTime(),
      attempts: row.attempts,
    }))
    return [{ recipient: first.recipient, chatId: first.chat_id, locale: first.locale, kind: first.kind, notices }]
  })
}

export type NoticeOutcome = 'sent' | 'unknown' | 'blocked' | 'rejected' | 'withdrawn'

/** Writes how a claimed group ended. */
export const saveNoticeOutcome = async (
  tx: OperatorTx,
  ids: readonly number[],
  outcome: NoticeOutcome,
  at: number,
): Promise<void> => {
  await tx
    .updateTable('panel_notice')
    .set({ outcome, sent_at: outcome === 'sent' ? toDate(at) : null })
    .where('id', 'in', ids)
    .where('outcome', 'is', null)
    .execute()
}

/** Gives a claimed group back: it provably was not said. */
export const returnNotices = async (tx: OperatorTx, ids: readonly number[], nextAt: number): Promise<void> => {
  await tx
    .updateTable('panel_notice')
    .set({ claimed_at: null, next_at: toDate(nextAt) })
    .where('id', 'in', ids)
    .where('outcome', 'is', null)
    .execute()
}

/** Ends what was cut off while it was said, and what became old news before it could be said. */
export const endStaleNotices = async (
  tx: OperatorTx,
  now: number,
): Promise<{ readonly interrupted: number; readonly expired: number }> => {
  const interrupted = await tx
    .updateTable('panel_notice')
    .set({ outcome: 'unknown' })
    .where('outcome', 'is', null)
    .where('claimed_at', '<=', toDate(now - CLAIM_LIFE_MS))
    .executeTakeFirst()
  const expired = await tx
    .updateTable('panel_notice')
    .set({ outcome: 'expired' })
    .where('outcome', 'is', null)
    .where('claimed_at', 'is', null)
    .where('created_at', '<=', toDate(now - NOTICE_LIFE_MS))
    .executeTakeFirst()
  return { interrupted: Number(interrupted.numUpdatedRows), expired: Number(expired.numUpdatedRows) }
}

/** When the next group is due, epoch ms; null when nothing waits for anybody who can be reached. */
export const findNextNoticeAt = async (tx: OperatorTx): Promise<number | null> => {
  const row = await tx
    .selectFrom('panel_notice as n')
    .innerJoin('panel_person as p', 'p.telegram_id', 'n.recipient')
    .select((e) => e.fn.min('n.next_at').as('at'))
    .where('n.claimed_at', 'is', null)
    .where('n.outcome', 'is', null)
    .where('p.blocked_at', 'is', null)
    .executeTakeFirst()
  return row?.at ? row.at.getTime() : null
}

/** Removes ended notices created before an instant. Returns how many. */
export const removeOldNotices = async (tx: OperatorTx, before: number): Promise<number> => {
  const { numDeletedRows } = await tx
    .deleteFrom('panel_notice')
    .where('created_at', '<', toDate(before))
    .where('outcome', 'is not', null)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
