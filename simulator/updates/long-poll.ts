import { type BotApiError, conflict, CONFLICT_POLL } from '#simulator/bot-api/errors.ts'
import { dropExpiredUpdates, type UpdateQueue } from '#simulator/updates/queue.ts'

export type PollRequest = {
  /** 0 for the oldest; negative counts from the end and forgets what is before. */
  readonly offset: number
  /** 1–100 */
  readonly limit: number
  /** Seconds of real time to wait for a first update, 0–50. */
  readonly timeout: number
}

export type Poller = {
  /** Answers the updates as the JSON text of an array. A second poll ends the first one with a 409. */
  readonly poll: (queue: UpdateQueue, request: PollRequest, now: number, signal: AbortSignal) => Promise<string>
  /** Ends a waiting poll, with an error or with no updates. */
  readonly interrupt: (queue: UpdateQueue, error: BotApiError | null) => void
}

type Waiting = { readonly end: (error: BotApiError | null) => void }

/** How long a repeat of the same offset is held, in seconds, when it came within that time (Client.cpp). */
const REPEAT_HOLD_SECONDS = 3

/** Creates the long poller of all bots. `slowsRepeats` holds back programs that ask again and again at once. */
export function createPoller(slowsRepeats: boolean): Poller {
  const waiting = new WeakMap<UpdateQueue, Waiting>()
  const last = new WeakMap<UpdateQueue, { readonly offset: number; readonly at: number }>()

  function interrupt(queue: UpdateQueue, error: BotApiError | null): void {
    waiting.get(queue)?.end(error)
  }

  async function poll(queue: UpdateQueue, request: PollRequest, now: number, signal: AbortSignal): Promise<string> {
    interrupt(queue, conflict(CONFLICT_POLL))
    const { offset, limit } = request
    confirm(queue, offset)
    dropExpiredUpdates(queue, now)
    const before = last.get(queue)
    const realNow = performance.now()
    last.set(queue, { offset, at: realNow })
    const isRepeat = before?.offset === offset && realNow - before.at < REPEAT_HOLD_SECONDS * 1000
    const timeout = slowsRepeats && isRepeat ? Math.max(request.timeout, REPEAT_HOLD_SECONDS) : request.timeout
    if (queue.pending.size === 0 && timeout > 0) {
      await waitForUpdate(queue, timeout, signal)
    }
    return take(queue, offset, limit)
  }

  function waitForUpdate(queue: UpdateQueue, seconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error: BotApiError | null): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        queue.onPush = null
        waiting.delete(queue)
        if (error) reject(error)
        else resolve()
      }
      const onAbort = (): void => end(null)
      const timer = setTimeout(() => end(null), seconds * 1000)
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.set(queue, { end })
      queue.onPush = () => end(null)
    })
  }

  return { poll, interrupt }
}

/** Forgets what an offset confirms. */
function confirm(queue: UpdateQueue, offset: number): void {
  if (offset === 0) return
  const keep = offset < 0 ? -offset : Number.POSITIVE_INFINITY
  let excess = offset < 0 ? queue.pending.size - keep : 0
  for (const id of queue.pending.keys()) {
    if (offset > 0 ? id >= offset : excess-- <= 0) return
    queue.pending.delete(id)
  }
}

function take(queue: UpdateQueue, offset: number, limit: number): string {
  const parts: string[] = []
  for (const update of queue.pending.values()) {
    if (parts.length >= limit) break
    if (offset > 0 && update.id < offset) continue
    parts.push(update.json)
  }
  return `[${parts.join(',')}]`
}
