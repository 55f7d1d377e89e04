import type { Locale, OnboardingState, OnboardingSurface, PackageName } from '#contract/words.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'

/** What is measured of an onboarding, in the order in which it happens; each once. */
export const ONBOARDING_EVENTS = [
  'customer_onboarding_started',
  'customer_package_selected',
  'customer_payment_claimed',
  'customer_onboarding_completed',
  'customer_bot_activated',
] as const
export type OnboardingEventName = (typeof ONBOARDING_EVENTS)[number]

/**
 * How long a step may take. `payment` is the order's own expiry; null: somebody else is waited for, or nothing is. A
 * paid onboarding whose account never comes ends, too, and takes nothing away.
 */
export const STEP_TIMEOUTS: Readonly<Record<OnboardingState, number | 'payment' | null>> = {
  choosing: DAY_MS,
  package_selected: DAY_MS,
  payment_pending: 'payment',
  payment_claimed: null,
  payment_approved: HOUR_MS,
  account_connecting: 7 * DAY_MS,
  profile_created: 7 * DAY_MS,
  active: null,
  cancelled: null,
  expired: null,
  failed: null,
}

/** How often a step may be tried: ways to pay opened, payments claimed, links and checks of accounts that failed. */
export const ATTEMPT_LIMITS = { ways: 20, claims: 3, links: 10 } as const
export type Attempt = keyof typeof ATTEMPT_LIMITS
export type Attempts = Readonly<Record<Attempt, number>>

const ENDS = ['active', 'cancelled', 'expired', 'failed'] as const
export const hasEnded = (state: OnboardingState): boolean => (ENDS as readonly string[]).includes(state)

/** What a decision about an onboarding rests on. */
export interface OnboardingFacts {
  readonly state: OnboardingState
  /** The package chosen is the trial. */
  readonly isTrial: boolean
  /** A payment was approved, or proved by its provider. */
  readonly isPaid: boolean
  readonly attempts: Attempts
  readonly events: readonly OnboardingEventName[]
}

export type OnboardingCommandKind = OnboardingCommand['kind']

/** What a person does, and what happens to their payment and account. */
export type OnboardingCommand =
  | { readonly kind: 'choose_package'; readonly isTrial: boolean }
  | {
      readonly kind:
        | 'choose_way'
        | 'claim'
        | 'payment_believed'
        | 'payment_rejected'
        | 'payment_lapsed'
        | 'payment_returned'
        | 'account_linked'
        | 'account_lost'
        | 'link_failed'
        | 'check_passed'
        | 'check_failed'
        | 'step_back'
        | 'cancel'
        | 'expire'
    }

/** What has to be taken back with a move: the open order, the linked account, or everything that is half-made. */
export type Undo = 'nothing' | 'order' | 'account' | 'all'

export interface OnboardingMove {
  readonly kind: 'move'
  /** The states entered one after another; empty when only counts changed. */
  readonly path: readonly OnboardingState[]
  /** What holds afterwards. */
  readonly facts: OnboardingFacts
  /** Recorded by this move, in order. */
  readonly events: readonly OnboardingEventName[]
  readonly undo: Undo
  /** Why it ended; null while it goes on. */
  readonly endReason: string | null
}

export type OnboardingDecision =
  | OnboardingMove
  /** Nothing changes, and that is right: a repetition, or news that mean nothing here. */
  | { readonly kind: 'keep'; readonly why: string }
  | { readonly kind: 'refuse'; readonly code: 'onboarding_step' | 'onboarding_paid' | 'onboarding_over' }
  | { readonly kind: 'refuse'; readonly code: 'onboarding_attempts'; readonly attempt: Attempt }

/** A person who has just begun. */
export const NEWCOMER: OnboardingFacts = {
  state: 'choosing',
  isTrial: false,
  isPaid: false,
  attempts: { ways: 0, claims: 0, links: 0 },
  events: ['customer_onboarding_started'],
}

const keep = (why: string): OnboardingDecision => ({ kind: 'keep', why })
const refuse = (code: 'onboarding_step' | 'onboarding_paid' | 'onboarding_over'): OnboardingDecision => ({
  kind: 'refuse',
  code,
})

/** The event a state stands for. */
const EVENT_OF: Partial<Readonly<Record<OnboardingState, OnboardingEventName>>> = {
  package_selected: 'customer_package_selected',
  payment_claimed: 'customer_payment_claimed',
  // A provider's word needs no claim of the customer's: here it is claimed and proved at once.
  payment_approved: 'customer_payment_claimed',
  profile_created: 'customer_onboarding_completed',
  active: 'customer_bot_activated',
}

const placeOf = (name: OnboardingEventName): number => ONBOARDING_EVENTS.indexOf(name)

/** An event is recorded once, and never after a later one: a claim that comes too late for its place is left out. */
const withEvents = (
  before: readonly OnboardingEventName[],
  path: readonly OnboardingState[],
): readonly OnboardingEventName[] =>
  path.reduce((events, state) => {
    const name = EVENT_OF[state]
    const last = events.at(-1)
    return name === undefined || (last !== undefined && placeOf(last) >= placeOf(name)) ? events : [...events, name]
  }, before)

interface Change {
  readonly isTrial?: boolean
  readonly isPaid?: boolean
  readonly count?: Attempt
  readonly undo?: Undo
  readonly endReason?: string
}

const move = (facts: OnboardingFacts, path: readonly OnboardingState[], change: Change = {}): OnboardingMove => {
  const { count, undo = 'nothing', endReason = null } = change
  const events = withEvents(facts.events, path)
  return {
    kind: 'move',
    path,
    facts: {
      state: path.at(-1) ?? facts.state,
      isTrial: change.isTrial ?? facts.isTrial,
      isPaid: change.isPaid ?? facts.isPaid,
      attempts: count === undefined ? facts.attempts : { ...facts.attempts, [count]: facts.attempts[count] + 1 },
      events,
    },
    events: events.slice(facts.events.length),
    undo,
    endReason,
  }
}

/** Money that came in is never taken away with the rest. */
const end = (facts: OnboardingFacts, state: 'cancelled' | 'expired' | 'failed', endReason: string, count?: Attempt) =>
  move(facts, [state], { endReason, undo: facts.isPaid ? 'nothing' : 'all', ...(count && { count }) })

const isUsedUp = ({ attempts }: OnboardingFacts, attempt: Attempt): boolean =>
  attempts[attempt] >= ATTEMPT_LIMITS[attempt]

const attempted = (facts: OnboardingFacts, attempt: Attempt, then: () => OnboardingDecision): OnboardingDecision =>
  isUsedUp(facts, attempt) ? { kind: 'refuse', code: 'onboarding_attempts', attempt } : then()

const choosePackage = (facts: OnboardingFacts, isTrial: boolean): OnboardingDecision => {
  if (facts.isPaid) return refuse('onboarding_paid')
  if (!['choosing', 'package_selected', 'payment_pending'].includes(facts.state)) return refuse('onboarding_step')
  const undo = facts.state === 'payment_pending' ? 'order' : 'nothing'
  return move(facts, isTrial ? ['package_selected', 'account_connecting'] : ['package_selected'], { isTrial, undo })
}

const chooseWay = (facts: OnboardingFacts): OnboardingDecision =>
  facts.state === 'package_selected' || facts.state === 'payment_pending'
    ? attempted(facts, 'ways', () => move(facts, ['payment_pending'], { count: 'ways', undo: 'order' }))
    : refuse(facts.isPaid ? 'onboarding_paid' : 'onboarding_step')

const claim = (facts: OnboardingFacts): OnboardingDecision => {
  if (facts.state === 'payment_claimed' || facts.isPaid) return keep('already_claimed')
  return facts.state === 'payment_pending'
    ? attempted(facts, 'claims', () => move(facts, ['payment_claimed'], { count: 'claims' }))
    : refuse('onboarding_step')
}

/** Money that comes late takes up again what had ended; money for somebody who works already is only noted. */
const believePayment = (facts: OnboardingFacts): OnboardingDecision => {
  if (facts.isPaid && facts.state !== 'expired') return keep('already_paid')
  const paid = { isPaid: true, isTrial: false }
  switch (facts.state) {
    case 'account_connecting':
    case 'profile_created':
    case 'active':
      return move(facts, [], paid)
    default:
      return move(facts, ['payment_approved', 'account_connecting'], paid)
  }
}

/** The claim was not believed: the person may show another payment, until the attempts are used up. */
const rejectPayment = (facts: OnboardingFacts): OnboardingDecision => {
  if (facts.state !== 'payment_claimed' && facts.state !== 'payment_pending') return keep('not_waiting')
  return isUsedUp(facts, 'claims') ? end(facts, 'failed', 'claims_used_up') : move(facts, ['payment_pending'])
}

const lapsePayment = (facts: OnboardingFacts): OnboardingDecision =>
  facts.state === 'payment_pending' ? move(facts, ['package_selected'], { undo: 'order' }) : keep('not_waiting')

/** The money went back: nothing begins any more. What is active is the operator's to end. */
const returnPayment = (facts: OnboardingFacts): OnboardingDecision =>
  facts.isPaid && (facts.state === 'account_connecting' || facts.state === 'profile_created')
    ? move(facts, ['cancelled'], { isPaid: false, undo: 'all', endReason: 'refunded' })
    : keep('nothing_to_end')

const linkAccount = (facts: OnboardingFacts): OnboardingDecision => {
  if (facts.state === 'account_connecting') return move(facts, ['profile_created'])
  // It had ended for want of an account, and what was paid for is there.
  if (facts.isPaid && (facts.state === 'expired' || facts.state === 'failed'))
    return move(facts, ['account_connecting', 'profile_created'])
  return keep('not_connecting')
}

const countLinkFailure = (facts: OnboardingFacts): OnboardingDecision => {
  if (facts.state !== 'account_connecting' && facts.state !== 'profile_created') return keep('not_connecting')
  return facts.attempts.links + 1 >= ATTEMPT_LIMITS.links
    ? end(facts, 'failed', 'links_used_up', 'links')
    : move(facts, [], { count: 'links' })
}

const stepBack = (facts: OnboardingFacts): OnboardingDecision => {
  switch (facts.state) {
    case 'package_selected':
      return move(facts, ['choosing'])
    case 'payment_pending':
    case 'payment_claimed':
      return move(facts, ['package_selected'], { undo: 'order' })
    case 'account_connecting':
      return facts.isPaid ? refuse('onboarding_paid') : move(facts, ['choosing'])
    case 'profile_created':
      return move(facts, ['account_connecting'], { undo: 'account' })
    case 'choosing':
    case 'payment_approved':
      return refuse('onboarding_step')
    default:
      return refuse('onboarding_over')
  }
}

const expire = (facts: OnboardingFacts): OnboardingDecision => {
  if (facts.state === 'payment_pending') return lapsePayment(facts)
  // Who has said they paid waits for us.
  return facts.state === 'payment_claimed' ? keep('waits_for_decision') : end(facts, 'expired', `${facts.state}_late`)
}

/** What the person does themselves; after the end it is refused, not overheard. */
const PERSONAL: ReadonlySet<OnboardingCommandKind> = new Set(['choose_package', 'choose_way', 'step_back', 'cancel'])

/**
 * What a command means for an onboarding: pure and total. Nothing becomes active without a trial or a payment that was
 * approved or proved; every step can be undone until money has come in; what ends without money leaves nothing
 * half-made; money that comes late takes the onboarding up again.
 */
export const next = (facts: OnboardingFacts, command: OnboardingCommand): OnboardingDecision => {
  const { state } = facts
  if (hasEnded(state) && PERSONAL.has(command.kind))
    return command.kind === 'cancel' && state === 'cancelled' ? keep('already_cancelled') : refuse('onboarding_over')
  switch (command.kind) {
    case 'choose_package':
      return choosePackage(facts, command.isTrial)
    case 'choose_way':
      return chooseWay(facts)
    case 'claim':
      return hasEnded(state) && !facts.isPaid ? refuse('onboarding_over') : claim(facts)
    case 'payment_believed':
      return believePayment(facts)
    case 'payment_rejected':
      return rejectPayment(facts)
    case 'payment_lapsed':
      return lapsePayment(facts)
    case 'payment_returned':
      return returnPayment(facts)
    case 'account_linked':
      return linkAccount(facts)
    case 'account_lost':
      return state === 'profile_created' ? move(facts, ['account_connecting']) : keep('no_account_waited_for')
    case 'link_failed':
    case 'check_failed':
      return countLinkFailure(facts)
    case 'check_passed':
      return state === 'profile_created' ? move(facts, ['active'], { endReason: 'activated' }) : keep('not_checked')
    case 'step_back':
      return stepBack(facts)
    case 'cancel':
      return facts.isPaid ? refuse('onboarding_paid') : end(facts, 'cancelled', 'by_person')
    case 'expire':
      return hasEnded(state) ? keep('already_over') : expire(facts)
  }
}

/** What a person can do next, as the door that they use offers it. */
export const PERSON_COMMANDS = [
  'choose_package',
  'choose_payment_way',
  'claim_payment',
  'link_account',
  'complete_profile',
  'step_back',
  'cancel',
] as const
export type PersonCommand = (typeof PERSON_COMMANDS)[number]

const ASKED: Readonly<Record<PersonCommand, OnboardingCommand>> = {
  choose_package: { kind: 'choose_package', isTrial: false },
  choose_payment_way: { kind: 'choose_way' },
  claim_payment: { kind: 'claim' },
  link_account: { kind: 'account_linked' },
  complete_profile: { kind: 'check_passed' },
  step_back: { kind: 'step_back' },
  cancel: { kind: 'cancel' },
}

/** The commands that would not be refused; every state that has not ended offers one at least, or waits for us. */
export const allowedCommands = (facts: OnboardingFacts): readonly PersonCommand[] =>
  PERSON_COMMANDS.filter((name) => next(facts, ASKED[name]).kind === 'move')

/** When the step that begins at `at` is over; null for never. */
export const stepExpiresAt = (state: OnboardingState, at: number, paymentExpiresAt: number | null): number | null => {
  const timeout = STEP_TIMEOUTS[state]
  return timeout === 'payment' ? paymentExpiresAt : timeout === null ? null : at + timeout
}

export const attemptsLeft = ({ attempts }: OnboardingFacts): Attempts => ({
  ways: Math.max(0, ATTEMPT_LIMITS.ways - attempts.ways),
  claims: Math.max(0, ATTEMPT_LIMITS.claims - attempts.claims),
  links: Math.max(0, ATTEMPT_LIMITS.links - attempts.links),
})

/** One person's way. Instants are epoch ms. */
export interface Onboarding extends OnboardingFacts {
  readonly id: number
  readonly telegramId: number
  /** Forgotten when it ends without an account. */
  readonly name: string | null
  readonly locale: Locale
  /** Where it began. */
  readonly surface: OnboardingSurface
  readonly variant: string
  readonly package: PackageName | null
  readonly extraBots: number
  readonly tenantId: number | null
  readonly paymentId: number | null
  /** The order that was turned down last. */
  readonly refusedPaymentId: number | null
  readonly accountId: number | null
  readonly linkWay: string | null
  readonly trialStartedAt: number | null
  readonly startedAt: number
  readonly stepEnteredAt: number
  readonly expiresAt: number | null
  readonly endedAt: number | null
  readonly endReason: string | null
  /** When what was half-made was taken back, or found to be none. */
  readonly clearedAt: number | null
}
