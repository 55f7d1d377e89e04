import type { Logger } from '#server/base/logger.ts'
import { type RegularLook, lookRegularly } from '#server/base/look-regularly.ts'
import { LeasedLanes } from '#server/db/leased-lanes.ts'
import { type Listener, listenTo } from '#server/db/listen.ts'
import { refreshStatistics } from '#server/db/statistics.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import { QUEUE_CHANNEL } from '../delivery.store.ts'
import { AccountLane, PATIENCE_MS } from './account-lane.ts'
import type { LaneDeps } from './lane-deps.ts'
import { OutcomeRecorder } from './outcome-recorder.ts'
import { SLOWED_FACTOR } from '../effective-pace.rules.ts'
import { type Pace, TELEGRAM_PACE } from './pacer.rules.ts'
import { type RestingAccount, listAccountsWithWork } from './rest.store.ts'
import { TenantClaims } from './tenant-claims.ts'

/** An account that may send now, with the health that decides its pace. */
export type SendingAccount = TelegramAccount & { readonly health: 'normal' | 'slowed' | 'stopped' }

export interface SendingServiceOptions {
  /** For the LISTEN connection. */
  readonly connectionString: string
  /** Names this process among those that lease accounts. */
  readonly holder: string
  readonly log: Logger
  /** The active accounts of every tenant, their tokens open. */
  readonly listAccounts: () => Promise<readonly SendingAccount[]>
  /** Telegram's pace unless told otherwise; benchmarks lift it. */
  readonly pace?: Pace
  readonly inFlightMax?: number
  readonly batchMax?: number
  /** Wraps the work for an account: what has to live exactly as long as this process may send for it. */
  readonly accompany?: (account: SendingAccount, signal: AbortSignal, work: () => Promise<void>) => Promise<void>
  /** How often accounts are looked for when nobody says that they changed. */
  readonly lookEveryMs?: number
}

export interface SendingService {
  start(): Promise<void>
  /** Claims nothing more, waits for the calls under way and their outcomes, gives the accounts back. */
  stop(): Promise<void>
  /** Accounts this process sends for. */
  accountIds(): readonly number[]
  /** Looks for added or paused accounts at once. */
  look(): void
  /** Shows a contact that an answer is being thought out; nothing where another process sends for the account. */
  showThinking(accountId: number, chatId: number): void
}

const IN_FLIGHT_MAX = 64
const BATCH_MAX = 64
const FIRST_SENDS = 250

const paceFor = (health: SendingAccount['health'], pace: Pace): Pace =>
  health === 'slowed' ? { perSecond: pace.perSecond * SLOWED_FACTOR, burst: 1 } : pace

/** One recorder a tenant, shared by its lanes. */
const createRecorders = (deps: LaneDeps, log: Logger): ((tenantId: number) => OutcomeRecorder) => {
  const recorders = new Map<number, OutcomeRecorder>()
  let written = 0
  /** The first sends of a new database are planned for tables that were empty when PostgreSQL last looked. */
  const noteWritten = (count: number): void => {
    const isFirst = written < FIRST_SENDS && written + count >= FIRST_SENDS
    written += count
    if (!isFirst) return
    refreshStatistics(deps.db, ['attempt', 'delivery']).catch((error: unknown) =>
      log.warn({ err: error }, 'statistics could not be refreshed'),
    )
  }
  return (tenantId) => {
    const recorder = recorders.get(tenantId) ?? new OutcomeRecorder(deps, tenantId, noteWritten)
    recorders.set(tenantId, recorder)
    return recorder
  }
}

const createClaims = (deps: LaneDeps) => {
  const claims = new Map<number, TenantClaims>()
  return (tenantId: number): TenantClaims => {
    const known = claims.get(tenantId) ?? new TenantClaims(deps, tenantId)
    claims.set(tenantId, known)
    return known
  }
}

/** One lane per account that this process leases, woken by the database whenever a queue grows. */
export const createSendingService = (deps: LaneDeps, options: SendingServiceOptions): SendingService => {
  const pace = options.pace ?? TELEGRAM_PACE
  const lanes = new Map<number, AccountLane>()
  const worked = new Map<number, RestingAccount>()
  const recorderOf = createRecorders(deps, options.log)
  const claimsOf = createClaims(deps)
  let watch: RegularLook | null = null
  let listener: Listener | null = null

  const leased = new LeasedLanes<SendingAccount>({
    db: deps.db,
    log: options.log,
    purpose: 'sending',
    holder: options.holder,
    versionOf: (account) => `${account.token}/${account.sessionId ?? ''}`,
    ...(options.lookEveryMs !== undefined && { lookEveryMs: options.lookEveryMs }),
    listAccounts: async () => {
      const accounts = await options.listAccounts()
      for (const a of accounts) lanes.get(a.accountId)?.setPace(paceFor(a.health, pace))
      return accounts
    },
    work: async (account, _lease, signal) => {
      const lane = new AccountLane(deps, {
        account,
        pace: paceFor(account.health, pace),
        inFlightMax: options.inFlightMax ?? IN_FLIGHT_MAX,
        batchMax: options.batchMax ?? BATCH_MAX,
        signal,
        recorder: recorderOf(account.tenantId),
        claims: claimsOf(account.tenantId),
        isWatched: true,
      })
      const { tenantId, accountId, kind } = account
      lanes.set(accountId, lane)
      worked.set(accountId, { tenantId, accountId, repeats: kind === 'user' })
      try {
        await (options.accompany?.(account, signal, () => lane.run()) ?? lane.run())
      } finally {
        lanes.delete(accountId)
        worked.delete(accountId)
      }
    },
  })

  const wakeAll = () => {
    for (const lane of lanes.values()) lane.wake()
  }

  /** For all lanes at once what each would otherwise ask for itself, hundreds of times a second. */
  const lookForWork = async () => {
    const withWork = await listAccountsWithWork(deps.db, [...worked.values()], deps.clock.now())
    for (const accountId of withWork) lanes.get(accountId)?.look()
  }

  return {
    async start() {
      await leased.start()
      watch = lookRegularly(PATIENCE_MS, lookForWork, (error) =>
        options.log.warn({ err: error }, 'resting accounts could not be looked after'),
      )
      listener = listenTo(
        options.connectionString,
        [QUEUE_CHANNEL],
        (_channel, payload) => lanes.get(Number(payload.split(':')[1]))?.wake(),
        wakeAll,
      )
      await listener.ready
    },
    async stop() {
      await watch?.stop()
      await leased.stop()
      await listener?.close()
    },
    accountIds: () => leased.accountIds,
    look: () => leased.look(),
    showThinking: (accountId, chatId) => lanes.get(accountId)?.showThinking(chatId),
  }
}
