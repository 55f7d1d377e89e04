import { invalid } from '#server/base/errors.ts'
import { PACKAGES } from '#contract/words.ts'

import { activateSubscription } from './activate-subscription.ts'
import type { ActivateSubscription } from './settle-payment.ts'

/** Begins the subscription that a payment bought: the activation of every way to pay. Errors: those of `activateSubscription`. */
export const activatePaidPackage: ActivateSubscription = async (tx, { package: given, addOns, ...activation }) => {
  const name = PACKAGES.find((word) => word === given)
  if (name === undefined) throw invalid('payment_package', 'package', { given })
  const extraBots = addOns['extra_bot']
  await activateSubscription(tx, {
    ...activation,
    package: name,
    ...(extraBots !== undefined && { addOns: { extra_bot: extraBots } }),
  })
}
