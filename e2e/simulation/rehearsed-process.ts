import type pg from 'pg'

import { systemClock } from '#server/base/clock.ts'
import type { EnqueueJobs, JobHandlers, JobName, JobRequest } from '#server/base/jobs.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import { silentLogger } from '#server/base/logger.ts'
import { seededRandom } from '#server/base/random.ts'
import type { SecretBox } from '#server/base/secret.ts'
import { translatorsOf } from '#server/base/translate.ts'
import { EventDispatcher } from '#server/db/event-dispatcher.ts'
import { type Db, createDb, createPool } from '#server/db/pool.ts'
import { Schedule } from '#server/db/schedule.ts'
import {
  createAnswerDuties,
  createDuties,
  createGroupDuties,
  createGroupListeners,
  createInboxDuties,
  createInviteDuties,
  createInviteListeners,
  createJobHandlers,
  createListeners,
  createSalesDuties,
  createSalesListeners,
} from '#server/doors/jobs/index.ts'
import { InboxLane, createStarLane, receiveUpdates } from '#server/doors/updates/index.ts'
import { createChatDirectory } from '#server/chat-directory.ts'
import { createGroupTelegram } from '#server/group-telegram.ts'
import { type FakeAnswer, createFakeModel } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import type { BotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { housekeeping } from '#server/housekeeping.ts'
import { type OpenAccount, findNextUpdateId } from '#server/modules/accounts/index.ts'
import { activatePaidPackage } from '#server/modules/billing/index.ts'
import { AnswerLane } from '#server/modules/conversations/index.ts'
import { AccountLane } from '#server/modules/delivery/send/account-lane.ts'
import { TELEGRAM_PACE } from '#server/modules/delivery/send/pacer.rules.ts'
import { openAsking } from '#server/open-models.ts'

import { NEVER, createLife, mortalModel, mortalSender } from './mortal-calls.ts'
import type { SharedTime } from './shared-time.ts'

export interface ProcessOptions {
  readonly connectionString: string
  readonly time: SharedTime
  readonly telegram: BotApi
  readonly box: SecretBox
  readonly accounts: readonly OpenAccount[]
  readonly seed: number
  /** What the language model says to each question. */
  readonly model: FakeAnswer
  /** Told of every update that was taken in, before it is applied. */
  readonly onUpdate: (account: OpenAccount, update: Readonly<Record<string, unknown>>) => void
}

export interface TickOptions {
  /** What goes wrong when so many calls of the tick have begun: the process dies, or its connections are cut. */
  readonly mishap?: { readonly kind: 'death' | 'database'; readonly atCall: number }
}

export type TickEnd = 'whole' | 'dead' | 'without_database'

/** One life of the server: what `app.ts` puts together, stepped by hand on the shared time. */
export interface RehearsedProcess {
  readonly db: Db
  /** Takes updates in, applies them, follows events, takes due turns, works jobs, answers, and sends what is due. */
  tick(options?: TickOptions): Promise<TickEnd>
  stop(): Promise<void>
}

const INSTALLATION = { baseUrl: 'https://model.example/v1', apiKey: null, model: 'ornek-model', isOperators: true }
/** Model calls whose time the process's clock moves. */
const ASKING_JOBS: ReadonlySet<JobName> = new Set(['segments.opinions', 'slots.write'])
/** Of a dead process's answers the next one takes hold at once. */
const LEASE_MS = 1

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
  const life = createLife()
  const death = new Promise<'dead'>((resolve) => {
    life.die = () => {
      life.isOver = true
      // Nothing of a dead process reaches the database any more, and no answer reaches it.
      pool.connect = () => NEVER
      cut(clients)
      resolve('dead')
    }
  })
  const accountOf = (id: number): OpenAccount => {
    const found = accounts.find(({ accountId }) => accountId === id)
    if (!found) throw new Error(`there is no account ${id}`)
    return found
  }
  const sender = mortalSender(telegram.sender, life)
  const jobs: JobRequest[] = []
  const enqueue: EnqueueJobs = async (name, payloads) => {
    for (const payload of payloads) jobs.push({ name, payload })
  }
  const log = silentLogger
  const translator = translatorsOf('bot')
  const sales = { db, box, stars: telegram.stars, translator }
  const model = mortalModel(createFakeModel({ clock, otherwise: options.model }), life)
  const { askModel } = openAsking({ db, box, clock }, { model, installation: INSTALLATION })
  const listeners = [
    ...createListeners({
      db,
      clock,
      enqueue,
      accounts: { db, box, feed: telegram.updateFeed, publicUrl: null },
      translator,
    }),
    ...createSalesListeners({ ...sales, clock }),
    ...createInviteListeners({ enqueue }),
    ...createGroupListeners({ enqueue }),
  ]
  const names = listeners.map((listener) => listener.name)
  const events = new EventDispatcher({ db, clock, log, connectionString, listeners })
  const schedule = new Schedule({
    db,
    clock,
    log,
    duties: [
      ...createDuties({ db, clock, log, enqueue, ...housekeeping(db, names) }),
      ...createInboxDuties({ db, log }),
      ...createAnswerDuties({ db, log }),
      ...createInviteDuties({ db, enqueue }),
      ...createGroupDuties({ db, enqueue }),
      ...createSalesDuties({ ...sales, log }),
    ],
  })
  const random = seededRandom(options.seed)
  const handlers = createJobHandlers({
    db,
    clock,
    random,
    askModel,
    segmentation: log,
    optimizer: log,
    groups: createGroupTelegram({ db, box }, telegram),
    // Nobody in the month has an endpoint.
    webhooks: {
      db,
      box,
      clock,
      random,
      enqueue,
      version: '0.0.0',
      caller: { call: async () => ({ kind: 'unanswered', fault: 'unreachable', latencyMs: 0 }) },
    },
    invites: {
      chats: createChatDirectory({ db, box }, telegram.directory),
      translator,
    },
  })
  const stars = createStarLane(
    {
      db,
      clock,
      log,
      translator,
      activate: activatePaidPackage,
      seller: null,
      answer: (accountId, queryId, refusal) => telegram.stars.answerPreCheckout(accountOf(accountId), queryId, refusal),
    },
    systemClock,
  )
  const answers = new AnswerLane(
    { db, clock, askModel, translator, log },
    { atOnce: 8, debounceMs: SECOND_MS, leaseMs: LEASE_MS },
  )
  const inboxes = accounts.map((account) => ({
    account,
    lane: new InboxLane(
      {
        db,
        clock,
        log,
        translator,
        recordPayment: stars.recordPayment,
        answerCallback: async ({ callbackId, text }) =>
          void (await telegram.sender.answerCallback(account, callbackId, text ?? undefined)),
      },
      { tenantId: account.tenantId, accountId: account.accountId, lease: null },
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
      const deps = { db, clock, log, answerAtOnce: stars.answerPreCheckout, count: () => {} }
      await receiveUpdates(deps, account, answer.value, next)
    }
  }
  const isCalm = () => life.inFlight === 0
  const work = async (): Promise<'whole'> => {
    for (const { account, lane } of inboxes) {
      await takeIn(account)
      await lane.drain()
    }
    await schedule.runDue()
    do {
      for (const job of jobs.splice(0)) {
        const work = runJob(handlers, job)
        await (ASKING_JOBS.has(job.name) ? mine.drive(work, isCalm, death) : work)
      }
      await events.drain()
    } while (jobs.length > 0)
    await mine.drive(answers.drain(), isCalm, death)
    await mine.drive(Promise.all(lanes.map((lane) => lane.drain())), isCalm, death)
    return 'whole'
  }
  return {
    db,
    async tick({ mishap } = {}) {
      life.callsLeft = mishap?.atCall ?? Number.POSITIVE_INFINITY
      life.meet = mishap?.kind === 'death' ? life.die : () => cut(clients)
      try {
        return await Promise.race([work(), death])
      } catch (error) {
        if (life.callsLeft > 0) throw error
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
