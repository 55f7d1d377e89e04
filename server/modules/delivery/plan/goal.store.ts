import { type RawBuilder, sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { Campaign } from '#server/modules/campaigns/index.ts'

/** Orders that count for a delivery `d`, as rows `e`: paid within a week of it, not given back, no later message in between. */
export const creditedOrders = sql`
  join contact_event e on e.tenant_id = d.tenant_id and e.contact_id = d.contact_id and e.kind = 'ordered'
    and e.at >= d.reserved_at and e.at < d.reserved_at + interval '7 days'
    and not exists (select from contact_event back where back.tenant_id = e.tenant_id and back.contact_id = e.contact_id
      and back.kind = 'refunded' and back.detail ->> 'reference' = e.detail ->> 'reference')
    and not exists (select from delivery later where later.tenant_id = d.tenant_id and later.contact_id = d.contact_id
      and later.message_class <> 'reply' and later.state in ('sent', 'unknown')
      and later.reserved_at > d.reserved_at and later.reserved_at <= e.at)`

const ofPeople: Readonly<Record<NonNullable<Campaign['goal']>['kind'], RawBuilder<unknown>>> = {
  response: sql`count(distinct d.contact_id) filter (where d.responded_at is not null) as value from delivery d`,
  click: sql`count(distinct d.contact_id) filter (where d.clicked_at is not null) as value from delivery d`,
  order: sql`count(distinct d.contact_id) filter (where d.converted_at is not null) as value from delivery d`,
  join: sql`count(distinct d.contact_id) as value from delivery d join contact_chat j on j.tenant_id = d.tenant_id
    and j.contact_id = d.contact_id and j.joined_at >= d.reserved_at and j.joined_at < d.reserved_at + interval '7 days'`,
  revenue: sql`coalesce(sum((e.detail ->> 'amountMinor')::bigint), 0)::bigint as value from delivery d ${creditedOrders}`,
}

const ofChats: Readonly<Record<'response' | 'click' | 'join', RawBuilder<unknown>>> = {
  response: sql`count(distinct r.contact_id) filter (where r.kind in ('reaction', 'reply')) as value from delivery d
    join post_response r on r.tenant_id = d.tenant_id and r.delivery_id = d.id`,
  click: sql`count(distinct r.contact_id) filter (where r.kind = 'click') as value from delivery d
    join post_response r on r.tenant_id = d.tenant_id and r.delivery_id = d.id`,
  join: sql`count(distinct j.contact_id) as value from delivery d join chat ch on ch.tenant_id = d.tenant_id and ch.telegram_id = d.chat_id
    join contact_chat j on j.tenant_id = d.tenant_id and j.chat_id = ch.id
      and j.joined_at >= d.reserved_at and j.joined_at < d.reserved_at + interval '7 days'`,
}

/** How far a campaign has come towards its goal, in people or minor units; 0 for one without a goal. */
export const countTowardsGoal = async (
  tx: TenantTx,
  { id, kind, goal }: Pick<Campaign, 'id' | 'kind' | 'goal'>,
): Promise<number> => {
  if (goal === null) return 0
  const counted =
    kind === 'announcement' && (goal.kind === 'response' || goal.kind === 'click' || goal.kind === 'join')
      ? ofChats[goal.kind]
      : ofPeople[goal.kind]
  const { rows } = await sql<{ value: number }>`select ${counted}
    where d.tenant_id = ${tx.tenantId} and d.campaign_id = ${id} and d.state in ('sent', 'unknown')`.execute(tx)
  return rows[0]?.value ?? 0
}
