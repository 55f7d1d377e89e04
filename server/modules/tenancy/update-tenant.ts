import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { requireCan } from './access.rules.ts'
import { recordAudit } from './audit.store.ts'
import type { ActingPerson } from './member.rules.ts'
import { SETTINGS, type TenantSettings, changedSettings } from './tenant-settings.rules.ts'
import { lockSettings, saveSettings, selectSettings } from './tenant-settings.store.ts'

/** What the tenant of the transaction decided about itself. Errors: `not_found`. */
export const getTenantSettings = async (tx: TenantTx): Promise<TenantSettings> => {
  const settings = await selectSettings(tx)
  if (!settings) throw notFound('tenant', tx.tenantId)
  return settings
}

/**
 * Changes name, sender, language, time zone or quiet hours of the tenant; what is left out stays. Locks the tenant.
 * Audited with before and after. Errors: `forbidden/not_allowed`, `not_found`, `invalid` naming the field.
 */
export const updateTenant = async (
  tx: TenantTx,
  change: Partial<TenantSettings>,
  { by, access, at }: ActingPerson,
): Promise<TenantSettings> => {
  requireCan(access, 'tenant.update')
  const before = await lockSettings(tx)
  if (!before) throw notFound('tenant', tx.tenantId)
  const after = changedSettings(before, before, change)
  const changed = SETTINGS.filter((field) => after[field] !== before[field])
  if (changed.length === 0) return after
  await saveSettings(tx, after, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'tenant.updated',
    target: before.slug,
    detail: Object.fromEntries(
      changed.flatMap((field) => [
        [`${field}.before`, before[field]],
        [`${field}.after`, after[field]],
      ]),
    ),
    at,
  })
  return after
}
