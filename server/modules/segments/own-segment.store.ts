import { type Selectable, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OwnSegmentTable } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type OwnCondition, type OwnSegment, ownNameKey } from './own-segment.rules.ts'

const segmentFrom = (row: Selectable<OwnSegmentTable>): OwnSegment => ({
  id: row.id,
  name: row.name,
  conditions: row.conditions as readonly OwnCondition[],
  version: row.version,
  changedBy: row.changed_by,
  createdAt: row.created_at.getTime(),
  changedAt: row.changed_at.getTime(),
})

const mine = (tx: TenantTx) => tx.selectFrom('own_segment').selectAll().where('tenant_id', '=', tx.tenantId)

/** All of the tenant's, by name. */
export const selectOwnSegments = async (tx: TenantTx): Promise<readonly OwnSegment[]> =>
  (await mine(tx).orderBy('name_key').orderBy('id').execute()).map(segmentFrom)

/** Those of these numbers that exist, in the order of their numbers; with `lock`, none of them goes before the caller is done. */
export const selectOwnSegmentsOf = async (
  tx: TenantTx,
  ids: readonly number[],
  lock: 'share' | null = null,
): Promise<readonly OwnSegment[]> => {
  if (ids.length === 0) return []
  const found = mine(tx)
    .where('id', 'in', [...ids])
    .orderBy('id')
  return (await (lock === null ? found : found.forShare()).execute()).map(segmentFrom)
}

/** One of them for a change: nobody else changes it, and no campaign takes it, before the caller is done. */
export const lockOwnSegment = async (tx: TenantTx, id: number): Promise<OwnSegment | null> => {
  const row = await mine(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ? segmentFrom(row) : null
}

/** One maker of own segments of the tenant at a time, until the transaction ends. */
export const lockOwnSegmentNames = async (tx: TenantTx): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('own_segment', ${tx.tenantId}))`.execute(tx)
}

/** Another of the tenant's of that name, whatever its case. */
export const isOwnNameTaken = async (tx: TenantTx, name: string, except: number | null): Promise<boolean> => {
  let query = mine(tx).where('name_key', '=', ownNameKey(name))
  if (except !== null) query = query.where('id', '<>', except)
  return (await query.executeTakeFirst()) !== undefined
}

export const countOwnSegments = async (tx: TenantTx): Promise<number> => {
  const { count } = await tx
    .selectFrom('own_segment')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirstOrThrow()
  return count
}

interface OwnContent {
  readonly name: string
  readonly conditions: readonly OwnCondition[]
}

const columnsOf = ({ name, conditions }: OwnContent, by: string, at: number) => ({
  name,
  name_key: ownNameKey(name),
  conditions: JSON.stringify(conditions),
  changed_by: by,
  changed_at: toDate(at),
})

export const insertOwnSegment = async (
  tx: TenantTx,
  content: OwnContent,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<OwnSegment> => {
  const row = await tx
    .insertInto('own_segment')
    .values({ tenant_id: tx.tenantId, ...columnsOf(content, by, at), created_at: toDate(at) })
    .returningAll()
    .executeTakeFirstOrThrow()
  return segmentFrom(row)
}

export const updateOwnSegmentRow = async (
  tx: TenantTx,
  id: number,
  content: OwnContent,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<OwnSegment> => {
  const row = await tx
    .updateTable('own_segment')
    .set({ ...columnsOf(content, by, at), version: sql<number>`version + 1` })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return segmentFrom(row)
}

export const deleteOwnSegment = async (tx: TenantTx, id: number): Promise<void> => {
  await tx.deleteFrom('own_segment').where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute()
}

/**
 * The oldest campaign of the tenant in one of these states that is for people of an own segment. Campaigns belong to a
 * higher module: their table is read here as the data that says who still needs a segment.
 */
export const findCampaignUsing = async (
  tx: TenantTx,
  id: number,
  states: readonly string[],
): Promise<{ readonly id: number; readonly name: string } | null> => {
  const row = await tx
    .selectFrom('campaign')
    .select(['id', 'name'])
    .where('tenant_id', '=', tx.tenantId)
    .where('state', 'in', [...states])
    .where(sql<boolean>`audience -> 'own' @> ${JSON.stringify([id])}::jsonb`)
    .orderBy('id')
    .executeTakeFirst()
  return row ?? null
}
