import { REPLY_MODES, type PackageName, type ReplyMode } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type Subscription, getSubscription, isUsable } from '#server/modules/billing/index.ts'

import {
  type AccountSettings,
  type SettingLimits,
  defaultSettings,
  effectiveSettings,
  liftingReplyMode,
  settingLimits,
} from './account-setting.rules.ts'
import { type StoredSettings, findStoredSettings } from './account-setting.store.ts'

export interface AccountSettingsView {
  readonly accountId: number
  /** 0 before anything was chosen. */
  readonly version: number
  /** What was chosen; kept while the package does not allow it. */
  readonly chosen: AccountSettings
  /** What holds now. */
  readonly effective: AccountSettings
  readonly limits: SettingLimits
  /** Null before anything was chosen. */
  readonly updatedBy: string | null
  readonly updatedAt: number | null
}

/** What comes of what was chosen for an account, null before anything was, with this package. Pure. */
export const settingsView = (
  accountId: number,
  stored: StoredSettings | null,
  subscription: Subscription,
  at: number,
): AccountSettingsView => {
  const limits = settingLimits(subscription.package, isUsable(subscription, at))
  const { version, updatedBy, updatedAt, ...chosen } = stored ?? {
    ...defaultSettings(subscription.package),
    version: 0,
    updatedBy: null,
    updatedAt: null,
  }
  return { accountId, version, chosen, effective: effectiveSettings(chosen, limits), limits, updatedBy, updatedAt }
}

/**
 * How an account is set at `at`: what was chosen, and what the package lets come of it. After a downgrade the choice
 * stays and what holds is the nearest the package allows. Errors: `not_found`.
 */
export const getAccountSettings = async (tx: TenantTx, accountId: number, at: number): Promise<AccountSettingsView> => {
  await getAccount(tx, accountId)
  const subscription = await getSubscription(tx)
  return settingsView(accountId, await findStoredSettings(tx, accountId), subscription, at)
}

export interface ReplyModeView {
  /** Its texts are `panel:modes.<mode>`. */
  readonly mode: ReplyMode
  readonly isAllowed: boolean
  /** The package that brings it; null where it is allowed. */
  readonly liftedBy: PackageName | null
  readonly isChosen: boolean
  /** Whether this is how the account answers now. */
  readonly holds: boolean
}

/** Every reply mode as an account's owner may choose it, in the order of the vocabulary. Errors: `not_found`. */
export const describeReplyModes = async (
  tx: TenantTx,
  accountId: number,
  at: number,
): Promise<readonly ReplyModeView[]> => {
  const { chosen, effective, limits } = await getAccountSettings(tx, accountId, at)
  return REPLY_MODES.map((mode) => {
    const liftedBy = liftingReplyMode(mode, limits)
    return {
      mode,
      isAllowed: liftedBy === null,
      liftedBy,
      isChosen: chosen.replyMode === mode,
      holds: effective.replyMode === mode,
    }
  })
}
