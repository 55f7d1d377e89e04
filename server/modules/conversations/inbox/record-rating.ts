import type { TenantTx } from '#server/db/tenant-scope.ts'

import { RATING_MAX, isChangeable } from './rating.rules.ts'
import { type CommentWords, lockRating, saveComments, saveCommentWanted, saveRating } from './rating.store.ts'

/** What a press under the question is. */
interface RatingPress {
  readonly deliveryId: number
  readonly contactId: number
  readonly at: number
}

/** What became of a press: `unknown` for a question of somebody else, `first` for a comment before any rating. */
export type RatingEnd = 'rated' | 'late' | 'unknown' | 'first' | 'comment_awaited'

/** A contact rates, or changes within a day what they rated. Locks the rating. */
export const recordRating = async (
  tx: TenantTx,
  { deliveryId, contactId, value, at }: RatingPress & { readonly value: number },
): Promise<RatingEnd> => {
  if (!Number.isInteger(value) || value < 1 || value > RATING_MAX) return 'unknown'
  const rating = await lockRating(tx, deliveryId, contactId)
  if (!rating) return 'unknown'
  if (!isChangeable(rating.ratedAt, at)) return 'late'
  await saveRating(tx, rating.id, value, at)
  return 'rated'
}

/** What the contact writes next is a comment, for some minutes. Locks the rating. */
export const awaitRatingComment = async (
  tx: TenantTx,
  { deliveryId, contactId, at }: RatingPress,
): Promise<RatingEnd> => {
  const rating = await lockRating(tx, deliveryId, contactId)
  if (!rating) return 'unknown'
  if (rating.value === null) return 'first'
  if (!isChangeable(rating.ratedAt, at)) return 'late'
  await saveCommentWanted(tx, rating.id, at)
  return 'comment_awaited'
}

const COMMENT_MAX = 1_000

/**
 * Takes what contacts wrote to an account, each once, as the comments they announced. Gives the contacts whose words were
 * one; those of the others are messages like any other.
 */
export const takeRatingComments = (
  tx: TenantTx,
  words: readonly CommentWords[],
  at: number,
): Promise<ReadonlySet<number>> => {
  const cut = words.map((each) => ({ ...each, text: asComment(each.text) }))
  return saveComments(
    tx,
    cut.filter(({ text }) => text !== ''),
    at,
  )
}

const asComment = (text: string): string =>
  Array.from(text.replaceAll('\u0000', '').toWellFormed()).slice(0, COMMENT_MAX).join('').trim()
