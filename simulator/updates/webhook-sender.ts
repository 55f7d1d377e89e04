import { createAlarm, type SimulatorClock } from '#simulator/clock.ts'
import type { Random } from '#simulator/random.ts'
import type { QueuedUpdate, UpdateQueue } from '#simulator/updates/queue.ts'
import { createWebhookErrors, type WebhookError } from '#simulator/updates/webhook-errors.ts'
import {
  createWebhookPoster,
  describeFailure,
  readMethodInAnswer,
  type WebhookSettings,
} from '#simulator/updates/webhook-post.ts'
import { createLanes, type Lane } from '#simulator/updates/webhook-queues.ts'

export type WebhookSender = {
  readonly settings: WebhookSettings
  readonly lastError: () => WebhookError | null
  /** A pending or recently delivered update; the latest delivered one when no id is given. */
  readonly findUpdate: (updateId: number | undefined) => QueuedUpdate | null
  /** Sends an update once more, outside of its queue: a duplicate delivery. Resolves with the HTTP status. */
  readonly sendAgain: (json: string) => Promise<number>
  /** Stops sending; requests under way are cut. */
  readonly close: () => Promise<void>
}

export type WebhookSenderDeps = {
  readonly clock: SimulatorClock
  readonly random: Random
  /** Runs a method call found in an answer's body. */
  readonly callMethod: (method: string, params: Record<string, unknown>) => void
  /** Told when 410 was answered for 23 hours: Telegram then removes the webhook. */
  readonly onGone: () => void
}

/** Delivered updates that can be sent once more. */
const REMEMBERED_UPDATES = 100

/** Delivers a bot's updates to its webhook by real HTTP POSTs until closed. */
export function startWebhookSender(
  deps: WebhookSenderDeps,
  queue: UpdateQueue,
  settings: WebhookSettings,
): WebhookSender {
  const { clock, random } = deps
  const stop = new AbortController()
  const poster = createWebhookPoster(settings, stop.signal)
  const lanes = createLanes(queue, random, clock.now())
  let running = 0
  const alarm = createAlarm(clock, pump)
  const errors = createWebhookErrors(deps.onGone)
  const delivered: QueuedUpdate[] = []

  function pump(): void {
    if (stop.signal.aborted) return
    const now = clock.now()
    for (const lane of lanes.ready(now, settings.maxConnections - running)) {
      running += 1
      lane.isBusy = true
      void deliver(lane).finally(() => {
        running -= 1
        lane.isBusy = false
        pump()
      })
    }
    alarm.set(lanes.nextWakeAt(now))
  }

  async function deliver(lane: Lane): Promise<void> {
    const update = lane.updates[0]
    if (!update) return
    try {
      const answer = await poster.post(update.json)
      if (stop.signal.aborted) return
      const now = clock.now()
      if (answer.status >= 200 && answer.status <= 299) {
        errors.forgive()
        lanes.acknowledge(lane, now)
        delivered.push(update)
        if (delivered.length > REMEMBERED_UPDATES) delivered.shift()
        const call = readMethodInAnswer(answer.body)
        if (call) deps.callMethod(call.method, call.params)
        return
      }
      errors.noteStatus(answer.status, now)
      lanes.fail(lane, answer.retryAfter, now)
    } catch (error) {
      if (stop.signal.aborted) return
      const now = clock.now()
      errors.note(describeFailure(error), now)
      lanes.fail(lane, 0, now)
    }
  }

  queue.onPush = (update: QueuedUpdate) => {
    lanes.add(update, clock.now())
    pump()
  }
  pump()

  return {
    settings,
    lastError: errors.last,
    findUpdate: (updateId) =>
      updateId === undefined
        ? (delivered.at(-1) ?? null)
        : (queue.pending.get(updateId) ?? delivered.find(({ id }) => id === updateId) ?? null),
    sendAgain: async (json) => (await poster.post(json)).status,
    async close() {
      queue.onPush = null
      stop.abort(new Error('the webhook was closed'))
      alarm.set(null)
      await poster.close()
    },
  }
}
