import { type Listener, listenTo } from '#server/db/listen.ts'
import {
  type AnswerDeps,
  AnswerLane,
  type AnswerLaneOptions,
  TURN_CHANNEL,
} from '#server/modules/conversations/index.ts'

/** Answers, of all tenants, what accounts with drafts or a model owe their contacts; woken by the database. */
export class AnswerService {
  readonly #lane: AnswerLane
  readonly #connectionString: string
  readonly #abort = new AbortController()
  #listener: Listener | null = null
  #running: Promise<void> = Promise.resolve()

  constructor(deps: AnswerDeps, options: AnswerLaneOptions & { readonly connectionString: string }) {
    this.#lane = new AnswerLane(deps, options)
    this.#connectionString = options.connectionString
  }

  async start(): Promise<void> {
    const wake = () => this.#lane.wake()
    this.#listener = listenTo(this.#connectionString, [TURN_CHANNEL], wake, wake)
    await this.#listener.ready
    this.#running = this.#lane.run(this.#abort.signal)
  }

  /** Claims nothing more, and finishes what is under way. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#running
    await this.#listener?.close()
    this.#listener = null
  }

  /** Answers what is owed now; for rehearsals and tests of a server that is not started. */
  drain(): Promise<void> {
    return this.#lane.drain()
  }
}
