import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { PostTarget } from '#server/modules/groups/index.ts'

import type { ChatEvidence, RankedChat } from './best-chat.rules.ts'

/** So far back posts still tell of a chat. */
const EVIDENCE_MS = 90 * DAY_MS

export interface TargetEvidence extends ChatEvidence {
  readonly chatId: number
  /** When somebody of ours posted there last, epoch ms; null when never. */
  readonly lastPostAt: number | null
}

/** What posts into these chats brought within a day each, and when the last one was. */
export const listEvidence = async (
  tx: TenantTx,
  targets: readonly PostTarget[],
  now: number,
): Promise<ReadonlyMap<number, TargetEvidence>> => {
  const rows = targets.map(({ chatId, telegramId, memberCount }) => ({ chatId, telegramId, memberCount }))
  const { rows: found } = await sql<Omit<TargetEvidence, 'lastPostAt'> & { readonly lastPostAt: Date | null }>`
    with chat as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as c("chatId" bigint, "telegramId" bigint, "memberCount" integer)
    ), post as materialized (
      select c."chatId", c."memberCount", d.id, d.reserved_at from chat c
      -- What was posted into the group before it became this supergroup counts as well.
      join lateral (
        select c."telegramId" as id union
        select former.telegram_id from public.chat former where former.tenant_id = ${tx.tenantId} and former.migrated_to_id = c."telegramId"
      ) place on true
      join delivery d on d.tenant_id = ${tx.tenantId} and d.chat_id = place.id and d.contact_id is null
        and d.reserved_at > ${toDate(now - EVIDENCE_MS)} and d.state = 'sent' and d.message_class <> 'reply'
    ), measured as materialized (select * from post where reserved_at <= ${toDate(now - DAY_MS)}
    ), response as (
      select m."chatId", m.id, r.contact_id, r.kind from measured m
      join post_response r on r.tenant_id = ${tx.tenantId} and r.delivery_id = m.id
      union
      select m."chatId", m.id, j.contact_id, 'join' from measured m
      join contact_chat j on j.tenant_id = ${tx.tenantId} and j.chat_id = m."chatId"
        and j.joined_at >= m.reserved_at and j.joined_at < m.reserved_at + interval '1 day'
    ), counted as (
      select "chatId", count(*) filter (where kind = 'reaction') as reactions, count(*) filter (where kind = 'reply') as replies,
        count(*) filter (where kind = 'click') as clicks, count(*) filter (where kind = 'join') as joins,
        count(distinct (id, contact_id)) as responders
      from response group by 1
    ), posted as (
      select "chatId", count(*) as posts, sum(greatest("memberCount", 1)) as exposures from measured group by 1
    )
    select c."chatId", coalesce(p.posts, 0)::integer as posts, coalesce(p.exposures, 0)::integer as exposures,
      coalesce(n.reactions, 0)::integer as reactions, coalesce(n.replies, 0)::integer as replies,
      coalesce(n.clicks, 0)::integer as clicks, coalesce(n.joins, 0)::integer as joins,
      coalesce(n.responders, 0)::integer as responders,
      (select max(reserved_at) from post where post."chatId" = c."chatId") as "lastPostAt"
    from chat c left join posted p on p."chatId" = c."chatId" left join counted n on n."chatId" = c."chatId"`.execute(
    tx,
  )
  return new Map(found.map((row) => [row.chatId, { ...row, lastPostAt: row.lastPostAt?.getTime() ?? null }]))
}

/** Keeps the choice with its numbers; the first one stays. */
export const saveChosenChats = async (
  tx: TenantTx,
  campaignId: number,
  ranked: readonly RankedChat[],
): Promise<void> => {
  await tx
    .updateTable('campaign')
    .set({ chosen_chats: JSON.stringify(ranked) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', campaignId)
    .where('chosen_chats', 'is', null)
    .execute()
}

/** The choice as it was made; null before. */
export const findChosenChats = async (tx: TenantTx, campaignId: number): Promise<readonly RankedChat[] | null> => {
  const row = await tx
    .selectFrom('campaign')
    .select('chosen_chats')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', campaignId)
    .executeTakeFirst()
  return (row?.chosen_chats as readonly RankedChat[] | null | undefined) ?? null
}
