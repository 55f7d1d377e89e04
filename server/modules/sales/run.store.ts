import type { Selectable } from 'kysely'

import type { FunnelStageKind } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { FunnelRunTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { FunnelPosition, FunnelStep } from './advance.rules.ts'

/** Somebody on their way through a funnel. */
export interface Run {
  readonly id: number
  readonly accountId: number
  /** Null once the person is erased. */
  readonly contactId: number | null
  readonly funnel: string
  readonly version: number
  readonly startedAt: number
  readonly position: FunnelPosition
}

const toRun = (row: Selectable<FunnelRunTable>): Run => ({
  id: row.id,
  accountId: row.account_id,
  contactId: row.contact_id,
  funnel: row.funnel,
  version: row.version,
  startedAt: row.started_at.getTime(),
  position: {
    stage: row.stage,
    sinceAt: row.since_at.getTime(),
    why: row.why as FunnelPosition['why'],
    hasIntent: row.has_intent,
    product: row.product,
    reminders: row.reminders,
    lastInboundAt: row.last_inbound_at?.getTime() ?? null,
    endedAt: row.ended_at?.getTime() ?? null,
  },
})

export interface Walker {
  readonly accountId: number
  readonly contactId: number
}

const runs = (tx: TenantTx) => tx.selectFrom('funnel_run').selectAll().where('tenant_id', '=', tx.tenantId)

/** The run somebody is in, locked until the transaction ends; null where they are in none. */
export const lockOpenRun = async (tx: TenantTx, { accountId, contactId }: Walker): Promise<Run | null> => {
  const row = await runs(tx)
    .where('account_id', '=', accountId)
    .where('contact_id', '=', contactId)
    .where('ended_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  return row ? toRun(row) : null
}

/** One run, locked until the transaction ends. */
export const lockRun = async (tx: TenantTx, id: number): Promise<Run | null> => {
  const row = await runs(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ? toRun(row) : null
}

/** Begins a run and writes its first step; of two who begin one, the second gets the first's. */
export const insertRun = async (
  tx: TenantTx,
  walker: Walker,
  begin: {
    readonly funnel: string
    readonly version: number
    readonly position: FunnelPosition
    readonly kind: FunnelStageKind
  },
): Promise<Run> => {
  const { position, funnel, version, kind } = begin
  const at = toDate(position.sinceAt)
  const row = await tx
    .insertInto('funnel_run')
    .values({
      tenant_id: tx.tenantId,
      account_id: walker.accountId,
      contact_id: walker.contactId,
      funnel,
      version,
      stage: position.stage,
      since_at: at,
      why: position.why,
      started_at: at,
    })
    .onConflict((c) =>
      c
        .columns(['tenant_id', 'account_id', 'contact_id'])
        .where('ended_at', 'is', null)
        .where('contact_id', 'is not', null)
        .doNothing(),
    )
    .returningAll()
    .executeTakeFirst()
  if (!row) {
    const open = await lockOpenRun(tx, walker)
    if (!open) throw new Error('a run is in the way of another and is not there')
    return open
  }
  const run = toRun(row)
  await insertSteps(tx, run, [{ from: null, to: position.stage, kind, why: position.why, at: position.sinceAt }])
  return run
}

type WrittenStep = Omit<FunnelStep, 'from' | 'why'> & { readonly from: string | null; readonly why: string }

const insertSteps = async (
  tx: TenantTx,
  run: Pick<Run, 'id' | 'contactId'>,
  steps: readonly WrittenStep[],
): Promise<void> => {
  if (steps.length === 0) return
  await tx
    .insertInto('funnel_step')
    .values(
      steps.map((step) => ({
        tenant_id: tx.tenantId,
        run_id: run.id,
        contact_id: run.contactId,
        from_stage: step.from,
        to_stage: step.to,
        kind: step.kind,
        why: step.why,
        at: toDate(step.at),
      })),
    )
    .execute()
}

/** Writes where a locked run stands now and how it came there. */
export const saveRun = async (
  tx: TenantTx,
  run: Pick<Run, 'id' | 'contactId'>,
  moved: { readonly position: FunnelPosition; readonly steps: readonly FunnelStep[]; readonly wakeAt: number | null },
): Promise<void> => {
  const { position } = moved
  await tx
    .updateTable('funnel_run')
    .set({
      stage: position.stage,
      since_at: toDate(position.sinceAt),
      why: position.why,
      has_intent: position.hasIntent,
      product: position.product,
      reminders: position.reminders,
      last_inbound_at: position.lastInboundAt === null ? null : toDate(position.lastInboundAt),
      ended_at: position.endedAt === null ? null : toDate(position.endedAt),
      wake_at: moved.wakeAt === null ? null : toDate(moved.wakeAt),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', run.id)
    .execute()
  await insertSteps(tx, run, moved.steps)
}

/** Looks at a run again at that instant; never for null. */
export const setWake = async (tx: TenantTx, id: number, at: number | null): Promise<void> => {
  await tx
    .updateTable('funnel_run')
    .set({ wake_at: at === null ? null : toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Runs that have been silent long enough at `now`, the longest first, of all tenants. */
export const selectSilentRuns = async (
  tx: OperatorTx,
  now: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly tenantId: number }[]> => {
  const rows = await tx
    .selectFrom('funnel_run')
    .select(['id', 'tenant_id'])
    .where('wake_at', '<=', toDate(now))
    .where('ended_at', 'is', null)
    .orderBy('wake_at')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.id, tenantId: row.tenant_id }))
}

export interface RunRow {
  readonly id: number
  readonly contactId: number | null
  readonly accountId: number
  readonly funnel: string
  readonly version: number
  readonly stage: string
  readonly why: string
  readonly product: string | null
  readonly reminders: number
  readonly sinceAt: number
  readonly startedAt: number
  readonly endedAt: number | null
}

export interface RunFilter {
  readonly funnel?: string
  readonly stage?: string
  readonly contactId?: number
  readonly beforeId?: number
}

/** Who stands where, newest run first. */
export const listRuns = async (tx: TenantTx, filter: RunFilter, limit: number): Promise<readonly RunRow[]> => {
  let query = runs(tx).orderBy('id', 'desc').limit(limit)
  if (filter.funnel !== undefined) query = query.where('funnel', '=', filter.funnel)
  if (filter.stage !== undefined) query = query.where('stage', '=', filter.stage)
  if (filter.contactId !== undefined) query = query.where('contact_id', '=', filter.contactId)
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  return (await query.execute()).map((row) => {
    const { position, ...run } = toRun(row)
    const { stage, why, product, reminders, sinceAt, endedAt } = position
    return { ...run, stage, why, product, reminders, sinceAt, endedAt }
  })
}

/** The tenant's quiet hours; nobody is reminded in them, not even who allows offers by night. */
export const findQuietHours = async (
  tx: TenantTx,
): Promise<{ readonly fromHour: number; readonly toHour: number; readonly nightConsent: boolean }> => {
  const row = await tx
    .selectFrom('tenant_limits')
    .select(['quiet_from_hour', 'quiet_to_hour'])
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirst()
  return { fromHour: row?.quiet_from_hour ?? 21, toHour: row?.quiet_to_hour ?? 9, nightConsent: false }
}
