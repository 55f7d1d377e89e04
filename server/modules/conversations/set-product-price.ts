import type { TenantTx } from '#server/db/tenant-scope.ts'
import { CATALOGUE, lockSubscription } from '#server/modules/billing/index.ts'

import type { AccountSettings } from './account-setting.rules.ts'
import { lockVoice } from './account-setting.store.ts'
import { type VoiceActor, changeSettings } from './change-settings.ts'
import { type Price, followPrice } from './follow-price.rules.ts'
import { type AccountSettingsView, getAccountSettings } from './get-account-settings.ts'
import { contentOf } from './persona.rules.ts'
import { findPersona } from './persona.store.ts'
import { writePersona } from './update-persona.ts'

type PricedSettings = Pick<AccountSettings, 'productPriceMinor' | 'productCurrency'>
const priceOf = ({ productPriceMinor: priceMinor, productCurrency: currency }: PricedSettings): Price => ({
  priceMinor,
  currency,
})

/** The persona's catalogue after the product's price has changed. The caller holds the account's voice. */
export const moveProductPrice = async (
  tx: TenantTx,
  accountId: number,
  { from, to }: { readonly from: PricedSettings; readonly to: PricedSettings },
  actor: VoiceActor,
): Promise<void> => {
  const [before, after] = [priceOf(from), priceOf(to)]
  const persona = await findPersona(tx, accountId)
  if (!persona || (before.priceMinor === after.priceMinor && before.currency === after.currency)) return
  const facts = followPrice(persona.facts, before, after)
  await writePersona(tx, accountId, { ...contentOf(persona), facts }, 'persona.updated', actor)
}

/**
 * What the product costs, in minor units. Contacts are told prices from the persona's catalogue: the item that stood at
 * the former price moves with it, as a new version of the persona. Locks the subscription, then the account's voice.
 * Errors: `not_found`, `invalid/amount_out_of_range`, `invalid/field_form`.
 */
export const setProductPrice = async (
  tx: TenantTx,
  input: { readonly accountId: number; readonly priceMinor: number; readonly currency?: string },
  actor: VoiceActor,
): Promise<AccountSettingsView> => {
  const { accountId, priceMinor, currency = CATALOGUE.currency } = input
  await lockSubscription(tx)
  await lockVoice(tx, accountId)
  const { chosen } = await getAccountSettings(tx, accountId, actor.at)
  const change = { productPriceMinor: priceMinor, productCurrency: currency }
  const view = await changeSettings(tx, accountId, change, actor)
  await moveProductPrice(tx, accountId, { from: chosen, to: view.chosen }, actor)
  return view
}
