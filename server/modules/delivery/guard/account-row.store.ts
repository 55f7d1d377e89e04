import { sql } from 'kysely'

import type { AccountKind, Locale } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

export interface AccountRow {
  readonly id: number
  readonly global_stopped: boolean
  readonly tenant_state: string
  readonly automated_until: Date | null
  readonly tenant_stopped: boolean
  readonly time_zone: string
  readonly sender_name: string
  readonly locale: Locale
  readonly account_state: string
  readonly account_stopped: boolean
  readonly health: string
  readonly waiting_until: Date | null
  readonly linked_at: Date
  readonly kind: AccountKind
  readonly business_rights: readonly string[] | null
  readonly daily_messages_max: number | null
  readonly monthly_messages_max: number | null
  readonly per_minute_max: number | null
  readonly outreach_hourly_max: number | null
  readonly outreach_daily_max: number | null
  readonly outreach_cooldown_minutes: number
  readonly group_post_cooldown_seconds: number
  readonly quiet_from_hour: number
  readonly quiet_to_hour: number
  readonly warm_up: boolean
}

/** Of the package's limit and the tenant's own the stricter holds; a limit that is not set is left out by both functions. */
const accountColumns = sql`
  a.id,  i.sending_stopped_at is not null as global_stopped, t.state as tenant_state,
  l.automated_until,
  t.sending_stopped_at is not null as tenant_stopped, t.time_zone, t.sender_name, t.locale,
  a.state as account_state, a.sending_stopped_at is not null as account_stopped, a.health, a.waiting_until, a.linked_at,
  a.kind, a.business_rights,
  l.daily_messages_max, l.monthly_messages_max, least(l.per_minute_max, l.own_per_minute_max) as per_minute_max,
  least(l.outreach_hourly_max, l.own_outreach_hourly_max) as outreach_hourly_max,
  least(l.outreach_daily_max, l.own_outreach_daily_max) as outreach_daily_max,
  greatest(l.outreach_cooldown_minutes, l.own_outreach_cooldown_minutes) as outreach_cooldown_minutes,
  greatest(l.group_post_cooldown_seconds, l.own_group_post_cooldown_seconds) as group_post_cooldown_seconds,
  l.quiet_from_hour, l.quiet_to_hour, l.warm_up`

const accountTables = sql`tenant_limits l join tenant t on t.id = l.tenant_id
  join account a on a.tenant_id = l.tenant_id cross join installation i`

/** Facts of an account, as they stand; null for one that is not the tenant's. */
export const findAccountRow = async (tx: TenantTx, accountId: number): Promise<AccountRow | null> => {
  const { rows } = await sql<AccountRow>`
    select ${accountColumns} from ${accountTables} where l.tenant_id = ${tx.tenantId} and a.id = ${accountId}`.execute(
    tx,
  )
  return rows[0] ?? null
}

/**
 * Facts of accounts, by account. They stay locked for the transaction, lowest id first, and before them the tenant when it
 * has a quota that all its accounts share, so no slot is taken twice.
 */
export const lockAccountRows = async (
  tx: TenantTx,
  accountIds: readonly number[],
): Promise<ReadonlyMap<number, AccountRow>> => {
  // The common table is read in full before the first account row is locked.
  const { rows } = await sql<AccountRow>`
    with shared as materialized (
      select tenant_id from tenant_limits
      where tenant_id = ${tx.tenantId} and (daily_messages_max is not null or monthly_messages_max is not null)
      for no key update
    )
    select ${accountColumns} from ${accountTables} left join shared on shared.tenant_id = l.tenant_id
    where l.tenant_id = ${tx.tenantId} and a.id = any(${accountIds}::bigint[])
    order by a.id for no key update of a`.execute(tx)
  return new Map(rows.map((row) => [row.id, row]))
}
