import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { AccountHealth } from '#server/modules/accounts/index.ts'

import type { HealthEvidence, HealthFigures, HealthStanding, HealthVerdict } from './health.rules.ts'

/** Failure reasons that a recipient causes by not wanting or not being able to be reached. */
const FORBIDDEN = ['blocked', 'deactivated', 'not_started', 'recipient_refused']

/** The account's figures of the day before `now`. */
export const findHealthFigures = async (tx: TenantTx, accountId: number, now: number): Promise<HealthFigures> => {
  const { rows } = await sql<HealthFigures>`
    select count(*) filter (where d.state in ('sent', 'failed', 'unknown')) as sends,
      count(*) filter (where d.blocked_at is not null) as blocks,
      count(*) filter (where d.opted_out_at is not null) as "optOuts",
      count(*) filter (where d.state = 'failed' and d.reason = any(${FORBIDDEN})) as forbidden,
      (select count(*) from attempt a where a.tenant_id = ${tx.tenantId} and a.account_id = ${accountId}
        and a.started_at > ${toDate(now - HOUR_MS)} and a.failure = 'flood_wait') as floods
    from delivery d
    where d.tenant_id = ${tx.tenantId} and d.account_id = ${accountId} and d.message_class <> 'reply'
      and d.reserved_at > ${toDate(now - DAY_MS)} and d.reserved_at <= ${toDate(now)}`.execute(tx)
  return rows[0] ?? { sends: 0, blocks: 0, optOuts: 0, forbidden: 0, floods: 0 }
}

/** How the account stands; null where there is none. Locks it, so that two never judge at once. */
export const findStanding = async (tx: TenantTx, accountId: number): Promise<HealthStanding | null> => {
  const row = await tx
    .selectFrom('account')
    .select(['health', 'health_changed_at', 'health_clean_since', 'health_reviewed_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!row) return null
  return {
    health: row.health as AccountHealth,
    changedAt: row.health_changed_at?.getTime() ?? null,
    cleanSince: row.health_clean_since?.getTime() ?? null,
    reviewedAt: row.health_reviewed_at?.getTime() ?? null,
  }
}

/** Writes a verdict with what it rests on; `changedAt` (epoch ms) only when the account goes on differently from now on. */
export const setHealth = async (
  tx: TenantTx,
  accountId: number,
  { health, reason, cleanSince }: HealthVerdict,
  evidence: readonly HealthEvidence[],
  changedAt: number | null,
): Promise<void> => {
  await tx
    .updateTable('account')
    .set({
      health,
      health_reason: reason,
      health_evidence: JSON.stringify(evidence),
      health_clean_since: cleanSince === null ? null : toDate(cleanSince),
      ...(changedAt !== null && { health_changed_at: toDate(changedAt) }),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .execute()
}

export const saveReview = async (
  tx: TenantTx,
  accountId: number,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ health_reviewed_at: toDate(at), health_reviewed_by: by })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .execute()
}

/** What else tells how an account goes on: the figures it was judged by, its age and the limits that hold for it. */
export interface HealthRow {
  readonly accountId: number
  readonly displayName: string
  readonly health: AccountHealth
  readonly reason: string | null
  readonly changedAt: Date | null
  readonly cleanSince: Date | null
  readonly reviewedAt: Date | null
  readonly reviewedBy: string | null
  /** As it was judged when it last changed; null before it ever was. */
  readonly evidence: readonly HealthEvidence[] | null
  readonly linkedAt: Date
  readonly warmUp: boolean
  readonly perMinuteMax: number | null
  readonly outreachHourlyMax: number | null
  readonly outreachDailyMax: number | null
  readonly dailyMessagesMax: number | null
  readonly commercialToday: number
}

export const listHealthRows = async (
  tx: TenantTx,
  accountId: number | null,
  now: number,
): Promise<readonly HealthRow[]> => {
  const { rows } = await sql<HealthRow>`
    select a.id as "accountId", a.display_name as "displayName", a.health, a.health_reason as reason,
      a.health_changed_at as "changedAt", a.health_clean_since as "cleanSince", a.health_reviewed_at as "reviewedAt",
      a.health_reviewed_by as "reviewedBy", a.health_evidence as evidence, a.linked_at as "linkedAt", l.warm_up as "warmUp",
      least(l.per_minute_max, l.own_per_minute_max) as "perMinuteMax",
      least(l.outreach_hourly_max, l.own_outreach_hourly_max) as "outreachHourlyMax",
      least(l.outreach_daily_max, l.own_outreach_daily_max) as "outreachDailyMax", l.daily_messages_max as "dailyMessagesMax",
      (select count(*)::integer from delivery d where d.tenant_id = a.tenant_id and d.account_id = a.id
        and d.message_class = 'commercial' and d.reserved_at > ${toDate(now - DAY_MS)}) as "commercialToday"
    from account a join tenant_limits l on l.tenant_id = a.tenant_id
    where a.tenant_id = ${tx.tenantId} and a.purpose = 'contacts' and ${accountId === null ? sql`true` : sql`a.id = ${accountId}`}
    order by a.id`.execute(tx)
  return rows
}
