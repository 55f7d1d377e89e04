import { MINUTE_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'
import { type CheckoutDeps, expirePayments, reconcilePayments } from '#server/modules/billing/index.ts'

import type { DutySpec } from './duties.ts'

/** What is done about payments nobody hears of: asks the providers first, then closes what is overdue. */
export const createPaymentDuties = (deps: CheckoutDeps & { readonly log: Logger }): readonly DutySpec[] => [
  {
    name: 'payments.settle',
    everyMs: 10 * MINUTE_MS,
    async run(at) {
      const { asked, found, unanswered } = await reconcilePayments(deps, at)
      const expired = await expirePayments(deps.db, at)
      if (found + unanswered + expired > 0) deps.log.info({ asked, found, unanswered, expired }, 'payments settled')
    },
  },
]
