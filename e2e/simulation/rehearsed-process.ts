import type pg from 'pg'

import type { EnqueueJobs, JobHandlers, JobName, JobRequest } from '#server/base/jobs.ts'
import { silentLogger } from '#server/base/logger.ts'
import { seededRandom } from '#server/base/random.ts'
import type { SecretBox } from '#server/base/secret.ts'
import { createTranslator } from '#server/base/translate.ts'
import { EventDispatcher } from '#server/db/event-dispatcher.ts'
import { type Db, createDb, createPool } from '#server/db/pool.ts'
import { Schedule } from '#server/db/schedule.ts'
import { createDuties, createJobHandlers, createListeners } from '#server/doors/jobs/index.ts'
import { InboxLane, receiveUpdates } from '#server/doors/updates/index.ts'
import type { BotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import type { TelegramSender } from '#server/gateways/telegram/sender.ts'
import { housekeeping } from '#server/housekeeping.ts'
import { type OpenAccount, findNextUpdateId } from '#server/modules/accounts/index.ts'
import { AccountLane } from '#server/modules/delivery/send/account-lane.ts'
import { TELEGRAM_PACE } from '#server/modules/delivery/send/pacer.rules.ts'

import type { SharedTime } from './shared-time.ts'

export interface ProcessOptions {
  readonly connectionString: string
  readonly time: SharedTime
  readonly telegram: BotApi
  readonly box: SecretBox
  readonly accounts: readonly OpenAccount[]
  readonly seed: number
  /** Told of every update that was taken in, before it is applied. */
  readonly onUpdate: (account: OpenAccount, update: Readonly<Record<string, unknown>>) => void
}

export interface TickOptions {
  /** What goes wrong when so many sends of the tick have begun: the process dies, or its connections are cut. */
  readonly mishap?: { readonly kind: 'death' | 'database'; readonly atSend: number }
}

/** One life of the server: what `app.ts` puts together, stepped by hand on the shared time. */
export interface RehearsedProcess {
  readonly db: Db
  /** Takes updates in, applies them, follows events, takes due turns, works jobs and sends what is due. */
  tick(options?: TickOptions): Promise<'whole' | 'dead' | 'without_database'>
  stop(): Promise<void>
}

const NEVER = new Promise<never>(() => {})

export const startProcess = (options: ProcessOptions): RehearsedProcess => {
  const { time, telegram, accounts, connectionString, box } = options
  const mine = time.forProcess()
  const { clock } = mine
  const pool = createPool({ connectionString, min: 0, max: 8, applicationName: 'gavatcore rehearsal' })
  const clients = new Set<pg.PoolClient>()
  pool.on('connect', (client) => {
    clients.add(client)
    client.on('error', () => clients.delete(client))
  })
  pool.on('remove', (client) => clients.delete(client))
  const db = createDb(pool)
  const life = { isOver: false, inFlight: 0, sendsLeft: Number.POSITIVE_INFINITY, die: () => {}, meet: () => {} }
  const death = new Promise<'dead'>((resolve) => {
    life.die = () => {
      life.isOver = true
      // Nothing of a dead process reaches the database any more, and no answer reaches it.
      pool.connect = () => NEVER
      cut(clients)
      resolve('dead')
    }
  })
  const sender = mortalSender(telegram.sender, life)
  const jobs: JobRequest[] = []
  const enqueue: EnqueueJobs = async (name, payloads) => {
    for (const payload of payloads) jobs.push({ name, payload })
  }
  const log = silentLogger
  const translators = new Map(['tr', 'en', 'ru', 'ar'].map((l) => [l, createTranslator(l as 'tr', 'bot')]))
  const listeners = createListeners({
    db,
    clock,
    enqueue,
    accounts: { db, box, feed: telegram.updateFeed, publicUrl: null },
    translator: (locale) => translators.get(locale) ?? String,
  })
  const names = listeners.map((listener) => listener.name)
  const events = new EventDispatcher({ db, clock, log, connectionString, listeners })
  const schedule = new Schedule({
    db,
    clock,
    log,
    duties: createDuties({ db, clock, log, enqueue, ...housekeeping(db, names) }),
  })
  const random = seededRandom(options.seed)
  const handlers = createJobHandlers({ db, clock, random, segmentation: log, optimizer: log })
  const inboxes = accounts.map((account) => ({
    account,
    lane: new InboxLane(
      {
        db,
        clock,
        log,
        translator: (locale) => translators.get(locale) ?? String,
        answerCallback: async (_id, { callbackId, text }) =>
          void (await telegram.sender.answerCallback(account, callbackId, text ?? undefined)),
      },
      { tenantId: account.tenantId, accountId: account.accountId, requireLease: async () => {} },
    ),
  }))
  const abort = new AbortController()
  const lanes = accounts.map(
    (account) =>
      new AccountLane(
        { db, clock, sender, log },
        { account, pace: TELEGRAM_PACE, inFlightMax: 64, batchMax: 64, signal: abort.signal },
      ),
  )
  const takeIn = async (account: OpenAccount) => {
    for (;;) {
      const offset = await findNextUpdateId(db, account.accountId)
      const answer = await telegram.updateFeed.getUpdates(account, { offset, waitSeconds: 0 })
      if (answer.kind !== 'done' || answer.value.length === 0) return
      for (const update of answer.value) options.onUpdate(account, update)
      const next = Math.max(...answer.value.map((update) => update.update_id)) + 1
      await receiveUpdates({ db, clock, log, count: () => {} }, account, answer.value, next)
    }
  }
  const work = async (): Promise<'whole'> => {
    for (const { account, lane } of inboxes) {
      await takeIn(account)
      await lane.drain()
    }
    await schedule.runDue()
    do {
      for (const job of jobs.splice(0)) await runJob(handlers, job)
      await events.drain()
    } while (jobs.length > 0)
    await mine.drive(Promise.all(lanes.map((lane) => lane.drain())), () => life.inFlight === 0, death)
    return 'whole'
  }
  return {
    db,
    async tick({ mishap } = {}) {
      life.sendsLeft = mishap?.atSend ?? Number.POSITIVE_INFINITY
      life.meet = mishap?.kind === 'death' ? life.die : () => cut(clients)
      try {
        return await Promise.race([work(), death])
      } catch (error) {
        if (life.sendsLeft > 0) throw error
        while (life.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 1))
        return 'without_database'
      }
    },
    async stop() {
      abort.abort()
      await db.destroy()
    },
  }
}

const runJob = <N extends JobName>(handlers: JobHandlers, job: JobRequest<N>): Promise<void> =>
  handlers[job.name](job.payload, new AbortController().signal)

/** What a power cut looks like from the other side: the sockets are gone in the middle of whatever was said. */
const cut = (clients: Iterable<pg.PoolClient>): void => {
  for (const client of clients)
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
}

interface Life {
  isOver: boolean
  inFlight: number
  sendsLeft: number
  die: () => void
  /** What happens when no send is left. */
  meet: () => void
}

/** The way out of a process that may die while it speaks: what it had said is said, and it never hears the answer. */
const mortalSender = (real: TelegramSender, life: Life): TelegramSender => ({
  ...real,
  async send(account, message) {
    if (life.isOver) return NEVER
    life.inFlight += 1
    life.sendsLeft -= 1
    try {
      const call = real.send(account, message)
      if (life.sendsLeft === 0) setImmediate(() => life.meet())
      const result = await call
      return life.isOver ? await NEVER : result
    } finally {
      life.inFlight -= 1
    }
  },
})
