import type { Update } from '@grammyjs/types'
import type { Random } from '#simulator/random.ts'

export type UpdateType = Exclude<keyof Update, 'update_id'>

/** Updates Telegram sends unless a bot asks otherwise: all but these three (Client.cpp, default update mask). */
const OFF_BY_DEFAULT: ReadonlySet<UpdateType> = new Set(['chat_member', 'message_reaction', 'message_reaction_count'])

const HOUR_MS = 3_600_000
const SWEEP_EVERY = 1000

/** How long an undelivered update is kept, in ms; everything not listed lives 24 hours. */
const LIFETIME_MS: Partial<Record<UpdateType, number>> = {
  callback_query: 150_000,
  pre_checkout_query: 150_000,
  shipping_query: 150_000,
  chosen_inline_result: 600_000,
  inline_query: 30_000,
}

export type QueuedUpdate = {
  readonly id: number
  readonly type: UpdateType
  /** The whole update as JSON, written when it happened: later changes of the world do not reach it. */
  readonly json: string
  /** Updates of one queue are delivered one after the other, queues side by side. */
  readonly queueKey: string
  /** Epoch ms. */
  readonly expiresAt: number
}

/** Undelivered updates of one bot, oldest first. */
export type UpdateQueue = {
  readonly pending: Map<number, QueuedUpdate>
  /** What the bot asked for; null is the default mask. */
  allowed: readonly UpdateType[] | null
  /** Called after an update was added: the webhook sender or the waiting poll. */
  onPush: ((update: QueuedUpdate) => void) | null
  nextId: number
  /** Updates ever added, and those dropped because they expired. */
  pushedCount: number
  expiredCount: number
}

/** Creates an empty queue whose ids start at a random positive number, as Telegram's do. */
export function createUpdateQueue(random: Random): UpdateQueue {
  return {
    pending: new Map(),
    allowed: null,
    onPush: null,
    nextId: random.int(100_000_000, 900_000_000),
    pushedCount: 0,
    expiredCount: 0,
  }
}

function isAllowedUpdate(queue: UpdateQueue, type: UpdateType): boolean {
  return queue.allowed ? queue.allowed.includes(type) : !OFF_BY_DEFAULT.has(type)
}

/** Queues an update of the given type and wakes whoever delivers; null when the bot did not ask for the type. */
export function pushUpdate(
  queue: UpdateQueue,
  type: UpdateType,
  payload: object,
  queueKey: string,
  now: number,
): QueuedUpdate | null {
  if (!isAllowedUpdate(queue, type)) return null
  const id = queue.nextId++
  const update: QueuedUpdate = {
    id,
    type,
    json: `{"update_id":${id},"${type}":${JSON.stringify(payload)}}`,
    queueKey,
    expiresAt: now + (LIFETIME_MS[type] ?? 24 * HOUR_MS),
  }
  queue.pending.set(id, update)
  queue.pushedCount += 1
  // A bot that never fetches would keep a day's updates for ever.
  if (queue.pushedCount % SWEEP_EVERY === 0) dropExpiredUpdates(queue, now)
  queue.onPush?.(update)
  return update
}

/** Drops updates that are past their time. Expiries differ by type, so the whole queue is looked through. */
export function dropExpiredUpdates(queue: UpdateQueue, now: number): void {
  for (const update of queue.pending.values()) {
    if (update.expiresAt <= now) {
      queue.pending.delete(update.id)
      queue.expiredCount += 1
    }
  }
}

/** Changes the mask the way `allowed_updates` does: absent keeps it, an empty list is the default mask. */
export function setAllowedUpdates(queue: UpdateQueue, allowed: readonly UpdateType[] | undefined): void {
  if (allowed !== undefined) queue.allowed = allowed.length === 0 ? null : allowed
}
