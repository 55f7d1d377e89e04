import type { PackageName } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import { getSubscription, listPayments } from '#server/modules/billing/index.ts'
import { isAnybodyInSegment } from '#server/modules/segments/index.ts'
import { hasAudit } from '#server/modules/tenancy/index.ts'

import { type StartProgress, startProgress } from './start-progress.rules.ts'

/** Of a package that is chosen and not paid for, the period is over as soon as it begins. */
const UNBEGUN_MS = 1

/** How far the tenant is with its set-up, its package, and the bot people can write to. */
export const viewStartProgress = async (
  tx: TenantTx,
): Promise<StartProgress & { readonly package: PackageName; readonly botUsername: string | null }> => {
  const subscription = await getSubscription(tx)
  const { periodStartsAt, periodEndsAt } = subscription
  const accounts = (await listAccounts(tx)).filter(
    ({ purpose, state }) => purpose === 'contacts' && state !== 'disconnected',
  )
  const [newest] = await listPayments(tx, {}, 1)
  const progress = startProgress({
    hasBegun: periodEndsAt === null || periodEndsAt - periodStartsAt > UNBEGUN_MS,
    isPaymentWaiting: newest?.state === 'claimed',
    hasAccount: accounts.length > 0,
    hasSegment: await isAnybodyInSegment(tx),
    hasTested: await hasAudit(tx, ['template.tested', 'campaign.tested']),
  })
  const botUsername = accounts.find(({ kind, username }) => kind === 'bot' && username !== null)?.username ?? null
  return { ...progress, package: subscription.package, botUsername }
}
