import type pg from 'pg'
import { type Db as BossDatabase, PgBoss, fromKysely } from 'pg-boss'

import { JOB_NAMES, type JobHandlers, type JobName, type JobPayloads, QUEUES } from '#server/base/jobs.ts'
import type { Logger } from '#server/base/logger.ts'

import { listenTo } from './listen.ts'
import { Session } from './session.ts'
import type { OperatorTx } from './tenant-scope.ts'

export interface JobQueuesOptions {
  readonly pool: pg.Pool
  /** Of a session connection: workers are woken by NOTIFY and hold the locks of tenants. */
  readonly connectionString: string
  readonly log: Logger
}

export interface QueueDepth {
  readonly name: JobName
  readonly waiting: number
  readonly active: number
  readonly failed: number
}

type Handler = (payload: unknown, signal: AbortSignal) => Promise<void>

interface Work {
  readonly id: string
  readonly data: { readonly tenantId: number }
}

const SCHEMA = 'pgboss'
const BATCH = 10
const STOP_TIMEOUT_MS = 8_000
/** How long a job waits whose tenant is served by another process. */
const BUSY_WAIT_SECONDS = 2

/**
 * The job queues: asked from anywhere, worked where {@link JobQueues.work} was called. Of one queue, a tenant has at
 * most one job under way in all processes. The engine's own keyed policies are not used for that: a fetch that meets a
 * busy key comes back empty, so one tenant's long job would hold up everybody behind it.
 */
export class JobQueues {
  readonly #options: JobQueuesOptions
  #boss: PgBoss | null = null
  #session: Session | null = null
  /** A session may take its own lock twice, so what this process holds is looked up here first. */
  readonly #held = new Set<string>()
  #abort = new AbortController()

  constructor(options: JobQueuesOptions) {
    this.#options = options
  }

  /** Makes the engine's tables and queues where they are missing, and connects. `failed` tells of a lost session. */
  async start(failed: (error: unknown) => void = () => {}): Promise<void> {
    const { pool, connectionString, log } = this.#options
    this.#abort = new AbortController()
    const session = new Session(connectionString, 'gavatcore job locks')
    await session.open(failed)
    this.#session = session
    const db = bossDatabase(pool, connectionString)
    const boss = new PgBoss({ db, schema: SCHEMA, useListenNotify: true, schedule: false })
    boss.on('error', (error) => log.warn({ err: error }, 'the job engine reports a fault'))
    await boss.start()
    this.#boss = boss
    for (const name of JOB_NAMES) await declareQueue(boss, name)
  }

  /** Lets the jobs under way finish for a while; those that do not are given to another worker later. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#boss?.stop({ graceful: true, timeout: STOP_TIMEOUT_MS, close: true })
    await this.#session?.close()
    this.#boss = null
    this.#session = null
  }

  /** Begins to work all queues. A handler's throw makes its job be tried again, then counted as failed. */
  async work(handlers: JobHandlers): Promise<void> {
    for (const name of JOB_NAMES) await this.#workQueue(name, handlers[name] as Handler)
  }

  /** Writes jobs, for now or for later; inside `tx` they exist if, and only if, it commits. */
  async enqueue<N extends JobName>(
    name: N,
    payloads: readonly JobPayloads[N][],
    { tx, afterSeconds }: { readonly tx?: OperatorTx; readonly afterSeconds?: number } = {},
  ): Promise<void> {
    if (payloads.length === 0) return
    const jobs = payloads.map((data) => ({ data, ...(afterSeconds !== undefined && { startAfter: afterSeconds }) }))
    await this.#engine().insert(name, jobs, tx ? { db: fromKysely(tx) } : {})
  }

  /** Jobs per queue, counted now. */
  async depths(): Promise<readonly QueueDepth[]> {
    const { rows } = await this.#engine()
      .getDb()
      .executeSql(
        `select name, count(*) filter (where state < 'active')::int as waiting,
        count(*) filter (where state = 'active')::int as active, count(*) filter (where state = 'failed')::int as failed
       from ${SCHEMA}.job group by name`,
      )
    const found = new Map((rows as readonly QueueDepth[]).map((row) => [row.name, row]))
    return JOB_NAMES.map((name) => ({ name, waiting: 0, active: 0, failed: 0, ...found.get(name) }))
  }

  #engine(): PgBoss {
    if (!this.#boss) throw new Error('the job queues are not started')
    return this.#boss
  }

  async #workQueue(name: JobName, handler: Handler): Promise<void> {
    const options = {
      batchSize: BATCH,
      localConcurrency: QUEUES[name].concurrency,
      pollingIntervalSeconds: 2,
      notifyPollingIntervalSeconds: 5,
      burstWhenBatchFull: true,
      perJobResults: true,
    } as const
    await this.#engine().work(name, options, async (jobs: readonly Work[]) => {
      const results = []
      for (const job of jobs) results.push(await this.#doJob(name, job, handler))
      return results
    })
  }

  async #doJob(
    name: JobName,
    job: Work,
    handler: Handler,
  ): Promise<{ id: string; status: 'completed' | 'failed'; output?: object }> {
    try {
      if (await this.#lock(name, job.data.tenantId)) {
        try {
          await handler(job.data, this.#abort.signal)
        } finally {
          await this.#unlock(name, job.data.tenantId)
        }
      } else {
        await this.#engine().insert(name, [{ data: job.data, startAfter: BUSY_WAIT_SECONDS }])
      }
      return { id: job.id, status: 'completed' }
    } catch (error) {
      this.#options.log.error({ job: name, jobId: job.id, err: error }, 'a job failed')
      const message = error instanceof Error ? error.message : String(error)
      return { id: job.id, status: 'failed', output: { message } }
    }
  }

  async #lock(name: JobName, tenantId: number): Promise<boolean> {
    const key = `${name} ${tenantId}`
    if (!this.#session || this.#held.has(key)) return false
    this.#held.add(key)
    const locked = await this.#session.tryLock(LOCK + name, tenantId).finally(() => this.#held.delete(key))
    if (locked) this.#held.add(key)
    return locked
  }

  /** With its session gone, a lock is gone, too. */
  async #unlock(name: JobName, tenantId: number): Promise<void> {
    this.#held.delete(`${name} ${tenantId}`)
    await this.#session?.unlock(LOCK + name, tenantId).catch(() => undefined)
  }
}

const LOCK = 'gavatcore job '

/** Our pool and listener in place of the engine's own, whose connections can end the process when they are cut. */
const bossDatabase = (pool: pg.Pool, connectionString: string): BossDatabase => ({
  executeSql: (text, values) => pool.query(text, values),
  async listen(channel, onNotification, onReconnect) {
    const listener = listenTo(connectionString, [channel], (_channel, payload) => onNotification(payload), onReconnect)
    await listener.ready
    return listener
  },
})

/** Policies that drop duplicates can lose a wake-up that races with a commit: every request is a job of its own. */
const declareQueue = async (boss: PgBoss, name: JobName): Promise<void> => {
  const settings = {
    notify: true,
    retryLimit: QUEUES[name].retries,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: QUEUES[name].expireSeconds,
    deleteAfterSeconds: 86_400,
  }
  if (await boss.getQueue(name)) await boss.updateQueue(name, settings)
  else await boss.createQueue(name, { ...settings, policy: 'standard' })
}
