import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { cancelPosts } from '#server/modules/delivery/index.ts'
import { type ActingPerson, getOwnTenant, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import type { GroupPost } from './post.rules.ts'
import { deletePost, lockPost, savePostState, selectRuns } from './post.store.ts'
import { nextSlotAfter } from './schedule.rules.ts'

const openPost = async (tx: TenantTx, postId: number, actor: ActingPerson): Promise<GroupPost> => {
  requireCan(actor.access, 'campaigns.start')
  const post = await lockPost(tx, postId)
  if (!post) throw notFound('post', postId)
  return post
}

const audit = (tx: TenantTx, post: GroupPost, action: string, { by, at }: ActingPerson): Promise<void> =>
  recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action,
    target: `chat:${post.chatId}`,
    detail: { post: post.id },
    at,
  })

/** What still waits to leave of the newest runs goes with the post. */
const callOff = async (tx: TenantTx, post: GroupPost, at: number): Promise<void> => {
  const runs = await selectRuns(tx, post.id, 10)
  const waiting = runs.flatMap((run) => (run.deliveryId === null ? [] : [run.deliveryId]))
  await cancelPosts(tx, waiting, 'by_hand', at)
}

/** Stops a post, what waits of it included. Needs `campaigns.start`. Errors: `forbidden`, `not_found`. */
export const pauseGroupPost = async (tx: TenantTx, postId: number, actor: ActingPerson): Promise<GroupPost> => {
  const post = await openPost(tx, postId, actor)
  if (post.state !== 'active') return post
  await callOff(tx, post, actor.at)
  await savePostState(tx, post.id, { state: 'paused', pauseReason: 'by_hand', nextSlotAt: null })
  await audit(tx, post, 'post.paused', actor)
  return { ...post, state: 'paused', pauseReason: 'by_hand', nextSlotAt: null }
}

/**
 * Lets a paused post go on at its next slot; those that passed are not made up for. Needs `campaigns.start`. Errors:
 * `forbidden`, `not_found`, `conflict/post_over`.
 */
export const resumeGroupPost = async (tx: TenantTx, postId: number, actor: ActingPerson): Promise<GroupPost> => {
  const post = await openPost(tx, postId, actor)
  if (post.state === 'active') return post
  const { timeZone } = await getOwnTenant(tx)
  const nextSlotAt = nextSlotAfter({ ...post, timeZone }, actor.at)
  if (nextSlotAt === null) throw new AppError('conflict', 'post_over', { field: 'id', post: post.id })
  await savePostState(tx, post.id, { state: 'active', pauseReason: null, nextSlotAt })
  await audit(tx, post, 'post.resumed', actor)
  return { ...post, state: 'active', pauseReason: null, nextSlotAt }
}

/** Removes a post and what waits of it; what was posted stays. Needs `campaigns.start`. Errors: `forbidden`, `not_found`. */
export const removeGroupPost = async (tx: TenantTx, postId: number, actor: ActingPerson): Promise<GroupPost> => {
  const post = await openPost(tx, postId, actor)
  await callOff(tx, post, actor.at)
  await deletePost(tx, post.id)
  await audit(tx, post, 'post.removed', actor)
  return post
}
