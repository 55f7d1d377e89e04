import type pg from 'pg'

import type { ClientQuery } from './sending-ahead.ts'

/** Asked for so often through a pool, a statement is worth a plan that is kept. */
const ASKED_OFTEN = 24
/** Each kept plan takes memory in every connection. */
const KEPT_MAX = 300
/** Texts counted at once; what is built for a number of rows has a text of its own each time. */
const COUNTED_MAX = 3_000

const PARENTHESES = /\([^()]*\)/g

/**
 * Whether the columns of what a statement gives may change: a migration that adds one would, and PostgreSQL refuses to
 * run a kept plan then; another process may migrate while this one runs. Stars within parentheses do not reach the top.
 */
const givesAllColumns = (text: string): boolean => {
  let top = text
  for (let before = ''; before !== top;) {
    before = top
    top = top.replaceAll(PARENTHESES, ' ')
  }
  return top.includes('*')
}

/** Which statements are worth a plan, by their text. */
class PlanNames {
  readonly #counts = new Map<string, number>()
  readonly #names = new Map<string, string>()

  /** The name under which the server keeps this statement's plan; null while it is not worth one. */
  nameOf(text: string): string | null {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    if (this.#names.size >= KEPT_MAX) return null
    const count = (this.#counts.get(text) ?? 0) + 1
    if (count < ASKED_OFTEN) {
      if (this.#counts.size >= COUNTED_MAX) this.#counts.clear()
      this.#counts.set(text, count)
      return null
    }
    this.#counts.delete(text)
    if (givesAllColumns(text)) return null
    const name = `gavatcore_${this.#names.size}`
    this.#names.set(text, name)
    return name
  }
}

/**
 * The driver's client for one pool, which has the statements that are asked for again and again planned once in each
 * connection: planning is most of what a small statement costs. PostgreSQL itself goes on planning anew where the values
 * matter.
 */
export const preparingClient = (Client: typeof pg.Client): typeof pg.Client => {
  const plans = new PlanNames()
  return class PreparingClient extends Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const run = this.query.bind(this) as unknown as ClientQuery
      const ask: ClientQuery = (query, values, callback) => {
        const isStatement = typeof query === 'string' && Array.isArray(values) && values.length > 0
        const name = isStatement ? plans.nameOf(query) : null
        return name === null ? run(query, values, callback) : run({ name, text: query, values }, callback)
      }
      this.query = ask as pg.Client['query']
    }
  }
}
