import { type Transaction, sql } from 'kysely'

import type { Db } from './pool.ts'
import type { DB } from './schema.generated.ts'
import { ahead } from './sending-ahead.ts'

declare const tenantScoped: unique symbol

/**
 * A transaction that sees and writes the rows of one tenant only: row-level security holds even for SQL that forgets
 * its `where tenant_id`. Made by {@link inTenant} and {@link narrowToTenant} alone.
 */
export type TenantTx = Transaction<DB> & { readonly tenantId: number; readonly [tenantScoped]: true }

/** A transaction that sees every tenant, for duties that span them. Made by {@link asOperator} alone. */
export type OperatorTx = Transaction<DB>

/**
 * Whether a commit waits for the disk. `relaxed` does not: for work that is done again from what is on the disk already,
 * should the database server crash within the next instant. Whatever is built on it comes later in the same log and is
 * never there without it. A crash of this process takes nothing back either way.
 */
type Durability = 'durable' | 'relaxed'

/** Runs `work` in one transaction scoped to `tenantId`; commits on return, rolls back on throw. */
export const inTenant = <T>(
  db: Db,
  tenantId: number,
  work: (tx: TenantTx) => Promise<T>,
  durability: Durability = 'durable',
): Promise<T> => db.transaction().execute(async (tx) => work(await narrowToTenant(tx, tenantId, durability)))

/** From here to its end an operator's transaction sees `tenantId` alone: to finish within a tenant what began above it. */
export const narrowToTenant = async (
  tx: OperatorTx,
  tenantId: number,
  durability: Durability = 'durable',
): Promise<TenantTx> => {
  const isRelaxed = durability === 'relaxed'
  await sql`${ahead} select set_config('role', 'gavatcore_tenant', true), set_config('app.tenant_id', ${String(tenantId)}, true)
    ${isRelaxed ? sql`, set_config('synchronous_commit', 'off', true)` : sql``}`.execute(tx)
  return Object.assign(tx, { tenantId }) as TenantTx
}

/**
 * Runs `work` across tenants. `reason` names the duty in the session's `application_name`, so `pg_stat_activity` shows
 * who reads everything; actions of people are written to the audit log by their use case.
 */
export const asOperator = <T>(db: Db, reason: string, work: (tx: OperatorTx) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (tx) => {
    await sql`${ahead} select set_config('application_name', ${`gavatcore operator: ${reason}`}, true)`.execute(tx)
    return work(tx)
  })

/**
 * Runs `work` within one tenant in the midst of an operator's transaction, and sees every tenant again afterwards: for
 * what concerns a person first and a tenant second, whole or not at all.
 */
export const withinTenant = async <T>(
  tx: OperatorTx,
  tenantId: number,
  work: (tx: TenantTx) => Promise<T>,
): Promise<T> => {
  const widen = () => sql`select set_config('role', 'none', true), set_config('app.tenant_id', '', true)`.execute(tx)
  try {
    const result = await work(await narrowToTenant(tx, tenantId))
    await widen()
    return result
  } catch (error) {
    // After a failed statement nothing works any more in this transaction; what failed is the news.
    await widen().catch(() => undefined)
    throw error
  }
}
