import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Pipeline, PipelineStage } from './crm.rules.ts'

/** The tenant's pipelines by name, with their stages in order. */
export const selectPipelines = async (tx: TenantTx): Promise<readonly Pipeline[]> => {
  const { rows } = await sql<{ id: number; name: string; stages: PipelineStage[] }>`
    select p.id, p.name,
      coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name) order by s.position) filter (where s.id is not null), '[]') as stages
    from pipeline p left join pipeline_stage s on s.tenant_id = p.tenant_id and s.pipeline_id = p.id
    where p.tenant_id = ${tx.tenantId} group by p.id, p.name order by p.name`.execute(tx)
  return rows
}

/** Held against others who change its stages; null for none of that id. */
export const lockPipeline = async (tx: TenantTx, id: number): Promise<Pipeline | null> => {
  await sql`select from pipeline where tenant_id = ${tx.tenantId} and id = ${id} for update`.execute(tx)
  return (await selectPipelines(tx)).find((pipeline) => pipeline.id === id) ?? null
}

/** The new pipeline's id; null where the name is taken. */
export const insertPipeline = async (tx: TenantTx, name: string, at: number): Promise<number | null> => {
  const row = await tx
    .insertInto('pipeline')
    .values({ tenant_id: tx.tenantId, name, created_at: toDate(at) })
    .onConflict((c) => c.columns(['tenant_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** Adds and puts in order the stages of these names; the others are kept behind them. */
export const saveStages = async (tx: TenantTx, pipelineId: number, names: readonly string[]): Promise<void> => {
  await sql`
    insert into pipeline_stage (tenant_id, pipeline_id, name, position)
    select ${tx.tenantId}, ${pipelineId}, name, position
    from unnest(${[...names]}::text[]) with ordinality as given (name, position)
    on conflict (tenant_id, pipeline_id, name) do update set position = excluded.position`.execute(tx)
}

/** Takes away stages; the caller has made sure that nobody stands or stood there. */
export const deleteStages = async (tx: TenantTx, ids: readonly number[]): Promise<void> => {
  await sql`delete from pipeline_stage where tenant_id = ${tx.tenantId} and id = any(${[...ids]}::bigint[])`.execute(tx)
}

/** False where the pipeline has a stage of that name. */
export const renameStage = async (tx: TenantTx, stageId: number, name: string): Promise<void> => {
  await sql`update pipeline_stage set name = ${name} where tenant_id = ${tx.tenantId} and id = ${stageId}`.execute(tx)
}

export const deletePipeline = async (tx: TenantTx, id: number): Promise<void> => {
  await sql`delete from contact_stage where tenant_id = ${tx.tenantId} and pipeline_id = ${id}`.execute(tx)
  await sql`delete from pipeline where tenant_id = ${tx.tenantId} and id = ${id}`.execute(tx)
}

/** How many contacts stand or stood at each of these stages. */
export const countStanding = async (
  tx: TenantTx,
  stageIds: readonly number[],
): Promise<ReadonlyMap<number, number>> => {
  const { rows } = await sql<{ stage_id: number; contacts: number }>`
    select stage_id, count(distinct contact_id)::int as contacts from contact_stage
    where tenant_id = ${tx.tenantId} and stage_id = any(${[...stageIds]}::bigint[]) group by 1`.execute(tx)
  return new Map(rows.map((row) => [row.stage_id, row.contacts]))
}

/** Where a contact stands, or stood. Instants are epoch ms. */
export interface ContactStage {
  readonly pipelineId: number
  readonly stageId: number
  readonly pipeline: string
  readonly stage: string
  readonly since: number
  /** Null for where they stand now. */
  readonly until: number | null
  readonly movedBy: string
}

/** A contact's stages in all pipelines, newest first. */
export const selectContactStages = async (tx: TenantTx, contactId: number): Promise<readonly ContactStage[]> => {
  const { rows } = await sql<
    Omit<ContactStage, 'since' | 'until'> & { readonly since: Date; readonly until: Date | null }
  >`
    select c.pipeline_id as "pipelineId", c.stage_id as "stageId", p.name as pipeline, s.name as stage, c.since, c.until,
      c.moved_by as "movedBy"
    from contact_stage c
    join pipeline p on p.tenant_id = c.tenant_id and p.id = c.pipeline_id
    join pipeline_stage s on s.tenant_id = c.tenant_id and s.id = c.stage_id
    where c.tenant_id = ${tx.tenantId} and c.contact_id = ${contactId} order by c.since desc, c.id desc`.execute(tx)
  return rows.map((row) => ({ ...row, since: row.since.getTime(), until: row.until?.getTime() ?? null }))
}

/** Ends where the contact stands in a pipeline; never before it began. */
export const endStage = async (tx: TenantTx, contactId: number, pipelineId: number, at: number): Promise<void> => {
  await sql`
    update contact_stage set until = greatest(${toDate(at)}::timestamptz, since)
    where tenant_id = ${tx.tenantId} and contact_id = ${contactId} and pipeline_id = ${pipelineId} and until is null`.execute(
    tx,
  )
}

export const insertContactStage = async (
  tx: TenantTx,
  move: {
    readonly contactId: number
    readonly pipelineId: number
    readonly stageId: number
    readonly at: number
    readonly by: string
  },
): Promise<void> => {
  await tx
    .insertInto('contact_stage')
    .values({
      tenant_id: tx.tenantId,
      contact_id: move.contactId,
      pipeline_id: move.pipelineId,
      stage_id: move.stageId,
      since: toDate(move.at),
      moved_by: move.by,
    })
    .execute()
}

/** How many contacts stand at each stage of a pipeline now. */
export const countBoard = async (tx: TenantTx, pipelineId: number): Promise<ReadonlyMap<number, number>> => {
  const { rows } = await sql<{ stage_id: number; contacts: number }>`
    select c.stage_id, count(*)::int as contacts
    from pipeline_stage s join contact_stage c on c.tenant_id = s.tenant_id and c.stage_id = s.id and c.until is null
    where s.tenant_id = ${tx.tenantId} and s.pipeline_id = ${pipelineId} group by 1`.execute(tx)
  return new Map(rows.map((row) => [row.stage_id, row.contacts]))
}
