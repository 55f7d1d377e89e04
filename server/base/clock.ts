/** The only place that reads the machine's time. Instants are epoch milliseconds, UTC. */
export interface Clock {
  /** Now, in epoch milliseconds. */
  now(): number
  /** Resolves after `ms` milliseconds of this clock's time, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** An instant of this clock as a `Date`, for SQL parameters. */
export const toDate = (at: number): Date => new Date(at)

const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

/** An ISO 8601 instant with its offset from UTC (`2026-06-01T18:00+03:00`) in epoch milliseconds; null when it is none. */
export const parseInstant = (text: string): number | null => {
  const at = ISO_INSTANT.test(text) ? Date.parse(text) : Number.NaN
  return Number.isFinite(at) ? at : null
}

/** A date as HTTP headers give it (`Mon, 01 Jun 2026 00:00:30 GMT`) in epoch milliseconds; null when it is none. */
export const parseHttpDate = (text: string): number | null => {
  const at = text.endsWith('GMT') ? Date.parse(text) : Number.NaN
  return Number.isFinite(at) ? at : null
}

/** A timer longer than this fires at once in Node, so long waits are cut into pieces. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

const wait = (realMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, Math.min(Math.max(0, realMs), LONGEST_TIMER_MS))
    signal?.addEventListener('abort', end, { once: true })
  })

/** The machine's own time. */
export const systemClock: Clock = { now: () => Date.now(), sleep: wait }

/** A clock that starts at `startAt` and runs `factor` times as fast as the machine's. Used by the demo. */
export const acceleratedClock = (startAt: number, factor: number): Clock => {
  const origin = performance.now()
  return {
    now: () => Math.round(startAt + (performance.now() - origin) * factor),
    sleep: (ms, signal) => wait(ms / factor, signal),
  }
}

interface Sleeper {
  readonly wakeAt: number
  readonly wake: () => void
}

/** A clock that stands still until told to move; sleepers wake in order of their instants. For tests and rehearsals. */
export class ManualClock implements Clock {
  #now: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(startAt: number) {
    this.#now = startAt
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        wakeAt: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal?.removeEventListener('abort', sleeper.wake)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
    })
  }

  /** Moves time forward by `ms`, waking each sleeper at its own instant and letting its continuation run first. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms
    for (;;) {
      const next = [...this.#sleepers].filter((s) => s.wakeAt <= target).sort((a, b) => a.wakeAt - b.wakeAt)[0]
      if (!next) break
      this.#now = Math.max(this.#now, next.wakeAt)
      next.wake()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#now = target
  }
}
