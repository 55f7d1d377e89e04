// The composition root: what the running server consists of, top to bottom.
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'

import { AccountLookout } from './account-lookout.ts'
import { AnswerService } from './answer-service.ts'
import { type AppBase, type AppOptions, createAppBase } from './app-base.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { AppError } from './base/errors.ts'
import type { EnqueueJobs } from './base/jobs.ts'
import type { Logs } from './base/logger.ts'
import type { SecretBox } from './base/secret.ts'
import { type PartHealth, createSupervisor } from './base/supervisor.ts'
import { translatorsOf } from './base/translate.ts'
import { applyBusinessUpdates } from './business-telegram.ts'
import type { Config } from './config.ts'
import { EventDispatcher } from './db/event-dispatcher.ts'
import { JobQueues } from './db/job-queues.ts'
import { releaseLeasesOf } from './db/lease.ts'
import { Schedule } from './db/schedule.ts'
import { apiRoutes, brandFiles, createHttpServer, listen, paymentCallbackRoutes, webFiles } from './doors/http/index.ts'
import {
  createAnswerDuties,
  createDuties,
  createInboxDuties,
  createGroupDuties,
  createGroupListeners,
  createInviteDuties,
  createInviteListeners,
  createJobHandlers,
  createListeners,
  createOnboardingDuties,
  createOnboardingListeners,
  createPaymentDuties,
  createSalesDuties,
  createSalesListeners,
  createWebhookDuties,
  createWebhookListeners,
} from './doors/jobs/index.ts'
import {
  type InboxDeps,
  InboxLane,
  type UpdateOwner,
  createStarLane,
  receiveUpdates,
  webhookRoute,
} from './doors/updates/index.ts'
import type { TelegramLogin } from './gateways/telegram/login.ts'
import { housekeeping, readQueueDepths } from './housekeeping.ts'
import { httpPart } from './http-part.ts'
import { InboxService } from './inbox-service.ts'
import { type AccountsDeps, findWebhookTarget, openAccount, openSendKey } from './modules/accounts/index.ts'
import type { CheckoutDeps } from './modules/billing/index.ts'
import { type SendingService, createSendingService } from './modules/delivery/index.ts'
import type { OnboardingDeps } from './modules/onboarding/index.ts'
import { type NoticeService, createNoticeService } from './notice-service.ts'
import type { OpenDatabase } from './open-database.ts'
import { type PanelService, createPanelService } from './panel-service.ts'
import { type Runnable, partsFor } from './parts.ts'
import { PollingService } from './polling-service.ts'
import { accompanyUser, createSessionEndings } from './user-sessions.ts'

/** Where `npm run build` puts the web panel and the Mini App. */
const WEB_FOLDER = fileURLToPath(new URL('../dist/web/', import.meta.url))
const MINI_FOLDER = fileURLToPath(new URL('../dist/mini/', import.meta.url))

export interface App {
  readonly clock: Clock
  /** What links and sessions of people are timed by. */
  readonly pace: Pick<Clock, 'now'>
  readonly database: OpenDatabase
  readonly accounts: AccountsDeps
  readonly payments: CheckoutDeps
  readonly onboarding: OnboardingDeps
  /** The way to log people's own accounts in. Errors: `unavailable/user_accounts_off` where it is not set up. */
  telegramLogin(): Promise<TelegramLogin>
  readonly config: Config
  /** Seals and opens what is kept secret. */
  readonly box: SecretBox
  readonly logs: Logs
  readonly events: EventDispatcher
  readonly jobs: JobQueues
  readonly schedule: Schedule
  readonly sending: SendingService
  readonly panel: PanelService
  readonly notices: NoticeService
  /** Applies what waits in an account's inbox now; for rehearsals and tests of a server that is not started. */
  drainInbox(owner: UpdateOwner): Promise<void>
  /** Answers what accounts owe by themselves now; for the same rehearsals. */
  drainAnswers(): Promise<void>
  /** Takes in what came from Telegram for an account, as webhook and poller do; for the same rehearsals. */
  takeUpdates(owner: UpdateOwner, raw: readonly unknown[], nextUpdateId?: number): Promise<void>
  /** Starts every part of the role, in order. Errors: the first part's that fails; nothing is left running. */
  start(): Promise<void>
  /** Refuses new work, finishes what is under way within `withinMs`, stops. Returns the parts that did not finish. */
  stop(withinMs: number): Promise<readonly string[]>
  health(): Promise<readonly PartHealth[]>
  /** Address of the HTTP server once started. */
  address(): string
}

/** Puts the server together for `config.role`. Nothing runs before `start`. */
export const createApp = (options: AppOptions): App => {
  const base = createAppBase(options)
  const work = createWork(base)
  const health = () => supervisor.health()
  const intake = createIntake(base, health)
  const place = options.installation ?? hostname()
  const notices = createNoticeService({ ...base, translator: translatorsOf('panel'), health, place })
  const { config, log, metrics, random } = base
  let draining = false
  let address: string | null = null

  const http = httpPart(
    () =>
      createHttpServer({
        log,
        metrics,
        version: options.version,
        translator: translatorsOf('errors'),
        isDraining: () => draining,
        pingDatabase: async () => void (await base.database.pool.query('select 1')),
        health,
        routes: [
          intake.webhook,
          paymentCallbackRoutes({ ...base.payments, clock: base.clock, log }),
          base.pages.routes,
          apiRoutes({ ...base.api, log, health }),
          brandFiles(base.db),
          webFiles({ folder: WEB_FOLDER, miniFolder: MINI_FOLDER, publicUrl: config.publicUrl }),
        ],
      }),
    async (server) => void (address = await listen(server, config.host, config.port)),
  )
  const { sending } = work.parts
  const lookout = new AccountLookout(base.database.connectionString, [sending, ...Object.values(intake.parts)])
  const parts = partsFor(config.role, { ...work.parts, ...intake.parts, notices: notices.part, lookout, http })
  const supervisor = createSupervisor({ parts, clock: systemClock, random, log })
  metrics.onRead(async () => {
    for (const part of await supervisor.health()) metrics.partUp.set({ part: part.name }, part.fault === null ? 1 : 0)
  })

  return {
    ...base,
    ...work,
    box: options.box,
    panel: intake.panel,
    notices,
    drainInbox: intake.drainInbox,
    drainAnswers: () => work.parts.answers.drain(),
    takeUpdates: intake.takeUpdates,
    async start() {
      if (options.installation !== undefined) await releaseLeasesOf(base.db, options.installation)
      await supervisor.start()
      await intake.panel.adopt()
    },
    async stop(withinMs) {
      draining = true
      const late = await supervisor.stop(withinMs)
      await base.telegram.close?.()
      await base.users.close()
      await base.closeModels()
      await base.closeWebhooks()
      return late
    },
    health: () => supervisor.health(),
    address() {
      if (address === null) throw new AppError('unavailable', 'not_started')
      return address
    },
  }
}

/** What happens by itself: events, jobs, duties, sends. */
const createWork = (base: AppBase) => {
  const { db, clock, log, logs, random, accounts, holder, listActive, options, sender } = base
  const { box } = options
  const { pool, connectionString } = base.database
  const jobs = new JobQueues({ pool, connectionString, log })
  const enqueue: EnqueueJobs = (name, payloads, afterSeconds) =>
    jobs.enqueue(name, payloads, afterSeconds === undefined ? {} : { afterSeconds })
  const listeners = [
    ...createListeners({ db, clock, enqueue, accounts, translator: translatorsOf('bot') }),
    ...createOnboardingListeners({ ...base.onboarding, clock }),
    ...createSalesListeners({ ...base.sales, clock }),
    ...createInviteListeners({ enqueue }),
    ...createGroupListeners({ enqueue }),
    ...createWebhookListeners({ ...base.webhooks, enqueue }),
  ]
  const events = new EventDispatcher({ db, clock, log, connectionString, listeners })
  const keeping = housekeeping(
    db,
    listeners.map((listener) => listener.name),
  )
  const duties = [
    ...createDuties({ db, clock, log, enqueue, ...keeping }),
    ...createInboxDuties({ db, log }),
    ...createAnswerDuties({ db, log }),
    ...createInviteDuties({ db, enqueue }),
    ...createGroupDuties({ db, enqueue }),
    ...createWebhookDuties({ ...base.webhooks, enqueue }),
    ...createPaymentDuties({ ...base.payments, log }),
    ...createSalesDuties({ ...base.sales, log }),
    ...createOnboardingDuties(base.onboarding),
    ...base.pages.duties,
  ]
  const schedule = new Schedule({ db, clock, log, duties })
  const handlers = createJobHandlers({
    db,
    clock,
    random,
    askModel: base.askModel,
    segmentation: logs.of('segmentation'),
    optimizer: logs.of('delivery_optimizer'),
    groups: base.groups,
    invites: { chats: base.chats, translator: translatorsOf('bot') },
    webhooks: { ...base.webhooks, enqueue },
  })
  const sending = createSendingService(
    { db, clock, sender, log: logs.of('sessions'), sendKeyOf: (tenantId) => openSendKey({ db, box, clock }, tenantId) },
    {
      connectionString,
      holder,
      log: logs.of('sessions'),
      // Nothing for contacts leaves through the panel's bot.
      listAccounts: async () => (await listActive()).filter((account) => account.purpose === 'contacts'),
      accompany: accompanyUser({
        db,
        clock,
        log: logs.of('sessions'),
        users: base.users,
        count: (outcome, amount) => base.metrics.updates.inc({ outcome }, amount),
      }),
      ...(options.pace && { pace: options.pace }),
      ...(options.lookEveryMs !== undefined && { lookEveryMs: options.lookEveryMs }),
    },
  )
  base.metrics.onRead(async () => {
    for (const [queue, depth] of await readQueueDepths(db)) base.metrics.queueDepth.set({ queue }, depth)
  })
  const jobsPart: Runnable = {
    async start(failed) {
      await jobs.start(failed)
      await jobs.work(handlers)
    },
    stop: () => jobs.stop(),
  }
  const sessions = createSessionEndings(
    { db, log: logs.of('sessions'), users: base.users },
    { holder, ...(options.lookEveryMs !== undefined && { lookEveryMs: options.lookEveryMs }) },
  )
  const answers = createAnswers(base, sending)
  return { jobs, events, schedule, sending, parts: { jobs: jobsPart, events, schedule, sending, sessions, answers } }
}

/** Answers by drafts and by model; the sending of this process shows that one is thought out. */
const createAnswers = (base: AppBase, sending: SendingService): AnswerService => {
  const { db, clock, askModel, config, options, logs } = base
  return new AnswerService(
    {
      db,
      clock,
      askModel,
      translator: translatorsOf('bot'),
      log: logs.of('sessions'),
      preview: (accountId, chatId) => sending.showThinking(accountId, chatId),
    },
    {
      connectionString: base.database.connectionString,
      atOnce: config.answersAtOnce,
      debounceMs: config.answerDebounceMs,
      ...(options.ignoredTenants && { ignoredTenants: options.ignoredTenants }),
    },
  )
}

/** What comes in from Telegram: by webhook or by polling into the inbox, and out of the inbox into the domain. */
const createIntake = (base: AppBase, health: App['health']) => {
  const { db, clock, log, accounts, holder, listActive, sender } = base
  const { pollWaitSeconds: waitSeconds, lookEveryMs } = base.options
  const looking = lookEveryMs === undefined ? {} : { lookEveryMs }
  const starLane = createStars(base)
  const receive = {
    db,
    clock,
    log: base.logs.of('sessions'),
    answerAtOnce: starLane.answerPreCheckout,
    count: (outcome: string, amount: number) => base.metrics.updates.inc({ outcome }, amount),
  }
  const answerCallback: InboxDeps['answerCallback'] = async ({ accountId, callbackId, text }) => {
    try {
      await sender.answerCallback(await openAccount(accounts, accountId), callbackId, text ?? undefined)
    } catch (error) {
      log.warn({ accountId, err: error }, 'a pressed button could not be answered')
    }
  }
  const panel = createPanelService(
    {
      db,
      clock,
      pace: base.pace,
      log: base.logs.of('app'),
      sender,
      accounts,
      payments: base.payments,
      onboarding: base.onboarding,
      health,
      translator: translatorsOf('panel'),
      publicUrl: base.pagesUrl,
      linksOwnAccounts: base.users.isSetUp,
    },
    { menus: base.telegram.menus ?? null, sellWith: base.payments.sellWith, log: base.logs.of('app') },
  )
  const inboxDeps: InboxDeps = {
    db,
    clock,
    log: receive.log,
    translator: translatorsOf('bot'),
    answerCallback,
    recordPayment: starLane.recordPayment,
    applyBusiness: applyBusinessUpdates({ db, box: base.options.box, clock, onboarding: base.onboarding }),
    applyPanelUpdate: (update) => panel.bot.apply(update),
  }
  const inbox = new InboxService(inboxDeps, {
    connectionString: base.database.connectionString,
    holder,
    listAccounts: listActive,
    atOnce: inboxesAtOnce(base.config),
    ...looking,
  })
  const polling = new PollingService(
    {
      ...receive,
      feed: base.telegram.updateFeed,
      recover: base.recover,
      ...(waitSeconds !== undefined && { waitSeconds }),
    },
    {
      holder,
      listAccounts: async () => (await listActive()).filter((account) => account.updateMode === 'polling'),
      ...looking,
    },
  )
  const webhook = webhookRoute({ ...receive, findTarget: (key, secret) => findWebhookTarget(accounts, key, secret) })
  const drainInbox = (owner: UpdateOwner) => new InboxLane(inboxDeps, { ...owner, lease: null }).drain()
  const takeUpdates: App['takeUpdates'] = (owner, raw, next) => receiveUpdates(receive, owner, raw, next)
  return { webhook, panel, drainInbox, takeUpdates, parts: { inbox, polling } }
}

/** The rest of the pool is for what takes updates in and sends answers: applying must not starve either. */
const inboxesAtOnce = ({ poolMax }: Config): number => Math.max(2, Math.floor(poolMax / 3))

/** Payments in Stars past the queues. */
const createStars = ({ payments, accounts, clock, logs, telegram }: AppBase) => {
  return createStarLane(
    {
      ...payments,
      clock,
      log: logs.of('app'),
      translator: translatorsOf('bot'),
      // The seller may be linked while the server runs.
      get seller() {
        const provider = payments.providers.get('stars')
        const { sellerAccountId: accountId } = payments
        return provider && accountId !== null ? { accountId, provider } : null
      },
      answer: async (id, queryId, refusal) =>
        telegram.stars
          ? telegram.stars.answerPreCheckout(await openAccount(accounts, id), queryId, refusal)
          : { kind: 'rejected', reason: 'method_unknown', errorCode: 0 },
    },
    systemClock,
  )
}
