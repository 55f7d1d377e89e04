import { MINUTE_MS } from '#server/base/duration.ts'
import { type EventListener, defineListener } from '#server/base/events.ts'
import type { Clock } from '#server/base/clock.ts'
import type { Logger } from '#server/base/logger.ts'
import {
  type RefundDeps,
  concludeHandingOver,
  expireOrders,
  followUpSilence,
  returnStrayCharges,
} from '#server/modules/sales/index.ts'

import type { DutySpec } from './duties.ts'

/** What is done about orders and people in funnels that nobody hears of. */
export const createSalesDuties = (deps: RefundDeps & { readonly log: Logger }): readonly DutySpec[] => [
  {
    name: 'orders.tend',
    everyMs: MINUTE_MS,
    async run(at) {
      const { returned, refused } = await returnStrayCharges(deps, at)
      const { delivered, doubtful } = await concludeHandingOver(deps, at)
      const expired = await expireOrders(deps, at)
      if (returned + refused + delivered + doubtful + expired > 0)
        deps.log.info({ returned, refused, delivered, doubtful, expired }, 'orders tended')
    },
  },
  {
    name: 'funnels.silence',
    everyMs: 5 * MINUTE_MS,
    async run(at) {
      const { looked, reminded } = await followUpSilence(deps, at)
      if (looked > 0) deps.log.info({ looked, reminded }, 'people silent in funnels were looked after')
    },
  },
]

/** What was paid twice or too late goes back at once; the duty looks after what could not. */
export const createSalesListeners = (deps: RefundDeps & { readonly clock: Clock }): readonly EventListener[] => [
  defineListener({
    name: 'orders.return',
    types: ['order.changed'],
    async receive(events) {
      if (events.some(({ payload }) => payload.needsReview)) await returnStrayCharges(deps, deps.clock.now())
    },
  }),
]
