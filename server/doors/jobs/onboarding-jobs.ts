import { PAYMENT_STATES } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { type EventListener, defineListener } from '#server/base/events.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { noticePerson } from '#server/modules/admin/index.ts'
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

/** Once for each; where the tenant was removed no event says so, which is why the duty does. */
const tellEnded = (db: Db, ended: readonly EndedOnboarding[], at: number): Promise<void> =>
  asOperator(db, 'tell of ended onboardings', async (tx) => {
    for (const { id, telegramId } of ended)
      await noticePerson(tx, telegramId, { kind: 'onboarding_ended', dedupeKey: `onboarding_ended:${id}` }, at)
  })

/** What is done about onboardings nobody goes on with. Who began one is told when it ends for want of time. */
export const createOnboardingDuties = (deps: OnboardingDeps): readonly DutySpec[] => [
  {
    name: 'onboarding.expire',
    everyMs: 5 * MINUTE_MS,
    async run(at) {
      const { ended, lapsed, cleared } = await expireOnboardings(deps, at)
      if (ended.length + lapsed + cleared > 0)
        deps.log.info({ ended: ended.length, lapsed, cleared }, 'onboardings expired')
      await tellEnded(deps.db, ended, at)
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
