import { DAY_MS, HOUR_MS, MINUTE_MS } from './base/duration.ts'
import { zoneOffsetMs } from './base/local-time.ts'
import type { Config } from './config.ts'
import type { Db } from './db/pool.ts'
import { findLatestRun } from './db/schedule.ts'
import { asOperator } from './db/tenant-scope.ts'
import { listAccounts } from './modules/accounts/index.ts'
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
 * Whether this start is a demo: as the setting says, or, on `auto`, when there is neither a bot token nor an account of
 * any tenant but the demo's.
 */
export const decideDemo = async (config: Config, db: Db, now: number): Promise<DemoDecision> => {
  const { demoTenant, real } = await asOperator(db, 'decide on the demo', async (tx) => {
    const tenant = await findTenant(tx, DEMO_TENANT_SLUG)
    const accounts = await listAccounts(tx)
    return { demoTenant: tenant, real: accounts.filter((account) => account.tenantId !== tenant?.id).length }
  })
  const on = config.demo === 'on' || (config.demo === 'auto' && config.telegramBotToken === null && real === 0)
  const runsAll = config.role === 'all'
  const latestRun = await findLatestRun(db)
  const startAt = latestRun === null ? morningOf(now) : latestRun + RESTART_GAP_MS
  return { on: on && runsAll, startAt, ignoredTenants: on || !demoTenant ? new Set() : new Set([demoTenant.id]) }
}
