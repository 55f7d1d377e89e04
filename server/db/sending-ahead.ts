import type { Socket } from 'node:net'

import { type RawBuilder, sql } from 'kysely'
import type pg from 'pg'

const MARK = '/* ahead */'

/**
 * Put at the beginning of a statement of a transaction whose answer nobody reads: the one after it is sent without waiting
 * for it. It fails the transaction as any statement does: the next one is refused with its error, the last one by the commit.
 */
export const ahead: RawBuilder<unknown> = sql.raw(MARK)

const isAhead = (text: string): boolean => text === 'begin' || text.startsWith(MARK)

/** How the driver's client is asked, whatever it is given. */
export type ClientQuery = (query: unknown, values?: unknown, callback?: unknown) => unknown

const textOf = (query: unknown): string => {
  if (typeof query === 'string') return query
  const text = (query as { readonly text?: unknown } | null)?.text
  return typeof text === 'string' ? text : ''
}

const NO_ANSWER = { command: '', rowCount: 0, rows: [], fields: [], oid: 0 } as const
/** What PostgreSQL says of every statement after the one that failed. */
const TRANSACTION_FAILED = '25P02'

/** Holds back what is written to a connection until something is asked that is waited for, or this turn is over. */
class Held {
  readonly #stream: () => Socket
  #isHeld = false

  constructor(stream: () => Socket) {
    this.#stream = stream
  }

  hold(): void {
    if (this.#isHeld) return
    this.#isHeld = true
    this.#stream().cork()
    // Nothing may follow for a while.
    setImmediate(() => this.release())
  }

  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#stream().uncork()
  }
}

const streamOf = (client: pg.Client): Socket =>
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream

/** Asks through `run`, and waits for no answer that nobody reads. */
const askingAhead = (client: pg.Client, run: ClientQuery): ClientQuery => {
  const held = new Held(() => streamOf(client))
  /** Why the transaction has failed, where a statement failed that nobody waited for. */
  let failure: Error | null = null

  const send: ClientQuery = (...asked) => {
    const sent = run(...asked)
    held.release()
    return sent
  }
  const sendAhead = (text: string, query: unknown, values: unknown): Promise<unknown> => {
    if (text === 'begin') failure = null
    held.hold()
    run(query, values, (error: Error | null) => {
      if (!error) return
      failure ??= error
      // What follows would not be in a transaction at all.
      if (text === 'begin') streamOf(client).destroy()
    })
    return Promise.resolve(NO_ANSWER)
  }
  const waitFor = async (text: string, answer: unknown): Promise<unknown> => {
    try {
      const result = await answer
      // PostgreSQL answers a commit of a failed transaction with a rollback, and calls that a success.
      if (text === 'commit' && failure) throw failure
      if (text === 'rollback') failure = null
      return result
    } catch (error) {
      const isConsequence = (error as { readonly code?: unknown }).code === TRANSACTION_FAILED
      throw isConsequence && failure ? failure : error
    }
  }
  return (query, values, callback) => {
    if (typeof values === 'function' || callback !== undefined) return send(query, values, callback)
    const text = textOf(query)
    return isAhead(text) ? sendAhead(text, query, values) : waitFor(text, send(query, values))
  }
}

/**
 * The driver's client, of a connection in pipeline mode, that does not wait for `begin` and for statements marked
 * {@link ahead}: they leave together with the next one, in one write, and PostgreSQL goes on without a pause between them.
 */
export const sendingAhead = (Client: typeof pg.Client): typeof pg.Client =>
  class AheadClient extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      this.query = askingAhead(this, this.query.bind(this)) as pg.Client['query']
    }
  }
