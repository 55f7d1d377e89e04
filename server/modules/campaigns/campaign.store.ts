import { sql } from 'kysely'

import type { CampaignGoalKind, CampaignKind, CampaignState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { notFound } from '#server/base/errors.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

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
  goal_kind: settings.goal?.kind ?? null,
  goal_target: settings.goal?.target ?? null,
  stops_at_goal: settings.goal?.stops ?? false,
  pins: settings.pins,
  best_chats: settings.bestChats,
  takes_late_joiners: settings.takesLateJoiners,
})

/** Null when the tenant already has a campaign of that name. */
export const insertCampaign = async (
  tx: TenantTx,
  settings: CampaignSettings,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<number | null> => {
  const row = await tx
    .insertInto('campaign')
    .values({ tenant_id: tx.tenantId, ...columnsOf(settings), edited_by: [by], created_at: toDate(at) })
    .onConflict((c) => c.columns(['tenant_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** Who changes it takes its approval away. False when another campaign of the tenant has the name. */
export const updateCampaignRow = async (
  tx: TenantTx,
  id: number,
  settings: CampaignSettings,
  by: string,
): Promise<boolean> => {
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
    .set({
      ...columnsOf(settings),
      edited_by: sql<string[]>`case when ${by} = any(edited_by) then edited_by else edited_by || ${by}::text end`,
      approved_by: null,
      approved_at: null,
      approved_version: null,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
  return true
}

/** Writes the state together with the instant that belongs to it. */
export const setCampaignState = async (tx: TenantTx, id: number, state: CampaignState, at: number): Promise<void> => {
  const now = toDate(at)
  const instants = {
    draft: { submitted_by: null, submitted_at: null },
    in_review: {},
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

/** Puts a draft before somebody who approves it. */
export const saveSubmission = async (
  tx: TenantTx,
  id: number,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  await tx
    .updateTable('campaign')
    .set({ state: 'in_review', submitted_by: by, submitted_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Whoever edits from here on edits something approved. */
export const saveApproval = async (
  tx: TenantTx,
  id: number,
  version: string,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  await tx
    .updateTable('campaign')
    .set({ approved_by: by, approved_at: toDate(at), approved_version: version, edited_by: [] })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Opens a campaign again that had ended by itself. */
export const saveReopening = async (tx: TenantTx, id: number): Promise<void> => {
  await tx
    .updateTable('campaign')
    .set({ state: 'running', completed_at: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('state', '=', 'completed')
    .execute()
}

/** Notes when the goal was reached; the first instant stays. */
export const saveGoalReached = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  await tx
    .updateTable('campaign')
    .set({ goal_reached_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('goal_reached_at', 'is', null)
    .execute()
}

/** The furthest step planned for anybody in a drip, from 0; -1 before any was. */
export const findFurthestStep = async (tx: TenantTx, id: number): Promise<number> => {
  const row = await tx
    .selectFrom('drip_position')
    .select((eb) => eb.fn.max('step').as('step'))
    .where('tenant_id', '=', tx.tenantId)
    .where('campaign_id', '=', id)
    .executeTakeFirst()
  return row?.step ?? -1
}

/** Has everybody on their way looked at again: the steps before them are others now. */
export const recheckPositions = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  await tx
    .updateTable('drip_position')
    .set({ check_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('campaign_id', '=', id)
    .where('state', '=', 'active')
    .execute()
}

/** Which of these chats are not the tenant's. */
export const findUnknownChat = async (tx: TenantTx, chatIds: readonly number[]): Promise<number | null> => {
  if (chatIds.length === 0) return null
  const rows = await tx
    .selectFrom('chat')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', 'in', [...chatIds])
    .execute()
  const known = new Set(rows.map((row) => row.id))
  return chatIds.find((id) => !known.has(id)) ?? null
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
    // What was stored before there were own segments names none.
    audience: { own: [], ...(row.audience as Omit<CampaignAudience, 'own'>) },
    steps: row.steps as readonly CampaignStep[],
    startsAt: row.starts_at?.getTime() ?? null,
    endsAt: row.ends_at?.getTime() ?? null,
    holdoutRatio: row.holdout_ratio,
    goal:
      row.goal_kind === null || row.goal_target === null
        ? null
        : { kind: row.goal_kind as CampaignGoalKind, target: row.goal_target, stops: row.stops_at_goal },
    pins: row.pins,
    bestChats: row.best_chats,
    takesLateJoiners: row.takes_late_joiners,
    goalReachedAt: row.goal_reached_at?.getTime() ?? null,
    editedBy: row.edited_by,
    submittedBy: row.submitted_by,
    submittedAt: row.submitted_at?.getTime() ?? null,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at?.getTime() ?? null,
    approvedVersion: row.approved_version,
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

/** Drips that run and are planned, of every tenant. */
export const listRunningDrips = async (
  tx: OperatorTx,
): Promise<
  readonly { readonly tenantId: number; readonly campaignId: number; readonly takesLateJoiners: boolean }[]
> => {
  const rows = await tx
    .selectFrom('campaign')
    .select(['tenant_id', 'id', 'takes_late_joiners'])
    .where('state', '=', 'running')
    .where('kind', '=', 'drip')
    .where('planned_at', 'is not', null)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    campaignId: row.id,
    takesLateJoiners: row.takes_late_joiners,
  }))
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
