import { systemClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'

import type { FollowOptions, UserUpdate } from '../../user-feed.ts'

const FIRST_PAUSE_MS = SECOND_MS
const LONGEST_PAUSE_MS = 30 * SECOND_MS

export interface DeliveryQueue {
  push(update: UserUpdate): void
  /** Resolves when all that was pushed so far is stored. Throws when it never will be: told to stop before. */
  settled(): Promise<void>
}

/** Passes updates on in order, batch by batch, and again until they are stored or `signal` aborts. */
export const createDeliveryQueue = ({
  deliver,
  signal,
  onTrouble,
}: Pick<FollowOptions, 'deliver' | 'signal' | 'onTrouble'>): DeliveryQueue => {
  let waiting: UserUpdate[] = []
  let isRunning = false
  let running: Promise<void> = Promise.resolve()

  const store = async (batch: readonly UserUpdate[]): Promise<void> => {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await deliver(batch)
      } catch (error) {
        if (signal.aborted) throw error
        onTrouble?.('what came in could not be stored yet')
        await systemClock.sleep(pauseMs, signal)
      }
    }
  }
  const run = async (): Promise<void> => {
    isRunning = true
    while (waiting.length > 0 && !signal.aborted) {
      const batch = waiting
      waiting = []
      try {
        await store(batch)
      } catch {
        waiting = [...batch, ...waiting]
      }
    }
    isRunning = false
  }
  return {
    push(update) {
      waiting.push(update)
      if (!isRunning) running = run()
    },
    async settled() {
      // What is pushed while waiting belongs to it too.
      let seen: Promise<void> | null = null
      while (seen !== running) {
        seen = running
        await seen
      }
      if (waiting.length > 0) throw new Error('what came in is not stored, so Telegram is asked for it again')
    },
  }
}
