import { type Clock, systemClock } from '#server/base/clock.ts'

/** Lets one waiter sleep until somebody has news for it. News that comes while nobody waits is kept. */
export class WakeSignal {
  #raised = false
  #waiter: AbortController | null = null

  raise(): void {
    this.#raised = true
    this.#waiter?.abort()
  }

  /** Sleeps until `until` of `clock`, `patienceMs` of real time, or news: whichever comes first. Either may be Infinity. */
  async wait(clock: Clock, until: number, patienceMs: number): Promise<void> {
    if (!this.#raised) {
      const waiter = new AbortController()
      this.#waiter = waiter
      const ms = until - clock.now()
      const sleeps = [systemClock.sleep(patienceMs, waiter.signal)]
      if (Number.isFinite(ms)) sleeps.push(clock.sleep(Math.max(0, ms), waiter.signal))
      await Promise.race(sleeps)
      waiter.abort()
      this.#waiter = null
    }
    this.#raised = false
  }

  /** A real pause that news does not shorten. */
  pause(ms: number): Promise<void> {
    return systemClock.sleep(ms)
  }
}
