import pg from 'pg'

/**
 * One connection that stays: it hears NOTIFY and holds advisory locks, which end with it. Not for a pooler in
 * transaction mode. Statements run one after another.
 */
export class Session {
  readonly #client: pg.Client
  #last: Promise<unknown> = Promise.resolve()
  #closing = false

  constructor(connectionString: string, applicationName: string) {
    this.#client = new pg.Client({
      connectionString,
      application_name: applicationName,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    })
  }

  /** `lost` is called once if the connection ends by itself. */
  async open(lost: (error: unknown) => void): Promise<void> {
    let told = false
    const tell = (error: unknown) => {
      if (this.#closing || told) return
      told = true
      lost(error)
    }
    this.#client.on('error', tell)
    this.#client.on('end', () => tell(new Error('the session ended')))
    await this.#client.connect()
  }

  /** Hears `channel` from now on. */
  async listen(channel: string, heard: (payload: string) => void): Promise<void> {
    this.#client.on('notification', (notice) => {
      if (notice.channel === channel) heard(notice.payload ?? '')
    })
    await this.#run(() => this.#client.query(`listen ${this.#client.escapeIdentifier(channel)}`))
  }

  /** Takes the lock unless somebody has it. A session may take its own lock again. */
  async tryLock(name: string, key = 0): Promise<boolean> {
    const sql = 'select pg_try_advisory_lock(hashtextextended($1, $2)) as locked'
    const { rows } = await this.#run(() => this.#client.query<{ locked: boolean }>(sql, [name, key]))
    return rows[0]?.locked === true
  }

  async unlock(name: string, key = 0): Promise<void> {
    await this.#run(() => this.#client.query('select pg_advisory_unlock(hashtextextended($1, $2))', [name, key]))
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#client.end().catch(() => undefined)
  }

  #run<T>(statement: () => Promise<T>): Promise<T> {
    const result = this.#last.then(statement, statement)
    this.#last = result.catch(() => undefined)
    return result
  }
}
