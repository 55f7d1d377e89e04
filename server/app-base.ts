// What everything in the server stands on: time, chance, names, the way to Telegram, payments, pages.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

import { type Clock, systemClock } from './base/clock.ts'
import type { Logger, Logs } from './base/logger.ts'
import { createMetrics } from './base/metrics.ts'
import { type Random, seededRandom } from './base/random.ts'
import type { SecretBox } from './base/secret.ts'
import { translatorsOf } from './base/translate.ts'
import { followConnections } from './business-telegram.ts'
import { createChatDirectory } from './chat-directory.ts'
import type { Config } from './config.ts'
import { createGroupTelegram } from './group-telegram.ts'
import { createPages } from './create-pages.ts'
import { leaseHolderOf } from './db/lease.ts'
import type { ApiDeps } from './doors/http/index.ts'
import { type BotApi, createBotApi } from './gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { PUBLIC_API_ROOT } from './gateways/telegram/adapters/bot-api/http-transport.ts'
import { createTelegramSignIn } from './gateways/telegram/adapters/oidc/create-telegram-sign-in.ts'
import { healSender } from './gateways/telegram/heal-sender.ts'
import { measureSender } from './gateways/telegram/measure-sender.ts'
import type { TelegramAccount } from './gateways/telegram/telegram-account.ts'
import { type AccountsDeps, openActiveAccounts, recoverToken } from './modules/accounts/index.ts'
import type { createSendingService } from './modules/delivery/index.ts'
import type { OpenDatabase } from './open-database.ts'
import { openOnboardingDeps } from './open-onboarding.ts'
import { type OpenModels, openAsking, openModels } from './open-models.ts'
import { openPayments } from './open-payments.ts'
import { type UserTelegram, createUserTelegram, routeSender } from './user-telegram.ts'
import { openWebhooks } from './webhook-settings.ts'

export interface AppOptions {
  readonly config: Config
  /** Open and migrated; the caller closes it after `stop`. */
  readonly database: OpenDatabase
  readonly logs: Logs
  readonly box: SecretBox
  readonly version: string
  /** The domain's time: the machine's, unless a rehearsal runs faster. */
  readonly clock?: Clock
  readonly random?: Random
  /** The Bot API over HTTP, unless a test brings its own. */
  readonly telegram?: Pick<BotApi, 'sender' | 'updateFeed'> &
    Partial<Pick<BotApi, 'stars' | 'menus' | 'close' | 'managedBots' | 'directory' | 'moderation' | 'files'>>
  /** What answers for language models, unless real servers do: of a demo, a test or a benchmark. */
  readonly languageModel?: OpenModels
  /** Tenants whose accounts this process leaves alone, by id. */
  readonly ignoredTenants?: ReadonlySet<number>
  /** The pace of people who type and press, where it is not the domain's: a rehearsal that runs faster. */
  readonly peoplesPace?: Pick<Clock, 'now'>
  /** Address of our pages for people on this machine, while there is no public one. */
  readonly pagesUrl?: string
  /** The tenant that whoever has the console of the server owns, by slug: the demo's. */
  readonly consoleTenantSlug?: string
  /** Telegram's pace unless told otherwise; benchmarks lift it. */
  readonly pace?: NonNullable<Parameters<typeof createSendingService>[1]['pace']>
  readonly pollWaitSeconds?: number
  /** How often accounts are looked for when nobody says that they changed. */
  readonly lookEveryMs?: number
  /** Held by this process alone ({@link leaseHolderOf}): leases that its killed runs left are freed at start. */
  readonly installation?: string
}

interface ActiveListOptions {
  readonly log: Logger
  readonly users: UserTelegram
  readonly ignoredTenants: AppOptions['ignoredTenants']
}

/** The accounts this process may work: active, readable, of no tenant that is left alone. */
const createActiveList = (accounts: AccountsDeps, { log, users, ignoredTenants }: ActiveListOptions) => {
  let saidUnusable = ''
  /** Once for the same accounts, however often they are looked at. */
  const sayUnusable = (accountIds: readonly number[]): void => {
    const ids = accountIds.join()
    if (ids !== saidUnusable && ids !== '')
      log.error(
        { accountIds, setting: 'TELEGRAM_API_ID' },
        "people's own accounts cannot be worked without the setting",
      )
    saidUnusable = ids
  }
  return async () => {
    const { accounts: open, unreadable } = await openActiveAccounts(accounts)
    if (!users.isSetUp) sayUnusable(open.filter(({ kind }) => kind === 'user').map(({ accountId }) => accountId))
    if (unreadable.length > 0) log.error({ accountIds: unreadable }, 'tokens do not open with this key')
    return open.filter(
      ({ tenantId, kind }) => ignoredTenants?.has(tenantId) !== true && (kind !== 'user' || users.isSetUp),
    )
  }
}

/** What the web panel and the public API stand on. */
const createApiDeps = (
  { config, version, consoleTenantSlug, box }: AppOptions,
  files: ApiDeps['files'],
  {
    hasOwnAccounts,
    models,
    ...shared
  }: Pick<ApiDeps, 'db' | 'pace' | 'payments' | 'webhooks' | 'onboarding'> &
    Pick<ApiDeps['linking'], 'hasOwnAccounts'> & { readonly clock: Clock; readonly models: OpenModels },
): Omit<ApiDeps, 'log' | 'health'> => ({
  ...shared,
  files,
  publicUrl: config.publicUrl,
  version,
  translator: translatorsOf('errors'),
  consoleTenantSlug: consoleTenantSlug ?? null,
  box,
  isSecondFactorRequired: config.operatorSecondFactor === 'required',
  hasTelegramSignIn: config.telegramSignIn !== null,
  models: { ...models, clock: shared.clock, arePrivateAllowed: config.models.arePrivateAllowed },
  miniApp: { db: shared.db, box, miniAppKey: config.telegramMiniAppKey },
  linking: {
    apiRoot: config.telegramApiRoot === PUBLIC_API_ROOT ? null : config.telegramApiRoot,
    hasOwnAccounts,
  },
})

/** Names this process among those that share the database. */
const holderOf = ({ installation }: AppOptions): string =>
  leaseHolderOf(installation ?? hostname(), `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`)

/** What use cases about accounts stand on. */
const createAccountsDeps = (
  { config, database: { db }, box }: AppOptions,
  {
    telegram,
    users,
    holder,
  }: { readonly telegram: NonNullable<AppOptions['telegram']>; readonly users: UserTelegram; readonly holder: string },
): AccountsDeps => ({
  db,
  box,
  feed: telegram.updateFeed,
  publicUrl: config.publicUrl,
  ...(telegram.managedBots && { managedBots: telegram.managedBots }),
  users: { login: () => users.login(), holder },
})

/** Puts together what every part of the server shares. Nothing runs yet. */
export const createAppBase = (options: AppOptions) => {
  const { config, database, logs, box } = options
  const [{ db }, log] = [database, logs.of('app')]
  const metrics = createMetrics()
  const clock = options.clock ?? systemClock
  const pace = options.peoplesPace ?? clock
  const pagesUrl = config.publicUrl ?? options.pagesUrl ?? null
  const telegram = options.telegram ?? createBotApi()
  const models = options.languageModel ?? openModels(config.models)
  const users = createUserTelegram({ db, box, clock }, config.userAccounts)
  const holder = holderOf(options)
  const accounts = createAccountsDeps(options, { telegram, users, holder })
  const recover = (account: TelegramAccount) => recoverToken(accounts, account, account.token, clock.now())
  const sender = measureSender(
    followConnections(healSender(routeSender(telegram.sender, users), recover), { db, box }),
    {
      ended: (outcome) => metrics.messagesSent.inc({ outcome }),
      floodWait: (seconds) => metrics.floodWait.observe(seconds),
    },
  )
  const random = options.random ?? seededRandom(randomBytes(4).readUInt32LE())
  // Receivers compare the time of a webhook with their own, which no rehearsal makes faster.
  const outgoing = openWebhooks(config.webhooks, { db, box, clock: pace, random, version: options.version })
  const payments = openPayments({
    db,
    box,
    settings: config.payments,
    publicUrl: config.publicUrl,
    stars: telegram.stars ?? null,
  })
  const onboarding = openOnboardingDeps({ db, payments, accounts, log: logs.of('sessions'), publicUrl: pagesUrl })
  const core = { db, clock, pace, payments, onboarding }
  return {
    options,
    config,
    database,
    db,
    logs,
    log,
    metrics,
    telegram,
    users,
    telegramLogin: () => users.login(),
    pages: createPages({
      db,
      box,
      clock,
      pace,
      log,
      users,
      holder,
      publicUrl: config.publicUrl,
      pay: onboarding,
      signIn: config.telegramSignIn && createTelegramSignIn(config.telegramSignIn),
      translator: translatorsOf('pages'),
    }),
    api: createApiDeps(options, telegram.files ?? null, {
      ...core,
      models,
      webhooks: outgoing.webhooks,
      hasOwnAccounts: users.isSetUp,
    }),
    sender,
    chats: createChatDirectory(accounts, telegram.directory ?? null),
    groups: createGroupTelegram(accounts, telegram),
    accounts,
    recover,
    payments,
    /** What it takes to settle orders of contacts, and to send their Stars back. */
    sales: { db, box, stars: telegram.stars ?? null, translator: translatorsOf('bot') },
    ...openAsking({ db, box, clock }, models),
    onboarding,
    listActive: createActiveList(accounts, { log, users, ignoredTenants: options.ignoredTenants }),
    clock,
    pace,
    pagesUrl,
    random,
    holder,
    ...outgoing,
  }
}
export type AppBase = ReturnType<typeof createAppBase>
