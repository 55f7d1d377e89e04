/**
 * The simulator's time. Everything Telegram measures (rate limits, redelivery, expiries, people) runs on this clock;
 * only the wire itself (request latency, how long a poll is held open, a webhook's time-out) runs in real time.
 */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after `ms` of this clock's time, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface ManualSimulatorClock extends SimulatorClock {
  /** Moves time forward, waking sleepers in order of their due time and letting each run before the next. */
  advance(ms: number): Promise<void>
  /** How many sleeps have not ended. */
  sleeping(): number
}

export const systemSimulatorClock: SimulatorClock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleepReal(ms, signal),
}

/** Runs `factor` times as fast as real time from `startMs` on. */
export function createAcceleratedSimulatorClock(factor: number, startMs: number): SimulatorClock {
  if (!(factor > 0)) throw new RangeError(`the clock factor must be above 0, not ${factor}`)
  const startedAt = performance.now()
  return {
    now: () => Math.floor(startMs + (performance.now() - startedAt) * factor),
    sleep: (ms, signal) => sleepReal(ms / factor, signal),
  }
}

type Sleeper = { readonly dueAt: number; readonly order: number; readonly wake: () => void }

/** Stands still until it is advanced; two sleepers due at the same instant wake in the order they went to sleep. */
export function createManualSimulatorClock(startMs: number): ManualSimulatorClock {
  let nowMs = startMs
  let order = 0
  const sleepers = new Set<Sleeper>()

  function earliest(untilMs: number): Sleeper | null {
    let found: Sleeper | null = null
    for (const sleeper of sleepers) {
      if (sleeper.dueAt > untilMs) continue
      if (!found || sleeper.dueAt < found.dueAt || (sleeper.dueAt === found.dueAt && sleeper.order < found.order)) {
        found = sleeper
      }
    }
    return found
  }

  return {
    now: () => nowMs,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const sleeper: Sleeper = {
          dueAt: nowMs + Math.max(0, ms),
          order: order++,
          wake() {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', sleeper.wake)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      })
    },
    sleeping: () => sleepers.size,
    async advance(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (let next = earliest(untilMs); next; next = earliest(untilMs)) {
        nowMs = Math.max(nowMs, next.dueAt)
        next.wake()
        await settle()
      }
      nowMs = untilMs
      await settle()
    },
  }
}

/** Rings once at the instant (epoch ms) it was last set to; null switches it off. */
export function createAlarm(clock: SimulatorClock, ring: () => void): { readonly set: (at: number | null) => void } {
  let current: AbortController | null = null
  return {
    set(at) {
      current?.abort()
      current = null
      if (at === null) return
      const mine = new AbortController()
      current = mine
      void clock.sleep(at - clock.now(), mine.signal).then(() => {
        if (!mine.signal.aborted) ring()
      })
    },
  }
}

/** A timer longer than this fires at once in Node; whoever sleeps longer looks at the clock again. */
const LONGEST_TIMER_MS = 2_147_483_647

function sleepReal(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, Math.min(Math.max(0, ms), LONGEST_TIMER_MS))
    signal?.addEventListener('abort', wake, { once: true })
  })
}

/** One turn of the event loop: promise callbacks of a woken sleeper run before time moves on. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
