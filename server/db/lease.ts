import { type Kysely, sql } from 'kysely'

import { AppError } from '#server/base/errors.ts'

import type { Db } from './pool.ts'
import type { DB } from './schema.generated.ts'

export const LEASE_PURPOSES = ['sending', 'updates', 'polling'] as const
export type LeasePurpose = (typeof LEASE_PURPOSES)[number]

/** The right to work one account for one purpose; the fence rises with every new owner. */
export interface Lease {
  readonly tenantId: number
  readonly accountId: number
  readonly purpose: LeasePurpose
  readonly holder: string
  readonly fence: number
}

/** How long a lease lives without renewal. It runs on the database's clock, which all processes share. */
export const LEASE_TTL_MS = 30_000

/**
 * Takes free or expired leases of these accounts for `holder`; leases that somebody holds are left out of the answer.
 * One's own live lease is not given twice.
 */
export const acquireLeases = async (
  db: Db,
  purpose: LeasePurpose,
  holder: string,
  accounts: readonly { readonly tenantId: number; readonly accountId: number }[],
  ttlMs: number = LEASE_TTL_MS,
): Promise<readonly Lease[]> => {
  if (accounts.length === 0) return []
  const accountIds = accounts.map((a) => a.accountId)
  const { rows } = await db.transaction().execute(async (tx) => {
    // Waits for whoever still proves in a transaction that such a lease is theirs, see `requireLeases`.
    await sql`select from account_lease
      where account_id = any(${accountIds}::bigint[]) and purpose = ${purpose} and expires_at <= now()
      order by account_id for update`.execute(tx)
    return sql<{ tenant_id: number; account_id: number; fence: number }>`
    insert into account_lease as l (tenant_id, account_id, purpose, holder, expires_at)
    select a.tenant_id, a.id, ${purpose}, ${holder}, now() + ${ttlMs} * interval '1 millisecond'
    from account a
    where a.id = any(${accountIds}::bigint[])
    order by a.id
    on conflict (account_id, purpose) do update
      set holder = excluded.holder, fence = l.fence + 1, expires_at = excluded.expires_at
      where l.expires_at <= now()
    returning tenant_id, account_id, fence`.execute(tx)
  })
  return rows.map((row) => ({ tenantId: row.tenant_id, accountId: row.account_id, purpose, holder, fence: row.fence }))
}

/** Prolongs the leases that are still their holder's and returns those; the others are lost. */
export const renewLeases = async (
  db: Db,
  leases: readonly Lease[],
  ttlMs: number = LEASE_TTL_MS,
): Promise<readonly Lease[]> => {
  if (leases.length === 0) return []
  const { rows } = await sql<{ account_id: number; purpose: string; fence: number }>`
    update account_lease l set expires_at = now() + ${ttlMs} * interval '1 millisecond'
    from unnest(
      ${leases.map((lease) => lease.accountId)}::bigint[],
      ${leases.map((lease) => lease.purpose)}::text[],
      ${leases.map((lease) => lease.holder)}::text[],
      ${leases.map((lease) => lease.fence)}::bigint[]) as held (account_id, purpose, holder, fence)
    where l.account_id = held.account_id and l.purpose = held.purpose and l.holder = held.holder
      and l.fence = held.fence and l.expires_at > now()
    returning l.account_id, l.purpose, l.fence`.execute(db)
  const alive = new Set(rows.map((row) => `${row.account_id} ${row.purpose} ${row.fence}`))
  return leases.filter((lease) => alive.has(`${lease.accountId} ${lease.purpose} ${lease.fence}`))
}

/** Gives leases back at once. The rows stay, so that the fence keeps rising. */
export const releaseLeases = async (db: Db, leases: readonly Lease[]): Promise<void> => {
  if (leases.length > 0) await renewLeases(db, leases, 0)
}

/**
 * The name under which one run of an installation holds leases: `<installation>:<run>`. An installation is whatever an
 * instance lock allows to run once at a time; its name has no colon. Each start is a run of its own.
 */
export const leaseHolderOf = (installation: string, run: string): string => `${installation}:${run}`

/**
 * Frees what earlier runs of this installation still hold: a process that was killed leaves leases that would otherwise
 * live on for {@link LEASE_TTL_MS}. Only for the owner of the installation's instance lock, before it acquires any. The
 * fence rises with the next owner as always. Returns how many were freed.
 */
export const releaseLeasesOf = async (db: Db, installation: string): Promise<number> => {
  const { numAffectedRows } = await sql`
    update account_lease set expires_at = now()
    where starts_with(holder, ${leaseHolderOf(installation, '')}) and expires_at > now()`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/**
 * Inside a transaction: proves that the leases are still held and keeps them from changing hands until the end of the
 * transaction. Their holder may prolong them meanwhile: a key lock keeps out a new owner, who asks for the whole row, and
 * not an update of the instant. Errors: `conflict/lease_lost`, naming the first that is lost.
 */
export const requireLeases = async (tx: Kysely<DB>, leases: readonly Lease[]): Promise<void> => {
  if (leases.length === 0) return
  const { rows } = await sql<{ account_id: number; purpose: string }>`
    select l.account_id, l.purpose from account_lease l join unnest(
      ${leases.map((lease) => lease.accountId)}::bigint[],
      ${leases.map((lease) => lease.purpose)}::text[],
      ${leases.map((lease) => lease.holder)}::text[],
      ${leases.map((lease) => lease.fence)}::bigint[]) as held (account_id, purpose, holder, fence)
      on l.account_id = held.account_id and l.purpose = held.purpose and l.holder = held.holder and l.fence = held.fence
    where l.expires_at > now()
    order by l.account_id, l.purpose
    for key share of l`.execute(tx)
  const kept = new Set(rows.map((row) => `${row.account_id} ${row.purpose}`))
  const lost = leases.find(({ accountId, purpose }) => !kept.has(`${accountId} ${purpose}`))
  if (lost) throw new AppError('conflict', 'lease_lost', { account: lost.accountId, purpose: lost.purpose })
}

/** Who works which account right now, for status screens. */
export const listLeases = async (db: Db): Promise<readonly Lease[]> => {
  const { rows } = await sql<{
    tenant_id: number
    account_id: number
    purpose: LeasePurpose
    holder: string
    fence: number
  }>`
    select tenant_id, account_id, purpose, holder, fence from account_lease where expires_at > now()
    order by account_id, purpose`.execute(db)
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    accountId: row.account_id,
    purpose: row.purpose,
    holder: row.holder,
    fence: row.fence,
  }))
}
