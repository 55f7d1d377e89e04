import { sql } from 'kysely'
import { onTestFinished } from 'vitest'

import type { App } from '#server/app.ts'
import type { Clock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import type { OpenDatabase } from '#server/open-database.ts'
import { addOwner, createPageLink } from '#server/modules/tenancy/index.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

import { createTestApp } from './app.ts'
import { createTestDatabase } from './db.ts'
import { createTenant } from './factories.ts'
import { mtprotoRoot } from './simulated-user-telegram.ts'

/** Runs with the machine's time, from an instant that tests can move on. */
export const createMovableClock = (): Clock & { move(ms: number): void } => {
  let offset = 0
  return {
    now: () => Date.now() + offset,
    sleep: async (ms, signal) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1))
      signal?.addEventListener('abort', () => resolve(), { once: true })
      await promise
      clearTimeout(timer)
    },
    move(ms) {
      offset += ms
    },
  }
}

export interface LoginStage {
  readonly simulator: Simulator
  readonly clock: ReturnType<typeof createMovableClock>
  readonly database: OpenDatabase
  /** A tenant with an owner, and what its owner's links open. */
  addTenant(
    options?: Parameters<typeof createTenant>[1],
  ): Promise<{ readonly tenantId: number; readonly owner: number }>
  linkFor(person: { readonly tenantId: number; readonly owner: number }): Promise<string>
  /** Starts the server, or starts it again. */
  start(): Promise<App>
  /** What the QR code shown last says. */
  shownQr(app: App): Promise<string>
  /** What would be half-made: open logins, and sessions that no account uses. */
  leftovers(): Promise<{ readonly open: number; readonly sessions: number; readonly sealed: number }>
}

let people = 9_100

/** A server whose own accounts log in at a simulator, by a clock that both share. */
export const openLoginStage = async (): Promise<LoginStage> => {
  const clock = createMovableClock()
  const simulator = await startSimulator({ limits: false, seed: 23, mtproto: true, clock })
  const { pool, connectionString } = await createTestDatabase()
  const database: OpenDatabase = { pool, db: createDb(pool), connectionString, close: async () => {} }
  const { db } = database
  let running: App | null = null
  onTestFinished(async () => {
    await running?.stop(10_000)
    await simulator.close()
  })
  return {
    simulator,
    clock,
    database,
    async addTenant(options = {}) {
      const tenantId = await createTenant(db, options)
      const owner = (people += 1)
      const actor = { by: 'test', at: clock.now() }
      await inTenant(db, tenantId, (tx) => addOwner(tx, { telegramId: owner, name: 'Sahip' }, actor))
      return { tenantId, owner }
    },
    async linkFor({ tenantId, owner }) {
      const link = { purpose: 'login', telegramId: owner, tenantId, locale: 'tr' } as const
      return (await createPageLink(db, link, clock.now())).path
    },
    async start() {
      await running?.stop(10_000)
      const userAccounts = { apiId: 1, apiHash: 'hash', apiRoot: mtprotoRoot(simulator) }
      running = await createTestApp({ database, clock, settings: { userAccounts, role: 'api' } })
      await running.start()
      return running
    },
    async shownQr({ accounts }) {
      const row = await db.selectFrom('login_attempt').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow()
      const context = `login_attempt.qr:${row.tenant_id}:${row.session_id}`
      return accounts.box.open(row.qr_url_sealed ?? Buffer.alloc(0), context)
    },
    async leftovers() {
      const { rows } = await sql<{ open: number; sessions: number; sealed: number }>`
        select
          (select count(*) from login_attempt where state not in ('linked', 'ended'))::int as open,
          (select count(*) from user_session s where not exists (
            select from account a where a.session_id = s.id and a.state <> 'disconnected'))::int as sessions,
          (select count(*) from login_attempt where state in ('linked', 'ended') and coalesce(
            phone_sealed, code_hash_sealed, hint_sealed, qr_url_sealed) is not null)::int as sealed`.execute(db)
      return rows[0] ?? { open: -1, sessions: -1, sealed: -1 }
    },
  }
}
