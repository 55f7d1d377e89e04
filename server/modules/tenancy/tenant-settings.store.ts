import type { Locale } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { TenantSettings } from './tenant-settings.rules.ts'

const settingsOf = (tx: TenantTx) =>
  tx
    .selectFrom('tenant')
    .innerJoin('tenant_limits', 'tenant_limits.tenant_id', 'tenant.id')
    .select([
      'tenant.slug',
      'tenant.name',
      'tenant.sender_name as senderName',
      'tenant.locale',
      'tenant.time_zone as timeZone',
      'tenant_limits.quiet_from_hour as quietFromHour',
      'tenant_limits.quiet_to_hour as quietToHour',
    ])
    .where('tenant.id', '=', tx.tenantId)

export type StoredSettings = TenantSettings & { readonly slug: string }

export const selectSettings = async (tx: TenantTx): Promise<StoredSettings | null> => {
  const row = await settingsOf(tx).executeTakeFirst()
  return row ? { ...row, locale: row.locale as Locale } : null
}

/** Locked: of two who change something at once, the second sees what the first made of it. */
export const lockSettings = async (tx: TenantTx): Promise<StoredSettings | null> => {
  const row = await settingsOf(tx).forNoKeyUpdate().executeTakeFirst()
  return row ? { ...row, locale: row.locale as Locale } : null
}

/** Writes the settings; the history keeps the hours before with their instants. */
export const saveSettings = async (tx: TenantTx, settings: TenantSettings, at: number): Promise<void> => {
  const { name, senderName, locale, timeZone, quietFromHour, quietToHour } = settings
  await tx
    .updateTable('tenant')
    .set({ name, sender_name: senderName, locale, time_zone: timeZone })
    .where('id', '=', tx.tenantId)
    .execute()
  await tx
    .updateTable('tenant_limits')
    .set({ quiet_from_hour: quietFromHour, quiet_to_hour: quietToHour, changed_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where((e) => e.or([e('quiet_from_hour', '<>', quietFromHour), e('quiet_to_hour', '<>', quietToHour)]))
    .execute()
}
