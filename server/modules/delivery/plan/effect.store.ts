import { sql } from 'kysely'

import type { DripEvent, DripState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { SideCounts } from './effect.rules.ts'
import { creditedOrders } from './goal.store.ts'
import { pinKey } from './pin-posts.store.ts'

/** People of a campaign, of either side. A message to somebody merged into another counts for that one. */
const countPeople = async (tx: TenantTx, campaignId: number, isHoldout?: true): Promise<number> => {
  // An index tells both columns; `is_holdout` is read from the rows, and few campaigns withhold.
  const { rows } = await sql<{ people: number }>`
    select count(distinct contact_id)::integer as people from delivery
    where tenant_id = ${tx.tenantId} and campaign_id = ${campaignId} ${isHoldout ? sql`and is_holdout` : sql``}`.execute(
    tx,
  )
  return rows[0]?.people ?? 0
}

/**
 * Who of a campaign's people, sent to and withheld, paid an order within seven days after their first message was due;
 * orders given back do not count. Both sides are asked the same question, whatever became of the messages. `withholds`:
 * some messages of the campaign are withheld.
 */
export const countSides = async (
  tx: TenantTx,
  campaignId: number,
  withholds: boolean,
): Promise<{ readonly treated: SideCounts; readonly holdout: SideCounts }> => {
  // Few buy: beginning with them spares asking for each of the others.
  const { rows } = await sql<Omit<SideCounts, 'people'> & { readonly held: boolean }>`
    with buyer as materialized (
      select distinct contact_id from contact_event where tenant_id = ${tx.tenantId} and kind = 'ordered'
    ), person as materialized (
      select d.contact_id, bool_or(d.is_holdout) as held, min(d.due_at) as since from delivery d join buyer b using (contact_id)
      where d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaignId} group by 1
    )
    select p.held, count(distinct p.contact_id)::integer as converted,
      coalesce(sum((e.detail ->> 'amountMinor')::bigint), 0)::bigint as "revenueMinor"
    from person p join contact_event e on e.tenant_id = ${tx.tenantId} and e.contact_id = p.contact_id and e.kind = 'ordered'
      and e.at >= p.since and e.at < p.since + interval '7 days'
      and not exists (select from contact_event back where back.tenant_id = e.tenant_id and back.contact_id = e.contact_id
        and back.kind = 'refunded' and back.detail ->> 'reference' = e.detail ->> 'reference')
    group by 1`.execute(tx)
  const everybody = await countPeople(tx, campaignId)
  const withheld = withholds ? await countPeople(tx, campaignId, true) : 0
  const side = (held: boolean, people: number): SideCounts => {
    const { converted = 0, revenueMinor = 0 } = rows.find((row) => row.held === held) ?? {}
    return { people, converted, revenueMinor }
  }
  return { treated: side(false, everybody - withheld), holdout: side(true, withheld) }
}

/** Paid orders that are credited to a campaign's messages, in minor units. */
export const sumCreditedRevenue = async (tx: TenantTx, campaignId: number): Promise<number> => {
  const { rows } = await sql<{ total: number }>`
    select coalesce(sum((e.detail ->> 'amountMinor')::bigint), 0)::bigint as total from delivery d ${creditedOrders}
    where d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaignId} and d.state in ('sent', 'unknown')`.execute(tx)
  return rows[0]?.total ?? 0
}

/** Messages of the tenant in the 30 days before `at` that its quota counts, to the quarter of an hour. */
export const countLastMonth = async (tx: TenantTx, at: number): Promise<number> => {
  const within = sql`where tenant_id = ${tx.tenantId} and starts_at > ${toDate(at - 30 * DAY_MS)}`
  const { rows } = await sql<{ count: number }>`
    select coalesce(sum(metered), 0)::integer as count from (
      select metered from activity_quarter ${within} union all select metered from activity_change ${within}) m`.execute(
    tx,
  )
  return rows[0]?.count ?? 0
}

/** How an announcement went in one chat. */
export interface ChatResult {
  readonly title: string | null
  readonly telegramId: number
  readonly state: string
  readonly reason: string | null
  /** Epoch ms; null before it was posted. */
  readonly sentAt: number | null
  readonly reactions: number
  readonly replies: number
  readonly clicks: number
  /** People who joined the chat within a day of it. */
  readonly joins: number
  /** `wanted`, `done`, `failed` …; null where it was not to be pinned. */
  readonly pinState: string | null
  readonly pinReason: string | null
}

/** An announcement's posts with what they brought, in the order of their chats' titles. */
export const listChatResults = async (tx: TenantTx, campaignId: number): Promise<readonly ChatResult[]> => {
  const { rows } = await sql<Omit<ChatResult, 'sentAt'> & { readonly sentAt: Date | null }>`
    select ch.title, d.chat_id as "telegramId", d.state, d.reason, case when d.state in ('sent', 'unknown') then d.reserved_at end as "sentAt",
      got.reactions, got.replies, got.clicks, case when d.state = 'sent' then (
        select count(*)::integer from contact_chat j where j.tenant_id = d.tenant_id and j.chat_id = ch.id
          and j.joined_at >= d.reserved_at and j.joined_at < d.reserved_at + interval '1 day') else 0 end as joins,
      a.state as "pinState", a.reason as "pinReason"
    from delivery d
    left join chat ch on ch.tenant_id = d.tenant_id and ch.telegram_id = d.chat_id
    cross join lateral (
      select (count(*) filter (where r.kind = 'reaction'))::integer as reactions, (count(*) filter (where r.kind = 'reply'))::integer as replies,
        (count(*) filter (where r.kind = 'click'))::integer as clicks
      from post_response r where r.tenant_id = d.tenant_id and r.delivery_id = d.id
    ) got
    left join group_act a on a.tenant_id = d.tenant_id and a.dedupe_key = ${pinKey(0).slice(0, -1)} || d.id
    where d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaignId} and d.contact_id is null
    order by ch.title nulls last, d.id`.execute(tx)
  return rows.map((row) => ({ ...row, sentAt: row.sentAt?.getTime() ?? null }))
}

/** How many people of a drip stand where: on the way by the last step planned (from 0), done, or stopped by reason. */
export interface DripCounts {
  readonly active: number
  readonly done: number
  readonly stopped: Readonly<Partial<Record<DripEvent, number>>>
  readonly byStep: readonly { readonly step: number; readonly active: number }[]
}

export const countPositions = async (tx: TenantTx, campaignId: number): Promise<DripCounts> => {
  const { rows } = await sql<{ state: DripState; reason: DripEvent | null; step: number; count: number }>`
    select state, reason, step, count(*)::integer as count from drip_position
    where tenant_id = ${tx.tenantId} and campaign_id = ${campaignId} group by 1, 2, 3 order by 3`.execute(tx)
  const sum = (state: DripState): number =>
    rows.filter((row) => row.state === state).reduce((total, row) => total + row.count, 0)
  const stopped: Partial<Record<DripEvent, number>> = {}
  for (const { reason, count } of rows) if (reason !== null) stopped[reason] = (stopped[reason] ?? 0) + count
  return {
    active: sum('active'),
    done: sum('done'),
    stopped,
    byStep: rows.filter((row) => row.state === 'active').map(({ step, count }) => ({ step, active: count })),
  }
}
