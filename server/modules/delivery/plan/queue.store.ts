import { sql } from 'kysely'

import type { DeliverySource, DeliveryState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** How many wait for the same reason; null for those that only wait for their time. */
export interface WaitingReason {
  readonly reason: string | null
  readonly count: number
  /** Of the first of them, epoch ms. */
  readonly nextDueAt: number
}

/** How many did not leave, or did not arrive, for the same reason. */
export interface HeldBackReason {
  readonly state: DeliveryState
  readonly reason: string
  readonly count: number
}

/** A campaign with sends that Telegram refused and that may be tried once more. */
export interface FailedCampaign {
  readonly campaignId: number
  readonly name: string
  readonly count: number
}

/** One message that waits. Instants are epoch ms. */
export interface WaitingDelivery {
  readonly id: number
  readonly accountId: number
  readonly contactId: number | null
  readonly username: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  /** Null for a person. */
  readonly chatTitle: string | null
  readonly source: DeliverySource
  readonly campaignId: number | null
  readonly campaign: string | null
  readonly reason: string | null
  readonly dueAt: number
}

export interface WaitingFilter {
  readonly accountId?: number
  readonly reason?: string
  /** Ids above this one; pages go from what was planned first to what was planned last. */
  readonly afterId?: number
  /** 1–200. */
  readonly limit: number
}

export const countWaiting = async (tx: TenantTx): Promise<readonly WaitingReason[]> => {
  const { rows } = await sql<{ reason: string | null; count: number; next_due_at: Date }>`
    select case when state = 'deferred' then reason end as reason, count(*)::integer as count, min(due_at) as next_due_at
    from delivery where tenant_id = ${tx.tenantId} and state in ('planned', 'deferred')
    group by 1 order by 2 desc, 1`.execute(tx)
  return rows.map(({ reason, count, next_due_at: next }) => ({ reason, count, nextDueAt: next.getTime() }))
}

/** What ended since then without arriving, the most frequent reason first. */
export const countHeldBack = async (tx: TenantTx, since: number): Promise<readonly HeldBackReason[]> => {
  const { rows } = await sql<HeldBackReason>`
    select state, reason, count(*)::integer as count from delivery
    where tenant_id = ${tx.tenantId} and state in ('refused', 'failed', 'unknown', 'cancelled')
      and finished_at > ${toDate(since)} and not is_holdout
    group by 1, 2 order by 3 desc, 1, 2`.execute(tx)
  return rows
}

export const listFailedCampaigns = async (tx: TenantTx, since: number): Promise<readonly FailedCampaign[]> => {
  const { rows } = await sql<FailedCampaign>`
    select c.id as "campaignId", c.name, count(*)::integer as count
    from delivery d join campaign c on c.tenant_id = d.tenant_id and c.id = d.campaign_id
    where d.tenant_id = ${tx.tenantId} and d.state = 'failed' and d.finished_at > ${toDate(since)}
      and c.state <> 'cancelled'
    group by c.id, c.name order by 3 desc, 1 limit 20`.execute(tx)
  return rows
}

export const selectWaiting = async (tx: TenantTx, filter: WaitingFilter): Promise<readonly WaitingDelivery[]> => {
  const { accountId, reason, afterId = 0, limit } = filter
  const { rows } = await sql<Omit<WaitingDelivery, 'dueAt'> & { readonly due_at: Date }>`
    select d.id, d.account_id as "accountId", d.contact_id as "contactId", c.username, c.first_name as "firstName",
      c.last_name as "lastName", ch.title as "chatTitle", d.source, d.campaign_id as "campaignId", ca.name as campaign,
      case when d.state = 'deferred' then d.reason end as reason, d.due_at
    from delivery d
    left join contact c on c.tenant_id = d.tenant_id and c.id = d.contact_id
    left join chat ch on d.contact_id is null and ch.tenant_id = d.tenant_id and ch.telegram_id = d.chat_id
    left join campaign ca on ca.tenant_id = d.tenant_id and ca.id = d.campaign_id
    where d.tenant_id = ${tx.tenantId} and d.state in ('planned', 'deferred') and d.id > ${afterId}
      and ${accountId === undefined ? sql`true` : sql`d.account_id = ${accountId}`}
      and ${reason === undefined ? sql`true` : sql`d.state = 'deferred' and d.reason = ${reason}`}
    order by d.id limit ${limit}`.execute(tx)
  return rows.map(({ due_at: due, ...row }) => ({ ...row, dueAt: due.getTime() }))
}

/** Which of those that wait: one, or all that wait for a reason (null: only for their time). */
export type WaitingChoice = { readonly id: number } | { readonly reason: string | null }

const isChosen = (choice: WaitingChoice) => {
  if ('id' in choice) return sql`id = ${choice.id}`
  return choice.reason === null ? sql`state = 'planned'` : sql`state = 'deferred' and reason = ${choice.reason}`
}

/** Cancels what waits and has not left; what was paid for is handed over all the same. Returns how many. */
export const cancelChosen = async (
  tx: TenantTx,
  choice: WaitingChoice,
  reason: string,
  at: number,
): Promise<number> => {
  const { numAffectedRows } = await sql`
    update delivery set state = 'cancelled', reason = ${reason}, finished_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and state in ('planned', 'deferred') and source <> 'order'
      and ${isChosen(choice)}`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
