import { setMaxListeners } from 'node:events'

import { systemClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import type { EventListener } from '#server/base/events.ts'

import { adoptForeignEvents } from './adopt-events.ts'
import { EVENT_CHANNEL } from './emit-events.ts'
import { findBehind } from './event-store.ts'
import { type FollowDeps, followEvents } from './follow-events.ts'
import { Session } from './session.ts'

export interface DispatcherOptions extends FollowDeps {
  /** Of a session connection (not through a pooler in transaction mode): it listens and holds the listeners' locks. */
  readonly connectionString: string
  readonly listeners: readonly EventListener[]
}

/**
 * NOTIFY wakes the loops whose listeners want what was emitted; a transaction that began before may hide it from the first
 * look, so another follows soon. Looking now and then is the safety net under it, how the others pass what is not theirs,
 * and how soon another process takes over a listener.
 */
const POLL_MS = SECOND_MS
const QUIET_POLL_MS = 5 * SECOND_MS
const TAKEOVER_POLL_MS = 2 * SECOND_MS

/**
 * A listener that has just looked gathers for so long before it looks again: while much happens it takes more at once, and
 * the first event after a quiet while is taken at once.
 */
const GATHER_MS = 250

/**
 * Brings events to their listeners, each at its own pace: one that fails or is slow holds up no other. Of all
 * processes, one at a time serves a listener; when it dies, its session ends and another takes over.
 */
export class EventDispatcher {
  readonly #options: DispatcherOptions
  #run: DispatcherRun | null = null

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /** Resolves when all loops run. `failed` is called when the session is lost; start again to go on. */
  async start(failed: (error: unknown) => void): Promise<void> {
    const names = this.#options.listeners.map((listener) => listener.name)
    if (await adoptForeignEvents(this.#options.db, names, this.#options.clock.now())) {
      this.#options.log.warn({}, 'the events of another database server were adopted')
    }
    const run = new DispatcherRun(this.#options, failed)
    this.#run = run
    await run.start()
  }

  /** Lets the batches under way finish. */
  async stop(): Promise<void> {
    await this.#run?.stop()
    this.#run = null
  }

  /** Steps every listener until none finds anything new. For tests and rehearsals; needs no start. */
  async drain(): Promise<void> {
    const { db, clock, listeners } = this.#options
    const names = listeners.map((listener) => listener.name)
    for (;;) {
      const behind = await findBehind(db, names, clock.now())
      if (behind.size === 0) return
      for (const listener of listeners) if (behind.has(listener.name)) await followEvents(this.#options, listener)
    }
  }
}

class DispatcherRun {
  readonly #options: DispatcherOptions
  readonly #session: Session
  readonly #abort = new AbortController()
  readonly #failed: (error: unknown) => void
  #loops: readonly Promise<void>[] = []
  readonly #wakeUps = new Map<string, AbortController>()

  constructor(options: DispatcherOptions, failed: (error: unknown) => void) {
    this.#options = options
    this.#failed = failed
    this.#session = new Session(options.connectionString, 'gavatcore events')
    setMaxListeners(0, this.#abort.signal)
  }

  async start(): Promise<void> {
    await this.#session.open((error) => this.#lose(error))
    await this.#session.listen(EVENT_CHANNEL, (types) => this.#wake(types))
    this.#loops = this.#options.listeners.map((listener) => this.#serve(listener))
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    this.#wake()
    await Promise.all(this.#loops)
    await this.#session.close()
  }

  #lose(error: unknown): void {
    if (this.#abort.signal.aborted) return
    this.#abort.abort()
    this.#wake()
    this.#failed(error)
  }

  /** Wakes the listeners of these types, comma-separated; all of them without. */
  #wake(types = ''): void {
    const emitted = new Set<string>(types.split(','))
    for (const { name, types: wanted } of this.#options.listeners)
      if (types === '' || wanted.some((type) => emitted.has(type))) this.#wakeUps.get(name)?.abort()
  }

  async #serve(listener: EventListener): Promise<void> {
    let held = false
    let restUntil = 0
    let wasWoken = true
    let passedAt = Number.NEGATIVE_INFINITY
    while (!this.#abort.signal.aborted) {
      // Made before looking: what is emitted meanwhile ends the sleep that follows at once.
      const wakeUp = new AbortController()
      this.#wakeUps.set(listener.name, wakeUp)
      try {
        held ||= await this.#session.tryLock(`gavatcore listener ${listener.name}`)
        const lookedAt = systemClock.now()
        const mayStay = lookedAt - passedAt < QUIET_POLL_MS
        if (held && !mayStay) passedAt = lookedAt
        const step = held ? await followEvents(this.#options, listener, { mayStay }) : null
        if (step?.more) continue
        restUntil = lookedAt + GATHER_MS
      } catch (error) {
        if (this.#abort.signal.aborted) return
        this.#options.log.error({ listener: listener.name, err: error }, 'following events failed')
        await systemClock.sleep(POLL_MS, this.#abort.signal)
        continue
      }
      const pollMs = wasWoken ? POLL_MS : QUIET_POLL_MS
      await systemClock.sleep(held ? pollMs : TAKEOVER_POLL_MS, held ? wakeUp.signal : this.#abort.signal)
      wasWoken = wakeUp.signal.aborted
      const restMs = restUntil - systemClock.now()
      if (restMs > 0) await systemClock.sleep(restMs, this.#abort.signal)
    }
  }
}
