import type { Conversation } from '#server/modules/conversations/index.ts'

import type { Talk } from './talk.ts'

/** What a contact wrote to the account alone, and that is no command. */
export interface PrivateWords {
  readonly talk: Talk
  readonly conversation: Conversation
  readonly text: string
}

/**
 * Answers, or sees to answers to, what people wrote to the tenant's accounts, each of them once, in one transaction. Gives those
 * whom it answered: the others are for the next to answer.
 */
export type WordsResponder = (words: readonly [PrivateWords, ...PrivateWords[]]) => Promise<ReadonlySet<PrivateWords>>
