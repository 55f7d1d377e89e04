import type { GroupIntensity } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { lockSubscription } from '#server/modules/billing/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { type AccountSettings, placementsOf } from './account-setting.rules.ts'
import { lockVoice } from './account-setting.store.ts'
import { changeSettings } from './change-settings.ts'
import { type AccountSettingsView, getAccountSettings } from './get-account-settings.ts'
import { moveProductPrice } from './set-product-price.ts'

/** What is changed of an account's settings; what is left out stays. */
export type AccountSettingsChange = Partial<Omit<AccountSettings, 'groupPlacements'>> & {
  readonly groupIntensity?: GroupIntensity
}

/**
 * Changes settings of an account together, as one version; the persona's catalogue follows the product's price. Locks the
 * subscription, then the account's voice. Errors: `forbidden/not_allowed`, `not_found`, `conflict/settings_moved_on` when
 * they are no longer at `expectedVersion`, those of `changeSettings`.
 */
export const updateAccountSettings = async (
  tx: TenantTx,
  {
    accountId,
    change: { groupIntensity, ...rest },
    expectedVersion,
  }: { readonly accountId: number; readonly change: AccountSettingsChange; readonly expectedVersion: number },
  actor: ActingPerson,
): Promise<AccountSettingsView> => {
  requireCan(actor.access, 'settings.edit')
  await lockSubscription(tx)
  await lockVoice(tx, accountId)
  const before = await getAccountSettings(tx, accountId, actor.at)
  if (before.version !== expectedVersion)
    throw new AppError('conflict', 'settings_moved_on', { field: 'expectedVersion', version: before.version })
  const change = {
    ...rest,
    ...(rest.holdingMessage !== undefined && { holdingMessage: rest.holdingMessage.trim() }),
    ...(groupIntensity !== undefined && { groupPlacements: placementsOf(groupIntensity) }),
  }
  const view = await changeSettings(tx, accountId, change, actor)
  await moveProductPrice(tx, accountId, { from: before.chosen, to: view.chosen }, actor)
  return view
}
