import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getTemplate } from '#server/modules/templates/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type InviteSettings, checkInviteSettings } from './invite-setting.rules.ts'
import { findInviteSettings, saveInviteSettings } from './invite-setting.store.ts'
import { templateFault } from './invite.rules.ts'

/**
 * Says how the tenant invites. Audited. Errors: `forbidden/not_allowed`, `not_found` (template), `invalid` with
 * `whole_number_expected`, `unknown_word` or what a template that cannot invite is refused with.
 */
export const setInviteSettings = async (
  tx: TenantTx,
  change: Partial<InviteSettings>,
  { by, access, at }: ActingPerson,
): Promise<InviteSettings> => {
  requireCan(access, 'settings.edit')
  const settings = checkInviteSettings({ ...(await findInviteSettings(tx)), ...change })
  if (settings.templateId !== null) {
    const fault = templateFault(await getTemplate(tx, settings.templateId))
    if (fault) throw fault
  }
  await saveInviteSettings(tx, settings, by, at)
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'invites.updated', detail: { ...settings }, at })
  return settings
}
