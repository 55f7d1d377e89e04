import type { Clock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'

import type { CallFailure, CallResult } from '../../call-result.ts'
import { resultOfFailure } from '../../result-of-failure.ts'
import type { BotProfile, TelegramUpdate, TelegramUpdateFeed, WebhookState } from '../../update-feed.ts'
import type { FakeWorld } from './fake-world.ts'

interface Queue {
  updates: TelegramUpdate[]
  webhookUrl: string | null
  /** Ends the poll that waits, with what it should return. */
  endPoll: ((by: 'update' | 'other_poller') => void) | null
}

export interface FakeUpdateFeed extends TelegramUpdateFeed {
  /** Puts an update into the queue of the bot with this token, waking its poll. */
  push(token: string, update: TelegramUpdate): void
  /** The profile `validateToken` answers for the token; a token without one is nobody's. */
  addBot(token: string, profile: BotProfile): void
}

/** Update queues in memory, one per token, with Telegram's rules: one poller, and none beside a webhook. */
export const createFakeUpdateFeed = (clock: Clock, world: FakeWorld): FakeUpdateFeed => {
  const queues = new Map<string, Queue>()
  const bots = new Map<string, BotProfile>()
  const queueOf = (token: string): Queue => {
    const queue = queues.get(token) ?? { updates: [], webhookUrl: null, endPoll: null }
    queues.set(token, queue)
    return queue
  }
  const refused = (token: string): CallFailure | null => {
    const refusal = world.takeRefusal(token, undefined)?.result
    return refusal === undefined || refusal === 'reached' ? null : refusal
  }

  return {
    push(token, update) {
      const queue = queueOf(token)
      queue.updates.push(update)
      queue.endPoll?.('update')
    },
    addBot: (token, profile) => void bots.set(token, profile),

    async getUpdates({ token }, { offset, waitSeconds, limit = 100, signal }) {
      const queue = queueOf(token)
      const refusal = refused(token)
      if (refusal) return refusal
      if (queue.webhookUrl !== null) return { kind: 'rejected', reason: 'webhook_active', errorCode: 409 }
      queue.endPoll?.('other_poller')
      queue.updates = queue.updates.filter((update) => update.update_id >= offset)
      if (queue.updates.length === 0 && waitSeconds > 0) {
        const end = await pollEnd(clock, queue, waitSeconds * SECOND_MS, signal)
        if (end === 'other_poller') return resultOfFailure('polled_elsewhere') as CallFailure
        if (signal?.aborted) return { kind: 'retry', afterMs: 0, scope: 'account', reason: 'aborted_midway' }
      }
      return done(queue.updates.slice(0, limit))
    },

    async setWebhook({ token }, { url }) {
      const refusal = refused(token)
      if (refusal) return refusal
      queueOf(token).webhookUrl = url
      return { kind: 'done' }
    },

    async deleteWebhook({ token }) {
      const refusal = refused(token)
      if (refusal) return refusal
      queueOf(token).webhookUrl = null
      return { kind: 'done' }
    },

    async getWebhook({ token }) {
      const { webhookUrl, updates } = queueOf(token)
      return refused(token) ?? done<WebhookState>({ url: webhookUrl, pendingUpdates: updates.length, lastError: null })
    },

    async validateToken({ token }) {
      const profile = bots.get(token)
      if (!profile) return { kind: 'account_lost', reason: 'token_revoked', errorCode: 401 }
      return refused(token) ?? done(profile)
    },
  }
}

const done = <T>(value: T): CallResult<T> => ({ kind: 'done', value })

const pollEnd = async (clock: Clock, queue: Queue, waitMs: number, signal?: AbortSignal) => {
  const waiting = new AbortController()
  const ended = new Promise<'update' | 'other_poller'>((resolve) => {
    queue.endPoll = resolve
  })
  const onAbort = () => waiting.abort()
  signal?.addEventListener('abort', onAbort)
  const end = await Promise.race([ended, clock.sleep(waitMs, waiting.signal).then(() => 'time' as const)])
  signal?.removeEventListener('abort', onAbort)
  waiting.abort()
  if (end !== 'other_poller') queue.endPoll = null
  return end
}
