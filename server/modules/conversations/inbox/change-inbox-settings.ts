import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import {
  type AccountInboxSettings,
  type InboxSettings,
  checkAccountInboxSettings,
  checkInboxSettings,
} from './inbox-setting.rules.ts'
import {
  findAccountInboxSettings,
  findInboxSettings,
  saveAccountInboxSettings,
  saveInboxSettings,
} from './inbox-setting.store.ts'

type Values = Readonly<Record<string, string | number | null>>

const changesOf = (before: Values, after: Values): Values =>
  Object.fromEntries(
    Object.keys(after)
      .filter((field) => after[field] !== before[field])
      .flatMap((field) => [
        [`${field}.before`, before[field] ?? null],
        [`${field}.after`, after[field] ?? null],
      ]),
  )

/**
 * Changes until when the tenant answers and when silence closes; what is open already keeps the times it has. Audited.
 * Errors: `forbidden/not_allowed`, `invalid/whole_number_expected`.
 */
export const changeInboxSettings = async (
  tx: TenantTx,
  change: Partial<InboxSettings>,
  { by, access, at }: ActingPerson,
): Promise<InboxSettings> => {
  requireCan(access, 'settings.edit')
  const before = await findInboxSettings(tx)
  const after = { ...before, ...change }
  checkInboxSettings(after)
  await saveInboxSettings(tx, after, { by, at })
  const detail = changesOf({ ...before }, { ...after })
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'inbox.settings_changed', detail, at })
  return after
}

/**
 * Changes how one account does: the model's pause, and what contacts are asked after a conversation. Audited.
 * Errors: `forbidden/not_allowed`, `not_found`, `invalid/whole_number_expected`, `invalid/unknown_word`.
 */
export const changeAccountInboxSettings = async (
  tx: TenantTx,
  { accountId, ...change }: Partial<AccountInboxSettings> & { readonly accountId: number },
  { by, access, at }: ActingPerson,
): Promise<AccountInboxSettings> => {
  requireCan(access, 'settings.edit')
  await getAccount(tx, accountId)
  const before = await findAccountInboxSettings(tx, accountId)
  const after = { ...before, ...change }
  checkAccountInboxSettings(after)
  await saveAccountInboxSettings(tx, accountId, after, { by, at })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'inbox.account_settings_changed',
    target: `account:${accountId}`,
    detail: changesOf({ ...before }, { ...after }),
    at,
  })
  return after
}
