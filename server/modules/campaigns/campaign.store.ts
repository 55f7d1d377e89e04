import { sql } from 'kysely'

import type { CampaignKind, CampaignState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Campaign, CampaignAudience, CampaignSettings, CampaignStep } from './campaign.rules.ts'

const columnsOf = (settings: CampaignSettings) => ({
  name: settings.name,
  kind: settings.kind,
  account_id: settings.accountId,
  audience: JSON.stringify(settings.audience),
  steps: JSON.stringify(settings.steps),
  starts_at: settings.startsAt === null ? null : toDate(settings.startsAt),
  ends_at: settings.endsAt === null ? null : toDate(settings.endsAt),
  holdout_ratio: settings.holdoutRatio,
})

/** Null when the tenant already has a campaign of that name. */
export const insertCampaign = async (tx: TenantTx, settings: CampaignSettings, at: number): Promise<number | null> => {
  const row = await tx
    .insertInto('campaign')
    .values({ tenant_id: tx.tenantId, ...columnsOf(settings), created_at: toDate(at) })
    .onConflict((c) => c.columns(['tenant_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** False when another campaign of the tenant has the name. */
export const updateCampaignRow = async (tx: TenantTx, id: number, settings: CampaignSettings): Promise<boolean> => {
  const taken = await tx
    .selectFrom('campaign')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('name', '=', settings.name)
    .where('id', '<>', id)
    .executeTakeFirst()
  if (taken) return false
  await tx
    .updateTable('campaign')
    .set(columnsOf(settings))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
  return true
}

/** Writes the state together with the instant that belongs to it. */
export const setCampaignState = async (tx: TenantTx, id: number, state: CampaignState, at: number): Promise<void> => {
  const now = toDate(at)
  const instants = {
    draft: {},
    running: { started_at: sql<Date>`coalesce(started_at, ${now})`, paused_at: null },
    paused: { paused_at: now },
    completed: { completed_at: now },
    cancelled: { completed_at: now },
  } as const satisfies Record<CampaignState, object>
  await tx
    .updateTable('campaign')
    .set({ state, ...instants[state] })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const setCampaignPlanned = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  await tx
    .updateTable('campaign')
    .set({ planned_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export interface CampaignFilter {
  readonly ids?: readonly number[]
  readonly state?: CampaignState
  readonly kind?: CampaignKind
  /** Ids below this one; pages go from new to old. */
  readonly beforeId?: number
  /** 1–500, 50 when not given. */
  readonly limit?: number
}

const readCampaigns = async (
  tx: TenantTx,
  filter: CampaignFilter,
  lock: 'update' | 'share' | null,
): Promise<readonly Campaign[]> => {
  let query = tx
    .selectFrom('campaign')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('id', 'desc')
    .limit(Math.min(Math.max(1, filter.limit ?? 50), 500))
  if (filter.ids) query = query.where('id', '=', sql<number>`any(${sql.val([...filter.ids])}::bigint[])`)
  if (filter.state) query = query.where('state', '=', filter.state)
  if (filter.kind) query = query.where('kind', '=', filter.kind)
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  if (lock === 'update') query = query.forNoKeyUpdate()
  if (lock === 'share') query = query.forShare()
  const rows = await query.execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind as CampaignKind,
    state: row.state as CampaignState,
    accountId: row.account_id,
    audience: row.audience as CampaignAudience,
    steps: row.steps as readonly CampaignStep[],
    startsAt: row.starts_at?.getTime() ?? null,
    endsAt: row.ends_at?.getTime() ?? null,
    holdoutRatio: row.holdout_ratio,
    plannedAt: row.planned_at?.getTime() ?? null,
    startedAt: row.started_at?.getTime() ?? null,
    pausedAt: row.paused_at?.getTime() ?? null,
    endedAt: row.completed_at?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
  }))
}

/** Campaigns from new to old. */
export const listCampaigns = (tx: TenantTx, filter: CampaignFilter = {}): Promise<readonly Campaign[]> =>
  readCampaigns(tx, filter, null)

/** One campaign. Errors: `not_found`. */
export const getCampaign = async (tx: TenantTx, id: number): Promise<Campaign> => {
  const [campaign] = await readCampaigns(tx, { ids: [id] }, null)
  if (!campaign) throw notFound('campaign', id)
  return campaign
}

/**
 * One campaign, held until the transaction ends: `update` against every other change, `share` so that its state cannot
 * change meanwhile. Errors: `not_found`.
 */
export const lockCampaign = async (tx: TenantTx, id: number, mode: 'update' | 'share'): Promise<Campaign> => {
  const [campaign] = await readCampaigns(tx, { ids: [id] }, mode)
  if (!campaign) throw notFound('campaign', id)
  return campaign
}

/** State of an account of the tenant, or null. */
export const findAccountState = async (tx: TenantTx, accountId: number): Promise<string | null> => {
  const row = await tx
    .selectFrom('account')
    .select('state')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .executeTakeFirst()
  return row?.state ?? null
}
