import { sql } from 'kysely'

import type { DripEvent, DripState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { SideCounts } from './effect.rules.ts'
import { creditedOrders } from './goal.store.ts'
import { pinKey } from './pin-posts.store.ts'

const NOBODY: SideCounts = { people: 0, converted: 0, revenueMinor: 0 }

/**
 * Who of a campaign's people, sent to and withheld, paid an order within seven days after their first message was due;
 * orders given back do not count. Both sides are asked the same question, whatever became of the messages.
 */
export const countSides = async (
  tx: TenantTx,
  campaignId: number,
): Promise<{ readonly treated: SideCounts; readonly holdout: SideCounts }> => {
  const { rows } = await sql<SideCounts & { readonly held: boolean }>`
    with person as materialized (
      select d.contact_id, bool_or(d.is_holdout) as held, min(d.due_at) as since from delivery d
      where d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaignId} and d.contact_id is not null group by 1
    )
    select held, count(*)::integer as people, (count(*) filter (where bought.orders > 0))::integer as converted,
      coalesce(sum(bought.amount), 0)::bigint as "revenueMinor"
    from person p cross join lateral (
      select count(*) as orders, sum((e.detail ->> 'amountMinor')::bigint) as amount from contact_event e
      where e.tenant_id = ${tx.tenantId} and e.contact_id = p.contact_id and e.kind = 'ordered'
        and e.at >= p.since and e.at < p.since + interval '7 days'
        and not exists (select from contact_event back where back.tenant_id = e.tenant_id and back.contact_id = e.contact_id
          and back.kind = 'refunded' and back.detail ->> 'reference' = e.detail ->> 'reference')
    ) bought
    group by held`.execute(tx)
  const side = (held: boolean): SideCounts => {
    const found = rows.find((row) => row.held === held)
    return found ? { people: found.people, converted: found.converted, revenueMinor: found.revenueMinor } : NOBODY
  }
  return { treated: side(false), holdout: side(true) }
}

/** Paid orders that are credited to a campaign's messages, in minor units. */
export const sumCreditedRevenue = async (tx: TenantTx, campaignId: number): Promise<number> => {
  const { rows } = await sql<{ total: number }>`
    select coalesce(sum((e.detail ->> 'amountMinor')::bigint), 0)::bigint as total from delivery d ${creditedOrders}
    where d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaignId} and d.state in ('sent', 'unknown')`.execute(tx)
  return rows[0]?.total ?? 0
}

/** Messages of the tenant in the 30 days before `at` that its quota counts. */
export const countLastMonth = async (tx: TenantTx, at: number): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from delivery d where d.tenant_id = ${tx.tenantId} and d.reserved_at > ${toDate(at - 30 * DAY_MS)}
      and d.message_class <> 'reply' and not d.is_human`.execute(tx)
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
