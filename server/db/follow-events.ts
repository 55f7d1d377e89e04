import type { Clock } from '#server/base/clock.ts'
import { HOUR_MS, SECOND_MS } from '#server/base/duration.ts'
import type { EventListener, StoredEvent } from '#server/base/events.ts'
import type { Logger } from '#server/base/logger.ts'

import { type Refusal, advance, findDueRetries, finishRetry, postponeRetry, readEvents } from './event-store.ts'
import type { Db } from './pool.ts'

export interface FollowDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
}

const BATCH = 500
const RETRY_BATCH = 100

/** A refused event is tried nine times in all, over about half an hour, before a person has to look at it. */
const MAX_ATTEMPTS = 9
const FIRST_WAIT_MS = 5 * SECOND_MS

export const retryWaitMs = (attempts: number): number => Math.min(HOUR_MS, FIRST_WAIT_MS * 2 ** (attempts - 1))

/** What one step did. */
export interface FollowStep {
  readonly read: number
  readonly retried: number
  /** Whether another step right away would find more. */
  readonly more: boolean
}

/**
 * Gives the listener its next batch of events and its due retries, then moves its cursor. The cursor moves only after
 * the listener has finished: a crash in between repeats the batch. With `mayStay` it is left where it is before events
 * of others, which are then passed later, many at once. Throws only when the database fails.
 */
export const followEvents = async (
  deps: FollowDeps,
  listener: EventListener,
  { mayStay = false }: { readonly mayStay?: boolean } = {},
): Promise<FollowStep> => {
  const { db, clock } = deps
  const batch = await readEvents(db, listener.name, listener.types, { limit: BATCH, now: clock.now() })
  const refusals = await deliver(deps, listener, batch.events)
  const stays = mayStay && batch.events.length === 0 && !batch.full
  if (batch.end && !stays) {
    const moved = await advance(db, listener.name, batch.from, batch.end, refusals, clock.now() + retryWaitMs(1))
    if (!moved) return { read: 0, retried: 0, more: false }
  }
  const retries = batch.hasRetries ? await retryDue(deps, listener) : 0
  return { read: batch.events.length, retried: retries, more: batch.full || retries === RETRY_BATCH }
}

const deliver = async (
  deps: FollowDeps,
  listener: EventListener,
  events: readonly StoredEvent[],
): Promise<readonly Refusal[]> => {
  if (events.length === 0) return []
  const refused = await attempt(listener, events)
  if (refused === null) return []
  if (events.length === 1 && events[0]) return [refuse(deps, listener, events[0], refused)]
  const refusals: Refusal[] = []
  for (const event of events) {
    const error = await attempt(listener, [event])
    if (error !== null) refusals.push(refuse(deps, listener, event, error))
  }
  return refusals
}

/** Null when the listener took the events, else its error. */
const attempt = async (listener: EventListener, events: readonly StoredEvent[]): Promise<Error | null> => {
  try {
    await listener.receive(events)
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const refuse = (deps: FollowDeps, listener: EventListener, event: StoredEvent, error: Error): Refusal => {
  deps.log.warn({ listener: listener.name, eventId: event.id, type: event.type, err: error }, 'an event was put aside')
  return { eventId: event.id, error: error.message.slice(0, 1_000) }
}

const retryDue = async (deps: FollowDeps, listener: EventListener): Promise<number> => {
  const due = await findDueRetries(deps.db, listener.name, deps.clock.now(), RETRY_BATCH)
  for (const { event, attempts } of due) {
    const error = await attempt(listener, [event])
    if (error === null) {
      await finishRetry(deps.db, listener.name, event.id)
      continue
    }
    const now = deps.clock.now()
    const made = attempts + 1
    const parked = made >= MAX_ATTEMPTS
    if (parked)
      deps.log.error(
        { listener: listener.name, eventId: event.id, type: event.type, err: error },
        'an event was parked',
      )
    const refusal = { eventId: event.id, attempts: made, error: error.message.slice(0, 1_000) }
    await postponeRetry(deps.db, listener.name, refusal, now, parked ? null : now + retryWaitMs(made))
  }
  return due.length
}
