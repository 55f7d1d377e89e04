import { sql } from 'kysely'

import { type MessageStyle, SEGMENTS, type Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Strategy, StrategySettings } from './strategy.rules.ts'

/** One writer of the tenant's strategies at a time, until the transaction ends. */
export const lockStrategies = async (tx: TenantTx): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('strategy', ${tx.tenantId}))`.execute(tx)
}

const listRows = async (tx: TenantTx, segment: Segment | null): Promise<readonly Strategy[]> => {
  let query = tx.selectFrom('strategy').selectAll().where('tenant_id', '=', tx.tenantId)
  query = segment
    ? query.where('segment', '=', segment).orderBy('version', 'desc')
    : query.where('is_current', '=', true)
  const rows = await query.execute()
  return rows.map((row) => ({
    segment: row.segment as Segment,
    version: row.version,
    enabled: row.enabled,
    priority: row.priority,
    everyHours: row.every_hours,
    maxPerDay: row.max_per_day,
    cooldownHours: row.cooldown_hours,
    hours: row.hours,
    style: row.style as MessageStyle,
    preset: row.preset,
    changedBy: row.changed_by,
    createdAt: row.created_at.getTime(),
  }))
}

/** The strategies in force, highest priority first, then in the order of the vocabulary. */
export const listStrategies = async (tx: TenantTx): Promise<readonly Strategy[]> =>
  (await listRows(tx, null)).toSorted(
    (a, b) => b.priority - a.priority || SEGMENTS.indexOf(a.segment) - SEGMENTS.indexOf(b.segment),
  )

/** Every version of one segment's strategy, newest first. */
export const listStrategyVersions = (tx: TenantTx, segment: Segment): Promise<readonly Strategy[]> =>
  listRows(tx, segment)

/** Puts `settings` in force as the segment's next version. The caller holds the tenant's strategy lock. */
export const insertVersion = async (
  tx: TenantTx,
  segment: Segment,
  settings: StrategySettings,
  change: { readonly preset: string | null; readonly changedBy: string; readonly at: number },
): Promise<number> => {
  const { rows } = await sql<{ version: number }>`
    with retired as (
      update strategy set is_current = false
      where tenant_id = ${tx.tenantId} and segment = ${segment} and is_current
    )
    select coalesce(max(version), 0) + 1 as version from strategy
    where tenant_id = ${tx.tenantId} and segment = ${segment}`.execute(tx)
  const version = rows[0]?.version ?? 1
  await tx
    .insertInto('strategy')
    .values({
      tenant_id: tx.tenantId,
      segment,
      version,
      is_current: true,
      enabled: settings.enabled,
      priority: settings.priority,
      every_hours: settings.everyHours,
      max_per_day: settings.maxPerDay,
      cooldown_hours: settings.cooldownHours,
      hours: [...settings.hours],
      style: settings.style,
      preset: change.preset,
      changed_by: change.changedBy,
      created_at: toDate(change.at),
    })
    .execute()
  return version
}
