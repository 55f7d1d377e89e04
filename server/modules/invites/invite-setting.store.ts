import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { DEFAULT_INVITE_SETTINGS, type InviteSettings, type PersonalAdmission } from './invite-setting.rules.ts'

export const findInviteSettings = async (tx: TenantTx): Promise<InviteSettings> => {
  const row = await tx
    .selectFrom('invite_setting')
    .select([
      'propose_every_hours as proposeEveryHours',
      'daily_max as dailyMax',
      'is_auto as isAuto',
      'admission',
      'link_life_days as linkLifeDays',
      'template_id as templateId',
    ])
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirst()
  return row ? { ...row, admission: row.admission as PersonalAdmission } : DEFAULT_INVITE_SETTINGS
}

export const saveInviteSettings = async (
  tx: TenantTx,
  settings: InviteSettings,
  by: string,
  at: number,
): Promise<void> => {
  const values = {
    propose_every_hours: settings.proposeEveryHours,
    daily_max: settings.dailyMax,
    is_auto: settings.isAuto,
    admission: settings.admission,
    link_life_days: settings.linkLifeDays,
    template_id: settings.templateId,
    updated_by: by,
    updated_at: toDate(at),
  }
  await tx
    .insertInto('invite_setting')
    .values({ tenant_id: tx.tenantId, ...values })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(values))
    .execute()
}
