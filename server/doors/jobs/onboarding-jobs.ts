import { PAYMENT_STATES } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { type EventListener, defineListener } from '#server/base/events.ts'
import {
  type EndedOnboarding,
  type OnboardingDeps,
  advanceOnLinkedAccount,
  advanceOnLostAccount,
  advanceOnPayment,
  checkProfile,
  checkWaitingProfiles,
  expireOnboardings,
} from '#server/modules/onboarding/index.ts'

import type { DutySpec } from './duties.ts'

type Deps = OnboardingDeps & { readonly clock: Clock }

/** What carries an onboarding on besides its person: money and accounts. Each is idempotent. */
export const createOnboardingListeners = (deps: Deps): readonly EventListener[] => [
  defineListener({
    name: 'onboarding.payments',
    types: ['payment.changed'],
    async receive(events) {
      for (const { tenantId, payload } of events) {
        const state = PAYMENT_STATES.find((word) => word === payload.state)
        if (state) await advanceOnPayment(deps, { tenantId, paymentId: payload.paymentId, state }, deps.clock.now())
      }
    },
  }),
  defineListener({
    name: 'onboarding.accounts',
    types: ['account.linked', 'account.lost'],
    async receive(events) {
      for (const { type, tenantId, payload } of events) {
        const news = { tenantId, accountId: payload.accountId }
        if (type === 'account.lost') await advanceOnLostAccount(deps, news, deps.clock.now())
        else await advanceOnLinkedAccount(deps, news, deps.clock.now())
      }
    },
  }),
  defineListener({
    // Whichever way the profile came to be: the account is checked, and works.
    name: 'onboarding.check',
    types: ['onboarding.changed'],
    async receive(events) {
      for (const { payload } of events) {
        const context = { at: deps.clock.now(), surface: null, counts: false }
        if (payload.state === 'profile_created') await checkProfile(deps, payload.onboardingId, context)
      }
    },
  }),
]

/** What is done about onboardings nobody goes on with; `tellEnded` hears of those that ended for want of time. */
export const createOnboardingDuties = (
  deps: OnboardingDeps,
  tellEnded: (ended: readonly EndedOnboarding[], at: number) => Promise<void> = () => Promise.resolve(),
): readonly DutySpec[] => [
  {
    name: 'onboarding.expire',
    everyMs: 5 * MINUTE_MS,
    async run(at) {
      const { ended, lapsed, cleared } = await expireOnboardings(deps, at)
      if (ended.length + lapsed + cleared > 0)
        deps.log.info({ ended: ended.length, lapsed, cleared }, 'onboardings expired')
      await tellEnded(ended, at)
    },
  },
  {
    name: 'onboarding.check',
    everyMs: MINUTE_MS,
    async run(at) {
      const passed = await checkWaitingProfiles(deps, at)
      if (passed > 0) deps.log.info({ passed }, 'waiting accounts work now')
    },
  },
]
