import { type PackageName, PACKAGES } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { CATALOGUE } from './catalogue.rules.ts'
import { insertPeriod, saveSubscription } from './subscription.store.ts'

/**
 * Gives a new tenant its package and limits, in the transaction that makes the tenant: a trial runs for the days of the
 * catalogue, anything else is the operator's grant and has no end until it is paid for or changed. With `isUnpaid` it is
 * chosen and over before it begins, until a payment begins it. A tenant that has not paid may be given another package
 * so; back on its trial, it has the trial that began. Errors: `invalid/unknown_word` naming `package`.
 */
export const startSubscription = async (
  tx: OperatorTx,
  input: {
    readonly tenantId: number
    readonly package: PackageName
    readonly isUnpaid?: boolean
    readonly at: number
  },
): Promise<void> => {
  if (!PACKAGES.includes(input.package))
    throw invalid('unknown_word', 'package', { given: input.package, allowed: PACKAGES.join(', ') })
  const { tenantId, at } = input
  const isTrial = input.package === 'trial'
  const isUnpaid = input.isUnpaid ?? false
  const endsAt = isTrial ? at + CATALOGUE.trialDays * DAY_MS : isUnpaid ? at : null
  const period = { package: input.package, extraBots: 0, startsAt: at, endsAt } as const
  await saveSubscription(
    tx,
    {
      tenantId,
      package: input.package,
      state: isTrial ? 'trial' : isUnpaid ? 'expired' : 'active',
      extraBots: 0,
      catalogueVersion: CATALOGUE.version,
      // A period has a length, even one that is over.
      periodStartsAt: isUnpaid ? at - 1 : at,
      periodEndsAt: endsAt,
      periodValueMinor: 0,
    },
    { at, limits: 'of package' },
  )
  // Nothing begins that is not paid for.
  if (isUnpaid) return
  await insertPeriod(tx, {
    tenantId,
    kind: isTrial ? 'trial' : 'grant',
    ...period,
    paidMinor: 0,
    currency: CATALOGUE.currency,
    valueMinor: 0,
    creditMinor: 0,
    // A tenant's trial begins once, however often it is chosen.
    reference: isTrial ? `trial-${tenantId}` : null,
    recordedAt: at,
  })
}
