import { type RawBuilder, sql } from 'kysely'
import type pg from 'pg'

const MARK = '/* ahead */'

/**
 * Put at the beginning of a statement of a transaction whose answer nobody reads: the one after it is sent without waiting
 * for it. It fails the transaction as any statement does: the next one is refused with its error, the last one by the commit.
 */
export const ahead: RawBuilder<unknown> = sql.raw(MARK)

const isAhead = (text: string): boolean => text === 'begin' || text.startsWith(MARK)

type Query = (query: unknown, values?: unknown, callback?: unknown) => unknown

const textOf = (query: unknown): string => {
  if (typeof query === 'string') return query
  const text = (query as { readonly text?: unknown } | null)?.text
  return typeof text === 'string' ? text : ''
}

const NO_ANSWER = { command: '', rowCount: 0, rows: [], fields: [], oid: 0 } as const
/** What PostgreSQL says of every statement after the one that failed. */
const TRANSACTION_FAILED = '25P02'

/**
 * The driver's client, of a connection in pipeline mode, that does not wait for `begin` and for statements marked
 * {@link ahead}: they leave together with the next one, in one write, and PostgreSQL goes on without a pause between them.
 */
export const sendingAhead = (Client: typeof pg.Client): typeof pg.Client =>
  class AheadClient extends Client {
    readonly #run = this.query.bind(this) as unknown as Query
    /** Why the transaction has failed, where a statement failed that nobody waited for. */
    #failure: Error | null = null
    #isCorked = false

    override query = ((query: unknown, values?: unknown, callback?: unknown): unknown => {
      if (typeof values === 'function' || callback !== undefined) return this.#send(query, values, callback)
      const text = textOf(query)
      if (!isAhead(text)) return this.#answered(text, this.#send(query, values) as Promise<pg.QueryResult>)
      if (text === 'begin') this.#failure = null
      this.#cork()
      this.#run(query, values, (error: Error | null) => {
        if (!error) return
        this.#failure ??= error
        // What follows would not be in a transaction at all.
        if (text === 'begin') this.#stream().destroy()
      })
      return Promise.resolve(NO_ANSWER)
    }) as pg.Client['query']

    #send(query: unknown, values: unknown, callback?: unknown): unknown {
      const sent = this.#run(query, values, callback)
      this.#uncork()
      return sent
    }

    async #answered(text: string, answer: Promise<pg.QueryResult>): Promise<pg.QueryResult> {
      try {
        const result = await answer
        // PostgreSQL answers a commit of a failed transaction with a rollback, and calls that a success.
        if (text === 'commit' && this.#failure) throw this.#failure
        if (text === 'rollback') this.#failure = null
        return result
      } catch (error) {
        const isConsequence = (error as { readonly code?: unknown }).code === TRANSACTION_FAILED
        throw isConsequence && this.#failure ? this.#failure : error
      }
    }

    #stream() {
      return (this as unknown as { readonly connection: { readonly stream: import('node:net').Socket } }).connection
        .stream
    }

    #cork(): void {
      if (this.#isCorked) return
      this.#isCorked = true
      this.#stream().cork()
      // Nothing may follow for a while.
      setImmediate(() => this.#uncork())
    }

    #uncork(): void {
      if (!this.#isCorked) return
      this.#isCorked = false
      this.#stream().uncork()
    }
  }
