import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getSubscription, isUsable } from '#server/modules/billing/index.ts'

import { type AccountSettings, effectiveSettings, settingLimits } from './account-setting.rules.ts'
import { listStoredSettingsOf } from './account-setting.store.ts'
import type { Persona } from './persona.rules.ts'
import { listPersonasOf } from './persona.store.ts'

/** Who an account is to its contacts: its persona, and its settings as they hold. */
export interface Voice {
  readonly persona: Persona | null
  /** Null before anything was chosen: nothing is offered then that nobody decided on. */
  readonly settings: AccountSettings | null
}

/**
 * What accounts' answers are made of, by account, in as few reads as there are. Accounts that have neither persona nor
 * settings, also those of somebody else, are left out.
 */
export const findVoices = async (
  tx: TenantTx,
  accountIds: readonly number[],
  at: number,
): Promise<ReadonlyMap<number, Voice>> => {
  const [personas, settings] = await Promise.all([
    listPersonasOf(tx, accountIds),
    findAllEffectiveSettings(tx, accountIds, at),
  ])
  const known = accountIds.filter((id) => personas.has(id) || settings.has(id))
  return new Map(known.map((id) => [id, { persona: personas.get(id) ?? null, settings: settings.get(id) ?? null }]))
}

/** The same of one account; null where it would be left out. */
export const findVoice = async (tx: TenantTx, accountId: number, at: number): Promise<Voice | null> =>
  (await findVoices(tx, [accountId], at)).get(accountId) ?? null

/** How accounts are set as it holds at `at`; those of which nothing was chosen are left out. */
export const findAllEffectiveSettings = async (
  tx: TenantTx,
  accountIds: readonly number[],
  at: number,
): Promise<ReadonlyMap<number, AccountSettings>> => {
  const stored = await listStoredSettingsOf(tx, accountIds)
  if (stored.size === 0) return new Map()
  const subscription = await getSubscription(tx)
  const limits = settingLimits(subscription.package, isUsable(subscription, at))
  return new Map([...stored].map(([id, chosen]) => [id, effectiveSettings(chosen, limits)]))
}
