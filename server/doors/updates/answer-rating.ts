import { awaitRatingComment, recordRating, takeRatingComments } from '#server/modules/conversations/index.ts'

import { type Answer, type Talk, reply, say } from './talk.ts'

/** The texts of a press's endings. */
const SAID = {
  rated: 'rating.thanks',
  late: 'rating.late',
  first: 'rating.first',
  unknown: 'unknown',
  comment_awaited: 'rating.commentAsk',
} as const

/** A press under the question is answered over the chat: no message follows it. */
export const rate: Answer = async (talk) => {
  const { tx, contactId, deliveryId, argument, now: at } = talk
  if (deliveryId === null) return say(talk, 'unknown')
  return say(talk, SAID[await recordRating(tx, { deliveryId, contactId, value: Number(argument), at })])
}

export const rateComment: Answer = async (talk) => {
  const { tx, contactId, deliveryId, now: at } = talk
  if (deliveryId === null) return say(talk, 'unknown')
  return say(talk, SAID[await awaitRatingComment(tx, { deliveryId, contactId, at })])
}

/**
 * Takes what people, each once, wrote as the comments they announced: such words open no conversation.
 * Gives what is left.
 */
export const takeComments = async <T extends { readonly talk: Talk; readonly text: string }>(
  said: readonly T[],
): Promise<readonly T[]> => {
  const [first] = said
  if (!first) return []
  const { tx, now } = first.talk
  const words = said.map(({ talk: { accountId, contactId }, text }) => ({ accountId, contactId, text }))
  const taken = await takeRatingComments(tx, words, now)
  for (const { talk } of said) if (taken.has(talk.contactId)) await reply(talk, say(talk, 'rating.commentThanks'))
  return said.filter(({ talk }) => !taken.has(talk.contactId))
}
