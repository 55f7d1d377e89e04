import type { TenantTx } from '#server/db/tenant-scope.ts'
import { createPost, listPostEnds } from '#server/modules/delivery/index.ts'
import { findChat, wantActs } from '#server/modules/groups/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'
import { findTemplate } from '#server/modules/templates/index.ts'

import { findChatVoice } from './chat-voice.store.ts'
import { type GroupPost, PAUSING_REASONS, POST_LIFE_MS, faultOfSlot, postVariant } from './post.rules.ts'
import { findPlace, insertRun, lockDuePosts, lockPost, savePostState, selectOpenRuns, settleRun } from './post.store.ts'
import { type DueSlot, dueSlot } from './schedule.rules.ts'

const AT_ONCE = 100

/**
 * Queues the posts whose slot has come, each slot once: of those that passed while nobody worked, the newest at most. A
 * post that may not be made is written down with the reason, and one that could not be made until somebody changes
 * something is paused. Locks the posts; what another process works is left to it. Returns how many slots were seen to.
 */
export const runDuePosts = async (tx: TenantTx, now: number): Promise<number> => {
  const posts = await lockDuePosts(tx, now, AT_ONCE)
  if (posts.length === 0) return 0
  const { timeZone } = await getOwnTenant(tx)
  let seen = 0
  for (const post of posts) {
    const due = dueSlot({ ...post, timeZone }, post.nextSlotAt ?? Number.POSITIVE_INFINITY, now)
    if (!due) continue
    seen += 1
    await runSlot(tx, post, due, now)
  }
  return seen
}

const runSlot = async (tx: TenantTx, post: GroupPost, due: DueSlot, now: number): Promise<void> => {
  const { slotAt, skipped, nextAt } = due
  const queued = await queueSlot(tx, post, due, now)
  const run = typeof queued === 'number' ? { deliveryId: queued, reason: null } : { deliveryId: null, reason: queued }
  await insertRun(tx, { postId: post.id, slotAt, skipped, ...run }, now)
  // Beyond these faults nothing changes by itself.
  if (run.reason === 'chat_left' || run.reason === 'template_gone')
    return savePostState(tx, post.id, { state: 'paused', pauseReason: run.reason, nextSlotAt: null })
  await savePostState(tx, post.id, {
    state: nextAt === null ? 'ended' : 'active',
    pauseReason: null,
    nextSlotAt: nextAt,
  })
}

/** The id of the delivery, or why there is none. */
const queueSlot = async (tx: TenantTx, post: GroupPost, { slotAt, nextAt }: DueSlot, now: number) => {
  const chat = await findChat(tx, { id: post.chatId })
  if (!chat) return 'chat_left' as const
  const place = await findPlace(tx, chat.id, post.accountId)
  const voice = await findChatVoice(tx, chat.id)
  const fault = faultOfSlot({ ...place, isPostingOn: voice?.isPostingOn ?? false, slotAt, now })
  if (fault) return fault
  const content = await contentOf(tx, post)
  if (!content) return 'template_gone' as const
  const deliveryId = await createPost(tx, {
    accountId: post.accountId,
    chatId: chat.telegramId,
    ...content,
    dueAt: slotAt,
    // Two slots of one post never wait side by side.
    expiresAt: Math.max(now, Math.min(nextAt ?? Number.POSITIVE_INFINITY, now + POST_LIFE_MS)),
    dedupeKey: `post:${post.id}:${slotAt}`,
    at: now,
  })
  return deliveryId ?? ('too_late' as const)
}

const contentOf = async (tx: TenantTx, { content }: GroupPost) => {
  if ('text' in content) return { content, messageClass: 'transactional' } as const
  const template = await findTemplate(tx, content.templateId)
  const variant = template?.state === 'approved' ? postVariant(template) : null
  if (!template || variant === null || template.messageClass === 'reply') return null
  return { content: { templateId: template.id, variant }, messageClass: template.messageClass }
}

/**
 * Sees to what follows from posts that ended: what was to be pinned is pinned, and a post whose next try would be refused
 * as well is paused with Telegram's reason. Returns how many ended.
 */
export const settlePosts = async (tx: TenantTx, now: number): Promise<number> => {
  const runs = await selectOpenRuns(tx, AT_ONCE)
  const ends = new Map(
    (
      await listPostEnds(
        tx,
        runs.flatMap((run) => run.deliveryId ?? []),
      )
    ).map((end) => [end.deliveryId, end]),
  )
  let settled = 0
  for (const run of runs) {
    const end = run.deliveryId === null ? undefined : ends.get(run.deliveryId)
    if (end && end.finishedAt === null) continue
    settled += 1
    await settleRun(tx, run)
    const post = end ? await lockPost(tx, run.postId) : null
    if (!end || !post) continue
    if (end.state === 'sent' && post.pins && end.messageId !== null) await pin(tx, post, end.messageId, now)
    const isHopeless = (end.state === 'failed' || end.state === 'refused') && PAUSING_REASONS.has(end.reason ?? '')
    if (isHopeless && post.state === 'active')
      await savePostState(tx, post.id, { state: 'paused', pauseReason: end.reason, nextSlotAt: null })
  }
  return settled
}

const pin = (tx: TenantTx, post: GroupPost, messageId: number, at: number): Promise<void> =>
  wantActs(tx, [
    {
      chatId: post.chatId,
      accountId: post.accountId,
      contactId: null,
      kind: 'pin',
      dedupeKey: `pin:${post.chatId}:${messageId}`,
      messageIds: [messageId],
      by: 'system',
      at,
    },
  ])
