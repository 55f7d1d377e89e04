import { isDeepStrictEqual } from 'node:util'

import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { requireFeature } from '#server/modules/billing/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { OWN_SEGMENTS_MAX, type OwnSegment, parseOwnConditions, parseOwnName } from './own-segment.rules.ts'
import {
  countOwnSegments,
  deleteOwnSegment,
  findCampaignUsing,
  insertOwnSegment,
  isOwnNameTaken,
  lockOwnSegment,
  lockOwnSegmentNames,
  updateOwnSegmentRow,
} from './own-segment.store.ts'

/** A wish; both parts may be anything and are checked. */
export interface OwnSegmentInput {
  readonly name: unknown
  readonly conditions: unknown
}

/** Campaigns that are going on: whom they are for is settled. */
const UNDER_WAY = ['running', 'paused'] as const
const NOT_OVER = ['draft', 'in_review', ...UNDER_WAY] as const

const audit = (tx: TenantTx, action: string, { id, name }: OwnSegment, { by, at }: ActingPerson): Promise<void> =>
  recordAudit(tx, { tenantId: tx.tenantId, actor: by, action, target: `own_segment:${id}`, detail: { name }, at })

const refuseTakenName = async (tx: TenantTx, name: string, except: number | null): Promise<void> => {
  if (await isOwnNameTaken(tx, name, except))
    throw new AppError('conflict', 'own_segment_name_taken', { field: 'name', name })
}

const refuseWhileUsed = async (tx: TenantTx, id: number, states: readonly string[], code: string): Promise<void> => {
  const campaign = await findCampaignUsing(tx, id, states)
  if (campaign !== null) throw new AppError('conflict', code, { campaign: campaign.name, id: campaign.id })
}

/** The tenant's right to make and change segments, by role and package. */
const requireMaking = async (tx: TenantTx, actor: ActingPerson): Promise<void> => {
  requireCan(actor.access, 'segments.edit')
  await requireFeature(tx, { tier: 'crm', level: 'full' }, actor.at)
}

/**
 * Makes a segment of the tenant's own. Audited. Locks the tenant's names. Errors: `forbidden/not_allowed`,
 * `limit_reached/package_feature`, `limit_reached/own_segments_full`, `conflict/own_segment_name_taken`, `invalid/own_segment_…` and
 * `invalid/segment_rule_…` naming the field.
 */
export const createOwnSegment = async (
  tx: TenantTx,
  input: OwnSegmentInput,
  actor: ActingPerson,
): Promise<OwnSegment> => {
  await requireMaking(tx, actor)
  const content = { name: parseOwnName(input.name), conditions: parseOwnConditions(input.conditions) }
  await lockOwnSegmentNames(tx)
  if ((await countOwnSegments(tx)) >= OWN_SEGMENTS_MAX)
    throw new AppError('limit_reached', 'own_segments_full', { max: OWN_SEGMENTS_MAX })
  await refuseTakenName(tx, content.name, null)
  const made = await insertOwnSegment(tx, content, actor)
  await audit(tx, 'own_segment.created', made, actor)
  return made
}

/**
 * Replaces the name and conditions of an own segment. Whom a campaign under way is for stays, so conditions wait until it is
 * over; a draft follows, and what somebody approved of it is void. Audited. Locks the names and the segment. Errors: those of
 * {@link createOwnSegment}, `not_found`, `conflict/own_segment_moved_on` when it is no longer the version that was looked at,
 * `conflict/own_segment_under_way` naming the campaign.
 */
export const updateOwnSegment = async (
  tx: TenantTx,
  id: number,
  { expectedVersion, ...input }: OwnSegmentInput & { readonly expectedVersion: number },
  actor: ActingPerson,
): Promise<OwnSegment> => {
  await requireMaking(tx, actor)
  const content = { name: parseOwnName(input.name), conditions: parseOwnConditions(input.conditions) }
  await lockOwnSegmentNames(tx)
  const before = await lockOwnSegment(tx, id)
  if (before === null) throw notFound('own_segment', id)
  if (before.version !== expectedVersion)
    throw new AppError('conflict', 'own_segment_moved_on', { field: 'expectedVersion', id })
  await refuseTakenName(tx, content.name, id)
  if (!isDeepStrictEqual(before.conditions, content.conditions))
    await refuseWhileUsed(tx, id, UNDER_WAY, 'own_segment_under_way')
  const after = await updateOwnSegmentRow(tx, id, content, actor)
  await audit(tx, 'own_segment.updated', after, actor)
  return after
}

/**
 * Removes an own segment; its people stay. Audited. Locks it. Errors: `forbidden/not_allowed`, `not_found`,
 * `conflict/own_segment_in_use` naming a campaign that is not over and for its people.
 */
export const removeOwnSegment = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<OwnSegment> => {
  requireCan(actor.access, 'segments.edit')
  const segment = await lockOwnSegment(tx, id)
  if (segment === null) throw notFound('own_segment', id)
  await refuseWhileUsed(tx, id, NOT_OVER, 'own_segment_in_use')
  await deleteOwnSegment(tx, id)
  await audit(tx, 'own_segment.removed', segment, actor)
  return segment
}
