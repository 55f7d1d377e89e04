import { type RawBuilder, sql } from 'kysely'

import type { DeliveryState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** How one recipient of a campaign stands: a person, or for an announcement a chat. Instants are epoch ms. */
export interface CampaignRecipient {
  readonly deliveryId: number
  /** Null for a chat. */
  readonly contactId: number | null
  readonly telegramId: number | null
  readonly username: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  /** Null for a person. */
  readonly chatTitle: string | null
  /** From 0. */
  readonly step: number
  readonly variant: string | null
  readonly state: DeliveryState
  readonly reason: string | null
  readonly isHoldout: boolean
  readonly dueAt: number
  readonly sentAt: number | null
  readonly respondedAt: number | null
  readonly clickedAt: number | null
  readonly convertedAt: number | null
  readonly attempts: number
}

export interface RecipientFilter {
  readonly state?: DeliveryState
  readonly reason?: string
  /** From 0. */
  readonly step?: number
  /** Ids above this one; pages go from old to new. */
  readonly afterId?: number
  /** 1–1000, 50 when not given. */
  readonly limit?: number
}

type Instants = 'dueAt' | 'sentAt' | 'respondedAt' | 'clickedAt' | 'convertedAt'
type RecipientRow = Omit<CampaignRecipient, Instants> & { readonly dueAt: Date } & {
  readonly [K in Exclude<Instants, 'dueAt'>]: Date | null
}

const conditionsOf = (filter: RecipientFilter): readonly RawBuilder<unknown>[] => [
  ...(filter.state === undefined ? [] : [sql`d.state = ${filter.state}`]),
  ...(filter.reason === undefined ? [] : [sql`d.reason = ${filter.reason}`]),
  ...(filter.step === undefined ? [] : [sql`d.campaign_step = ${filter.step}`]),
]

/** Recipients of a campaign by delivery, oldest first. */
export const selectRecipients = async (
  tx: TenantTx,
  campaignId: number,
  filter: RecipientFilter,
): Promise<readonly CampaignRecipient[]> => {
  const base = sql`d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaignId} and d.id > ${filter.afterId ?? 0}`
  const { rows } = await sql<RecipientRow>`
    select d.id as "deliveryId", d.contact_id as "contactId", c.telegram_id as "telegramId", c.username, c.first_name as "firstName",
      c.last_name as "lastName", ch.title as "chatTitle", d.campaign_step as step, d.variant, d.state, d.reason,
      d.is_holdout as "isHoldout", d.due_at as "dueAt", case when d.state in ('sent', 'unknown') then d.reserved_at end as "sentAt",
      d.responded_at as "respondedAt", d.clicked_at as "clickedAt", d.converted_at as "convertedAt", d.attempt_count as attempts
    from delivery d
    left join contact c on c.tenant_id = d.tenant_id and c.id = d.contact_id
    left join chat ch on d.contact_id is null and ch.tenant_id = d.tenant_id and ch.telegram_id = d.chat_id
    where ${sql.join([base, ...conditionsOf(filter)], sql` and `)}
    order by d.id limit ${Math.min(Math.max(1, filter.limit ?? 50), 1_000)}`.execute(tx)
  return rows.map((row) => ({
    ...row,
    dueAt: row.dueAt.getTime(),
    sentAt: row.sentAt?.getTime() ?? null,
    respondedAt: row.respondedAt?.getTime() ?? null,
    clickedAt: row.clickedAt?.getTime() ?? null,
    convertedAt: row.convertedAt?.getTime() ?? null,
  }))
}

/**
 * Plans failed deliveries of a campaign once more, due at `at`; what Telegram refused left its slot unused. Those whom
 * the account does not reach are left, as are sends nobody can vouch for. Returns how many.
 */
export const replanFailed = async (
  tx: TenantTx,
  campaignId: number,
  filter: Pick<RecipientFilter, 'reason' | 'step'>,
  at: number,
): Promise<number> => {
  const base = sql`d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaignId} and d.state = 'failed'`
  const { numAffectedRows } = await sql`
    update delivery d set state = 'planned', reason = null, due_at = ${toDate(at)}, reserved_at = null, finished_at = null,
      content_hash = null, blocked_at = null
    where ${sql.join([base, ...conditionsOf(filter)], sql` and `)}
      and (d.contact_id is null or exists (select from contact_account ca where ca.tenant_id = d.tenant_id
        and ca.contact_id = d.contact_id and ca.account_id = d.account_id and ca.reachability = 'reachable'))
      and (d.expires_at is null or d.expires_at > ${toDate(at)})`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** What of a campaign did not arrive and is not waiting, by state and reason. */
export const countNotArrived = async (
  tx: TenantTx,
  campaignId: number,
): Promise<readonly { readonly state: DeliveryState; readonly reason: string; readonly count: number }[]> => {
  const { rows } = await sql<{ state: DeliveryState; reason: string; count: number }>`
    select state, reason, count(*)::integer as count from delivery
    where tenant_id = ${tx.tenantId} and campaign_id = ${campaignId} and state in ('failed', 'unknown')
    group by 1, 2 order by 3 desc, 1, 2`.execute(tx)
  return rows
}
