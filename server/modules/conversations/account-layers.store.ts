import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

/** What is set for all of the tenant's accounts, by layer. */
export interface TenantLayers {
  readonly package: string
  readonly limitsChangedAt: Date
  readonly perMinuteMax: number | null
  readonly ownPerMinuteMax: number | null
  readonly outreachHourlyMax: number | null
  readonly ownOutreachHourlyMax: number | null
  readonly outreachDailyMax: number | null
  readonly ownOutreachDailyMax: number | null
  readonly outreachCooldownMinutes: number
  readonly ownOutreachCooldownMinutes: number | null
  readonly groupPostCooldownSeconds: number
  readonly ownGroupPostCooldownSeconds: number | null
  readonly dailyMessagesMax: number | null
  readonly monthlyMessagesMax: number | null
  readonly quietFromHour: number
  readonly quietToHour: number
  readonly warmUp: boolean
  readonly timeZone: string
  readonly senderName: string
  readonly locale: string
}

export const findTenantLayers = async (tx: TenantTx): Promise<TenantLayers> => {
  const { rows } = await sql<TenantLayers>`
    select l.package, l.changed_at as "limitsChangedAt", l.per_minute_max as "perMinuteMax", l.own_per_minute_max as "ownPerMinuteMax",
      l.outreach_hourly_max as "outreachHourlyMax", l.own_outreach_hourly_max as "ownOutreachHourlyMax",
      l.outreach_daily_max as "outreachDailyMax", l.own_outreach_daily_max as "ownOutreachDailyMax",
      l.outreach_cooldown_minutes as "outreachCooldownMinutes", l.own_outreach_cooldown_minutes as "ownOutreachCooldownMinutes",
      l.group_post_cooldown_seconds as "groupPostCooldownSeconds", l.own_group_post_cooldown_seconds as "ownGroupPostCooldownSeconds",
      l.daily_messages_max as "dailyMessagesMax", l.monthly_messages_max as "monthlyMessagesMax",
      l.quiet_from_hour as "quietFromHour", l.quiet_to_hour as "quietToHour", l.warm_up as "warmUp",
      t.time_zone as "timeZone", t.sender_name as "senderName", t.locale
    from tenant t join tenant_limits l on l.tenant_id = t.id where t.id = ${tx.tenantId}`.execute(tx)
  const [row] = rows
  if (!row) throw new Error('a tenant without limits')
  return row
}

/** Somebody changed a setting that holds for the account. `at` is epoch ms. */
export interface SettingChange {
  readonly at: number
  readonly by: string
  readonly action: string
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

/** What of the audit log concerns an account's settings: its own, and what is set for all, newest first. */
export const listSettingChanges = async (
  tx: TenantTx,
  accountId: number,
  limit: number,
): Promise<readonly SettingChange[]> => {
  const { rows } = await sql<Omit<SettingChange, 'at'> & { readonly at: Date }>`
    select at, actor as by, action, detail from audit_log
    where tenant_id = ${tx.tenantId}
      and (target = ${`account:${accountId}`} or action like 'protection.%' or action like 'inbox.%settings_changed' or action like 'subscription.%'
        or action in ('campaigns.approval_set', 'tenant.updated'))
    order by at desc, id desc limit ${limit}`.execute(tx)
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}
