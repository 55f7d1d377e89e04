import { START_STEPS, type StartState, type StartStep } from '#contract/words.ts'

/** What a tenant has, as far as beginning goes. */
export interface StartFacts {
  /** A period of the package began once, by a trial, a payment or an operator's word. */
  readonly hasBegun: boolean
  /** Somebody said they paid, and it is looked at. */
  readonly isPaymentWaiting: boolean
  readonly hasAccount: boolean
  /** Somebody is in a segment. */
  readonly hasSegment: boolean
  readonly hasTested: boolean
}

export interface StartProgress {
  readonly steps: readonly { readonly step: StartStep; readonly state: StartState }[]
  readonly done: number
  readonly total: number
  readonly isComplete: boolean
}

const stateOf = (step: StartStep, facts: StartFacts): StartState => {
  const done = (is: boolean): StartState => (is ? 'done' : 'open')
  switch (step) {
    // There is no tenant without one.
    case 'package':
      return 'done'
    case 'payment':
      return facts.hasBegun ? 'done' : facts.isPaymentWaiting ? 'waiting' : 'open'
    case 'account':
      return done(facts.hasAccount)
    case 'segment':
      return done(facts.hasSegment)
    case 'test':
      return done(facts.hasTested)
  }
}

/** How far a set-up is; each step counts by itself, in whichever order they are done. */
export const startProgress = (facts: StartFacts): StartProgress => {
  const steps = START_STEPS.map((step) => ({ step, state: stateOf(step, facts) }))
  const done = steps.filter(({ state }) => state === 'done').length
  return { steps, done, total: steps.length, isComplete: done === steps.length }
}
