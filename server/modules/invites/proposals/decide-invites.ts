import { AppError, notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { decideBatch, dropProposals } from './proposal.store.ts'

export interface InviteDecision {
  readonly batchId: number
  readonly isApproved: boolean
  /** People taken out of the batch before it is approved. */
  readonly without?: readonly number[]
}

/**
 * A person's word on a batch: approved, its invitations go to the guard one by one; rejected, nobody is asked. Locks the
 * batch. Audited. Emits `invites.waiting`. Errors: `forbidden/not_allowed`, `not_found`, `conflict/invites_decided`.
 */
export const decideInvites = async (
  tx: TenantTx,
  { batchId, isApproved, without = [] }: InviteDecision,
  { by, access, at }: ActingPerson,
): Promise<void> => {
  requireCan(access, 'campaigns.start')
  const state = isApproved ? 'approved' : 'rejected'
  const end = await decideBatch(tx, batchId, { state, by, at })
  if (end === null) throw notFound('invite batch', batchId)
  if (end !== 'done')
    throw new AppError('conflict', 'invites_decided', { field: 'batchId', batch: batchId, state: end })
  if (isApproved) await dropProposals(tx, batchId, without)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: `invites.${state}`,
    target: `invite_batch:${batchId}`,
    detail: { without: without.length },
    at,
  })
  if (isApproved) await emitEvents(tx, at, [{ type: 'invites.waiting', payload: {} }])
}
