import { type RawBuilder, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'

import type { Db } from './pool.ts'

/** How long what is kept (spec: texts of messages 90 days; the inbox and events as long as a fault may need a look). */
export const RETENTION = {
  messageTextMs: 90 * DAY_MS,
  finishedUpdateMs: 7 * DAY_MS,
  eventMs: 30 * DAY_MS,
} as const

const BATCH = 5_000

/** Drops the texts of old messages; the rows and their counts stay. Returns how many. */
export const dropOldTexts = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    update message set text = null where (tenant_id, id, at) in (
      select tenant_id, id, at from message
      where text is not null and at < ${toDate(now - RETENTION.messageTextMs)} limit ${BATCH})`,
  )

/** Removes updates that were applied or ignored long ago; parked ones wait for a person. Returns how many. */
export const removeFinishedUpdates = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    delete from update_inbox where (account_id, update_id) in (
      select account_id, update_id from update_inbox
      where state in ('done', 'ignored') and finished_at < ${toDate(now - RETENTION.finishedUpdateMs)} limit ${BATCH})`,
  )

/** Small transactions, so that the duty never locks what sends and replies wait for. */
const inBatches = async (db: Db, statement: () => RawBuilder<unknown>): Promise<number> => {
  for (let total = 0; ;) {
    const { numAffectedRows } = await statement().execute(db)
    total += Number(numAffectedRows ?? 0n)
    if (Number(numAffectedRows ?? 0n) < BATCH) return total
  }
}
