import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ONBOARDING_STATES } from '#contract/words.ts'

import {
  ATTEMPT_LIMITS,
  NEWCOMER,
  ONBOARDING_EVENTS,
  type OnboardingCommand,
  type OnboardingFacts,
  STEP_TIMEOUTS,
  allowedCommands,
  attemptsLeft,
  hasEnded,
  next,
  stepExpiresAt,
} from './onboarding.rules.ts'

const KINDS = [
  'choose_way',
  'claim',
  'payment_believed',
  'payment_rejected',
  'payment_lapsed',
  'payment_returned',
  'account_linked',
  'account_lost',
  'link_failed',
  'check_passed',
  'check_failed',
  'step_back',
  'cancel',
  'expire',
] as const

const commands: fc.Arbitrary<OnboardingCommand> = fc.oneof(
  fc.record({ kind: fc.constant('choose_package' as const), isTrial: fc.boolean() }),
  fc.constantFrom(...KINDS).map((kind) => ({ kind })),
)
/** Longer ones reach every end: most commands mean something only at one step. */
const sequences = fc.array(commands, { maxLength: 60 })

const apply = (facts: OnboardingFacts, command: OnboardingCommand): OnboardingFacts => {
  const decision = next(facts, command)
  return decision.kind === 'move' ? decision.facts : facts
}
/** Every set of facts on the way, with the command that led there. */
const walk = (given: readonly OnboardingCommand[]) => {
  const seen: { readonly before: OnboardingFacts; readonly command: OnboardingCommand; after: OnboardingFacts }[] = []
  let facts = NEWCOMER
  for (const command of given) {
    const after = apply(facts, command)
    seen.push({ before: facts, command, after })
    facts = after
  }
  return seen
}
const through = (...given: readonly OnboardingCommand[]): OnboardingFacts => given.reduce(apply, NEWCOMER)
const [trial, paid] = [true, false].map((isTrial) => ({ kind: 'choose_package', isTrial }) as const)
const does = (kind: (typeof KINDS)[number]): OnboardingCommand => ({ kind })
const choosePaid = paid ?? does('cancel')
const chooseTrial = trial ?? does('cancel')

describe('next', () => {
  it('lets nothing be active without a trial or money that was believed', () => {
    const isUnpaid = ({ state, isTrial, isPaid }: OnboardingFacts) => state === 'active' && !isTrial && !isPaid
    fc.assert(fc.property(sequences, (given) => !walk(given).some(({ after }) => isUnpaid(after))))
    expect(isUnpaid(through(chooseTrial, does('account_linked'), does('check_passed')))).toBe(false)
  })

  it('records the events once each and in their order, the claim left out for a trial alone', () => {
    fc.assert(
      fc.property(sequences, (given) => {
        for (const { before, after } of walk(given)) {
          const places = after.events.map((name) => ONBOARDING_EVENTS.indexOf(name))
          expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b))
          expect(after.events.slice(0, before.events.length)).toEqual(before.events)
        }
      }),
    )
    expect(through(chooseTrial, does('account_linked'), does('check_passed')).events).not.toContain(
      'customer_payment_claimed',
    )
  })

  it('leaves no state without a way out: a command of the person’s, an end, or our own decision', () => {
    fc.assert(
      fc.property(sequences, (given) => {
        for (const { after } of walk(given)) {
          if (hasEnded(after.state)) continue
          const waitsForUs = after.state === 'payment_claimed' && next(after, does('payment_believed')).kind === 'move'
          expect(allowedCommands(after).length > 0 || waitsForUs).toBe(true)
          expect(STEP_TIMEOUTS[after.state] !== null || waitsForUs).toBe(true)
        }
      }),
    )
  })

  it('undoes every step until money has come in', () => {
    fc.assert(
      fc.property(sequences, (given) => {
        for (const { after } of walk(given)) {
          if (after.isPaid || hasEnded(after.state) || after.state === 'choosing') continue
          expect(next(after, does('step_back')).kind).toBe('move')
          expect(next(after, does('cancel')).kind).toBe('move')
        }
      }),
    )
  })

  it('gives back all that is half-made at an end without money, and nothing where money is', () => {
    fc.assert(
      fc.property(sequences, (given) => {
        let facts = NEWCOMER
        for (const command of given) {
          const decision = next(facts, command)
          if (decision.kind !== 'move') continue
          facts = decision.facts
          if (!hasEnded(facts.state) || decision.path.length === 0) continue
          expect(decision.undo).toBe(facts.state === 'active' || facts.isPaid ? 'nothing' : 'all')
          expect(decision.endReason).not.toBeNull()
        }
      }),
    )
  })

  it('takes no attempt beyond its limit', () => {
    fc.assert(
      fc.property(sequences, (given) => {
        for (const { after } of walk(given)) {
          expect(after.attempts.ways).toBeLessThanOrEqual(ATTEMPT_LIMITS.ways)
          expect(after.attempts.claims).toBeLessThanOrEqual(ATTEMPT_LIMITS.claims)
          for (const left of Object.values(attemptsLeft(after))) expect(left).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })

  it('is total: every command in every state gets an answer, and a move names the state it leads to', () => {
    for (const state of ONBOARDING_STATES)
      for (const isPaid of [true, false])
        for (const kind of KINDS) {
          const decision = next({ ...NEWCOMER, state, isPaid }, { kind })
          if (decision.kind === 'move') expect(decision.facts.state).toBe(decision.path.at(-1) ?? state)
          else expect(['keep', 'refuse']).toContain(decision.kind)
        }
  })

  it('goes the whole way of a transfer', () => {
    const way = ['choose_way', 'claim', 'payment_believed', 'account_linked', 'check_passed'] as const
    const facts = through(choosePaid, ...way.map(does))
    expect(facts).toMatchObject({ state: 'active', events: ONBOARDING_EVENTS })
  })

  it('says what is wrong with a command that is refused', () => {
    const code = (facts: OnboardingFacts, command: OnboardingCommand) => {
      const decision = next(facts, command)
      return decision.kind === 'refuse' ? decision.code : decision.kind
    }
    const connected = through(choosePaid, does('choose_way'), does('claim'), does('payment_believed'))
    expect(code(NEWCOMER, does('claim'))).toBe('onboarding_step')
    expect(code(NEWCOMER, does('step_back'))).toBe('onboarding_step')
    expect(code(connected, does('step_back'))).toBe('onboarding_paid')
    expect(code(connected, does('cancel'))).toBe('onboarding_paid')
    expect(code(through(does('cancel')), choosePaid)).toBe('onboarding_over')
    expect(code(through(choosePaid, does('choose_way'), does('claim')), does('claim'))).toBe('keep')
    const tried = { ...through(choosePaid, does('choose_way')), attempts: { ways: 20, claims: 3, links: 0 } }
    expect(code(tried, does('choose_way'))).toBe('onboarding_attempts')
    expect(code(tried, does('claim'))).toBe('onboarding_attempts')
  })

  it('notes money for a trial that goes on, and for one who works already, without starting over', () => {
    const connecting = through(chooseTrial, does('payment_believed'))
    expect(connecting).toMatchObject({ state: 'account_connecting', isPaid: true, isTrial: false })
    const active = through(chooseTrial, does('account_linked'), does('check_passed'), does('payment_believed'))
    expect(active).toMatchObject({ state: 'active', isPaid: true })
    expect(active.events).not.toContain('customer_payment_claimed')
  })
})

describe('stepExpiresAt', () => {
  it('takes the order’s own expiry while it is waited for, and none while we are', () => {
    expect(stepExpiresAt('payment_pending', 5, 99)).toBe(99)
    expect(stepExpiresAt('payment_claimed', 5, 99)).toBeNull()
    expect(stepExpiresAt('choosing', 5, 99)).toBe(86_400_005)
  })
})
