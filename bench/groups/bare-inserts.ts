import { sql } from 'kysely'

import { systemClock, toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'

import { type Group, updateOf } from './traffic.ts'

/**
 * The same rows written bare: the stored update and the message, `batch` to a transaction, nothing else done. Returns
 * messages a second; `each` is how many in every group.
 */
export const measureBareInserts = async (
  db: Db,
  groups: readonly Group[],
  { each, batch }: { readonly each: number; readonly batch: number },
): Promise<number> => {
  await sql`create table bare_update (like update_inbox including indexes)`.execute(db)
  await sql`create table bare_message (like message including indexes including identity)`.execute(db)
  const now = systemClock.now()
  const begun = performance.now()
  const work = async (group: Group): Promise<void> => {
    const { tenantId, accountId } = group.owner
    for (let first = 1; first <= each; first += batch) {
      const updates = Array.from({ length: batch }, (_, i) => updateOf(group, first + i, now))
      await db.transaction().execute(async (tx) => {
        await sql`
          insert into bare_update (tenant_id, account_id, update_id, queue_key, kind, payload, received_at, state, attempts)
          select ${tenantId}, ${accountId}, u.id, 'chat', 'message', u.payload, ${toDate(now)}, 'done', 0
          from unnest(${updates.map((u) => u.update_id)}::bigint[], ${updates.map((u) => JSON.stringify(u))}::jsonb[])
            as u(id, payload)`.execute(tx)
        await sql`
          insert into bare_message (tenant_id, at, contact_id, account_id, chat_id, direction, kind, telegram_message_id, text)
          select ${tenantId}, ${toDate(now)}, u.person, ${accountId}, ${group.telegramId}, 'in', 'text', u.id, u.text
          from unnest(${updates.map((u) => u.update_id)}::bigint[], ${updates.map((u) => u.message.from.id)}::bigint[],
            ${updates.map((u) => u.message.text)}::text[]) as u(id, person, text)`.execute(tx)
      })
    }
  }
  await Promise.all(groups.map(work))
  const perSecond = (each * groups.length * 1_000) / (performance.now() - begun)
  await sql`drop table bare_update, bare_message`.execute(db)
  return perSecond
}
