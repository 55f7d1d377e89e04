import type { Random } from '#simulator/random.ts'
import type { QueuedUpdate, UpdateQueue } from '#simulator/updates/queue.ts'

/** The update at the head of a queue and when it may be sent next. */
export type Lane = {
  readonly key: string
  readonly updates: QueuedUpdate[]
  wakeAt: number
  delaySeconds: number
  failCount: number
  isBusy: boolean
}

/** Longest pause between two tries is drawn from this to twice this, in seconds (WebhookActor.cpp). */
const MAX_RESEND_SECONDS = 60
const MAX_RETRY_AFTER_SECONDS = 3600

/** Updates of one bot by queue: one at a time within a queue, queues side by side. */
export type Lanes = {
  readonly add: (update: QueuedUpdate, now: number) => void
  /** Up to `limit` lanes whose head may be sent now, oldest lane first. */
  readonly ready: (now: number, limit: number) => Lane[]
  /** When the next lane that rests after a failure wakes, or null. */
  readonly nextWakeAt: (now: number) => number | null
  readonly acknowledge: (lane: Lane, now: number) => void
  /** Plans the next try of the head, or drops it when that would come after its time. */
  readonly fail: (lane: Lane, retryAfterSeconds: number, now: number) => void
}

/** Creates the lanes over a bot's pending updates. */
export function createLanes(queue: UpdateQueue, random: Random, now: number): Lanes {
  const lanes = new Map<string, Lane>()
  const resting = new Set<Lane>()

  function add(update: QueuedUpdate, at: number): void {
    const lane = lanes.get(update.queueKey)
    if (lane) lane.updates.push(update)
    else {
      const { queueKey: key } = update
      lanes.set(key, { key, updates: [update], wakeAt: at, delaySeconds: 1, failCount: 0, isBusy: false })
    }
  }

  function removeHead(lane: Lane, at: number): void {
    const head = lane.updates.shift()
    if (head) queue.pending.delete(head.id)
    if (lane.updates.length === 0) lanes.delete(lane.key)
    resting.delete(lane)
    lane.wakeAt = at
    lane.delaySeconds = 1
    lane.failCount = 0
  }

  for (const update of queue.pending.values()) add(update, now)

  return {
    add,
    ready(at, limit) {
      const found: Lane[] = []
      for (const lane of lanes.values()) {
        if (found.length >= limit) break
        if (lane.isBusy || lane.wakeAt > at) continue
        while ((lane.updates[0]?.expiresAt ?? Number.POSITIVE_INFINITY) <= at) {
          queue.expiredCount += 1
          removeHead(lane, at)
        }
        if (lane.updates.length > 0) found.push(lane)
      }
      return found
    },
    nextWakeAt(at) {
      let next: number | null = null
      for (const lane of resting) {
        if (lane.wakeAt > at && (next === null || lane.wakeAt < next)) next = lane.wakeAt
      }
      return next
    },
    acknowledge: removeHead,
    fail(lane, retryAfterSeconds, at) {
      const retryAfter = Math.min(Math.max(retryAfterSeconds, 0), MAX_RETRY_AFTER_SECONDS)
      let pause = retryAfter
      if (retryAfter === 0 && lane.failCount > 0) {
        lane.delaySeconds = Math.min(random.int(MAX_RESEND_SECONDS, MAX_RESEND_SECONDS * 2), lane.delaySeconds * 2)
        pause = lane.delaySeconds
      }
      if (at + pause * 1000 > (lane.updates[0]?.expiresAt ?? 0)) {
        queue.expiredCount += 1
        removeHead(lane, at)
        return
      }
      resting.add(lane)
      lane.failCount += 1
      lane.wakeAt = at + pause * 1000
    },
  }
}
