import { invalid } from '#server/base/errors.ts'

/** What a contact may be asked after a conversation: nothing, for one of three faces, or for one to five points. */
export const RATING_CHOICES = ['off', 'emoji', 'points'] as const
export type RatingChoice = (typeof RATING_CHOICES)[number]

/** How a tenant answers. */
export interface InboxSettings {
  /** A person or the account itself answers within this time. */
  readonly answerWithinMinutes: number
  /** What waits for the contact is closed after so many silent days; null for never. */
  readonly closeAfterDays: number | null
}

/** How one account does. */
export interface AccountInboxSettings {
  /** How long the model is silent after a person wrote. */
  readonly aiPauseMinutes: number
  readonly rating: RatingChoice
}

export const INBOX_DEFAULTS: InboxSettings = { answerWithinMinutes: 60, closeAfterDays: 7 }
export const ACCOUNT_INBOX_DEFAULTS: AccountInboxSettings = { aiPauseMinutes: 30, rating: 'off' }

const inRange = (field: string, value: number, max: number): void => {
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw invalid('whole_number_expected', field, { given: String(value), min: 1, max })
}

/** Errors: `invalid/whole_number_expected` naming the field and its bounds. */
export const checkInboxSettings = ({ answerWithinMinutes, closeAfterDays }: InboxSettings): void => {
  inRange('answerWithinMinutes', answerWithinMinutes, 43_200)
  if (closeAfterDays !== null) inRange('closeAfterDays', closeAfterDays, 365)
}

/** Errors: `invalid/whole_number_expected`, `invalid/unknown_word`. */
export const checkAccountInboxSettings = ({ aiPauseMinutes, rating }: AccountInboxSettings): void => {
  inRange('aiPauseMinutes', aiPauseMinutes, 10_080)
  if (!RATING_CHOICES.includes(rating))
    throw invalid('unknown_word', 'rating', { given: rating, allowed: RATING_CHOICES.join(', ') })
}
