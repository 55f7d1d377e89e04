import type { ErrorKind } from '#contract/words.ts'
import type { AppError } from '#server/base/errors.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import type { Reply } from './reply.ts'
import type { Talk } from './talk.ts'

/** What is tried next after each kind of refusal; a key of the catalogue. */
const NEXT_STEP: Readonly<Record<ErrorKind, string | null>> = {
  invalid: null,
  unauthenticated: null,
  forbidden: null,
  not_found: null,
  conflict: null,
  limit_reached: 'refusal.limit',
  rate_limited: 'refusal.later',
  unavailable: 'refusal.later',
  internal: null,
}

/** A toast holds 200 characters. */
const TOAST_MAX = 200

/** Where the words of a code's state stand in the catalogue. */
const STATE_WORDS: Readonly<Record<string, string>> = {
  subscription_over: 'subscriptionState',
  payment_closed: 'paymentState',
  onboarding_step: 'onboardingState',
  onboarding_over: 'onboardingState',
  onboarding_late: 'onboardingState',
}

/** Our words for what errors name by their code words. */
const inWords = ({ t }: Pick<Talk, 't'>, { code, params }: AppError): AppError['params'] => {
  const catalogueOf = (name: string): string | undefined =>
    name === 'package' || name === 'liftedBy' ? 'package' : name === 'state' ? STATE_WORDS[code] : undefined
  const worded = (name: string, value: AppError['params'][string]) => {
    const key = `words:${catalogueOf(name) ?? ''}.${String(value)}`
    const word = catalogueOf(name) === undefined ? key : t(key)
    return word === key || word === key.slice('words:'.length) ? value : word
  }
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, worded(name, value)]))
}

/** The refusal in the speaker's words; a bug of ours tells nothing of its inside. */
export const refusalText = (talk: Pick<Talk, 't'>, error: AppError): string =>
  error.kind === 'internal' ? talk.t('refusal.internal') : talk.t(`errors:${error.code}`, inWords(talk, error))

/** The one answer to a request that was refused: over the chat for a press, where it fits, else as a message. */
export const presentRefusal = (talk: Talk, error: AppError): Reply => {
  const text = refusalText(talk, error)
  // A bigger package helps against a limit, and not where none has begun or one has run out.
  const next = error.code === 'subscription_over' ? null : NEXT_STEP[error.kind]
  if (talk.by === 'button' && text.length <= TOAST_MAX) return { toast: text }
  const rows = error.kind === 'limit_reached' ? [[{ label: talk.t('button.packages'), action: 'lic' }]] : []
  return { text: next === null ? escapeText(text) : `${escapeText(text)}\n\n${talk.t(next)}`, rows, asNew: true }
}
