import { DAY_MS, HOUR_MS, MINUTE_MS } from './base/duration.ts'
import { zoneOffsetMs } from './base/local-time.ts'
import type { Config } from './config.ts'
import type { Db } from './db/pool.ts'
import { findLatestRun } from './db/schedule.ts'
import { type OperatorTx, asOperator } from './db/tenant-scope.ts'
import { listAccountRoots } from './modules/accounts/index.ts'
import { findTenant } from './modules/tenancy/index.ts'

/** The demo's tenant; everything simulated hangs on it. */
export const DEMO_TENANT_SLUG = 'demo'

export interface DemoDecision {
  readonly on: boolean
  /** Where the demo's fast clock starts: never before the instants it has already written. Epoch ms. */
  readonly startAt: number
  /** Without the demo, its accounts point at a simulator that does not run. */
  readonly ignoredTenants: ReadonlySet<number>
}

/** Duties run every five minutes at the latest, so nothing of a former run was written after that. */
const RESTART_GAP_MS = 10 * MINUTE_MS
const DEMO_TIME_ZONE = 'Europe/Istanbul'

/** Half past nine of the day: the simulated people are awake and quiet hours are over. */
const morningOf = (now: number): number => {
  const offsetMs = zoneOffsetMs(now, DEMO_TIME_ZONE)
  return Math.floor((now + offsetMs) / DAY_MS) * DAY_MS - offsetMs + 9.5 * HOUR_MS
}

/**
 * Accounts that live in a simulated Telegram of the demo: the demo tenant's own, and those that newcomers linked through
 * its panel bot. That Telegram ends with its server.
 */
export const listDemoAccounts = async (tx: OperatorTx) => {
  const tenant = await findTenant(tx, DEMO_TENANT_SLUG)
  const all = await listAccountRoots(tx)
  const root = all.find(({ tenantId, purpose }) => tenantId === tenant?.id && purpose === 'panel')?.apiRoot ?? null
  const isSimulated = (account: (typeof all)[number]) =>
    account.tenantId === tenant?.id || (root !== null && account.apiRoot === root)
  return { tenant, simulated: all.filter(isSimulated), real: all.filter((account) => !isSimulated(account)) }
}

/**
 * Whether this start is a demo: as the setting says, or, on `auto`, when there is neither a bot token nor an account
 * outside the demo's Telegram.
 */
export const decideDemo = async (config: Config, db: Db, now: number): Promise<DemoDecision> => {
  const { tenant, simulated, real } = await asOperator(db, 'decide on the demo', listDemoAccounts)
  const hasToken = config.telegramBotToken !== null || config.panelBotToken !== null
  const on = config.demo === 'on' || (config.demo === 'auto' && !hasToken && real.length === 0)
  const runsAll = config.role === 'all'
  const latestRun = await findLatestRun(db)
  const startAt = latestRun === null ? morningOf(now) : latestRun + RESTART_GAP_MS
  const working = new Set(real.map(({ tenantId }) => tenantId))
  const asleep = simulated.map(({ tenantId }) => tenantId).filter((id) => !working.has(id))
  const ignoredTenants = on ? new Set<number>() : new Set([...asleep, ...(tenant ? [tenant.id] : [])])
  return { on: on && runsAll, startAt, ignoredTenants }
}

/** An IBAN that banks use in examples: nobody can be paid by mistake. */
const DEMO_TRANSFER = { iban: 'TR330006100519786457841326', holder: 'Gavatcore Demo', papara: null } as const

/** The settings of a demo: transfers can be tried without an account of one's own. */
export const withDemoPayments = (config: Config): Config => ({
  ...config,
  payments: { ...config.payments, transfer: config.payments.transfer ?? DEMO_TRANSFER },
})
