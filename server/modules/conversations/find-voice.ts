import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getSubscription, isUsable } from '#server/modules/billing/index.ts'

import { type AccountSettings, effectiveSettings, settingLimits } from './account-setting.rules.ts'
import { findStoredSettings } from './account-setting.store.ts'
import type { Persona } from './persona.rules.ts'
import { findPersona } from './persona.store.ts'

/** Who an account is to its contacts: its persona, and its settings as they hold. */
export interface Voice {
  readonly persona: Persona | null
  /** Null before anything was chosen: nothing is offered then that nobody decided on. */
  readonly settings: AccountSettings | null
}

/**
 * What the account's answers are made of, in as few reads as there are. Null for an account that has neither persona nor
 * settings, also for one of somebody else.
 */
export const findVoice = async (tx: TenantTx, accountId: number, at: number): Promise<Voice | null> => {
  const persona = await findPersona(tx, accountId)
  const stored = await findStoredSettings(tx, accountId)
  if (stored === null) return persona && { persona, settings: null }
  const subscription = await getSubscription(tx)
  return {
    persona,
    settings: effectiveSettings(stored, settingLimits(subscription.package, isUsable(subscription, at))),
  }
}
