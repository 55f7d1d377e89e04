import { sql } from 'kysely'

import type { Simulation } from './open-simulation.ts'

/** What the server knows in the end, beside the ledger. */
export const readKnowledge = async ({ db, tenantId }: Simulation) => {
  const { rows } = await sql<{
    contacts: number
    started: number
    received: number
    unfinished: number
    spamRemoved: number
    joinedByLink: number
    ratings: number
    segments: Record<string, number>
  }>`
    select (select count(*) from contact where tenant_id = ${tenantId}) as contacts,
      (select count(*) from contact_account where tenant_id = ${tenantId} and started_at is not null) as started,
      (select count(*) from message where tenant_id = ${tenantId} and direction = 'in' and chat_id > 0) as received,
      (select count(*) from update_inbox where state in ('new', 'parked')) as unfinished,
      (select count(*) from group_act where tenant_id = ${tenantId} and kind = 'delete' and state = 'done') as "spamRemoved",
      (select count(*) from invite_join where tenant_id = ${tenantId} and link_id is not null and joined_at is not null)
        as "joinedByLink",
      (select count(*) from conversation_rating where tenant_id = ${tenantId} and value is not null) as ratings,
      (select jsonb_object_agg(s, n) from (
        select primary_segment as s, count(*) as n from segment_assignment
        where tenant_id = ${tenantId} and primary_segment is not null group by 1
      ) of_segment) as segments`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('the database counts nothing')
  return row
}

/** Dialogs in which the person has blocked the bot and the server believes it could write. */
export const findUnknownBlocks = async ({
  db,
  tenantId,
  simulator,
  accounts,
}: Simulation): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('contact_account as a')
    .innerJoin('contact as c', (join) =>
      join.onRef('c.id', '=', 'a.contact_id').onRef('c.tenant_id', '=', 'a.tenant_id'),
    )
    .select(['c.telegram_id', 'a.account_id'])
    .where('a.tenant_id', '=', tenantId)
    .where('a.reachability', '=', 'reachable')
    .execute()
  const botOf = new Map(accounts.map((account) => [account.accountId, account.telegramId]))
  return rows.flatMap(({ telegram_id: userId, account_id: accountId }) => {
    const botId = botOf.get(accountId) ?? 0
    return userId !== null && simulator.control.getDialog({ userId, botId }).isBlocked ? [`${userId}:${botId}`] : []
  })
}
