import type { Clock } from '#server/base/clock.ts'
import { type ManualSimulatorClock, createManualSimulatorClock } from '#simulator/clock.ts'

/** The server's share of one time: every process has its own sleepers, which end with it. */
export interface ProcessTime {
  readonly clock: Clock
  /**
   * Waits for `work`, moving time to the process's next wake-up whenever `isCalm` says that no call is under way: calls
   * take no time, and a pause takes exactly its own. Ends early with `end`.
   */
  drive(work: Promise<unknown>, isCalm: () => boolean, end: Promise<unknown>): Promise<void>
}

/** One time for the simulated Telegram, its people and the server. It stands still until it is moved. */
export interface SharedTime {
  readonly world: ManualSimulatorClock
  forProcess(): ProcessTime
}

interface Sleeper {
  readonly dueAt: number
  readonly wake: () => void
}

export const createSharedTime = (startAt: number): SharedTime => {
  const world = createManualSimulatorClock(startAt)
  return { world, forProcess: () => createProcessTime(world) }
}

const createProcessTime = (world: ManualSimulatorClock): ProcessTime => {
  const sleepers = new Set<Sleeper>()
  const wakeNext = async (): Promise<void> => {
    const next = [...sleepers].sort((a, b) => a.dueAt - b.dueAt)[0]
    if (!next) return
    if (next.dueAt > world.now()) await world.advance(next.dueAt - world.now())
    next.wake()
  }
  return {
    clock: {
      now: () => world.now(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve()
          const sleeper: Sleeper = {
            dueAt: world.now() + Math.max(0, ms),
            wake() {
              sleepers.delete(sleeper)
              signal?.removeEventListener('abort', sleeper.wake)
              resolve()
            },
          }
          sleepers.add(sleeper)
          signal?.addEventListener('abort', sleeper.wake, { once: true })
        }),
    },
    async drive(work, isCalm, end) {
      const state = { isOver: false }
      const over = () => void (state.isOver = true)
      void work.then(over, over)
      void end.then(over, over)
      while (!state.isOver) {
        const isDue = isCalm() && sleepers.size > 0
        if (isDue) await wakeNext()
        await new Promise((resolve) => setTimeout(resolve, isDue ? 0 : 1))
      }
      await Promise.race([work, end])
    },
  }
}
