import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, maskContact, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import {
  type FailedCampaign,
  type HeldBackReason,
  type WaitingChoice,
  type WaitingDelivery,
  type WaitingFilter,
  type WaitingReason,
  cancelChosen,
  countHeldBack,
  countWaiting,
  listFailedCampaigns,
  selectWaiting,
} from './queue.store.ts'

export interface QueueReport {
  readonly waiting: readonly WaitingReason[]
  readonly heldBack: readonly HeldBackReason[]
  readonly failedCampaigns: readonly FailedCampaign[]
}

/** What waits and why, and what did not arrive since then (epoch ms). Errors: `forbidden/not_allowed`. */
export const reportQueue = async (
  tx: TenantTx,
  since: number,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<QueueReport> => {
  requireCan(access, 'deliveries.view')
  return {
    waiting: await countWaiting(tx),
    heldBack: await countHeldBack(tx, since),
    failedCampaigns: await listFailedCampaigns(tx, since),
  }
}

/** A page of what waits, names as whoever asks may see them. Errors: `forbidden/not_allowed`. */
export const listWaiting = async (
  tx: TenantTx,
  filter: WaitingFilter,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<readonly WaitingDelivery[]> => {
  requireCan(access, 'deliveries.view')
  return (await selectWaiting(tx, filter)).map((row) => maskContact(access, row))
}

/**
 * Cancels one message that waits, or all that wait for a reason. What is on its way is not touched, and what was paid for
 * is handed over all the same. Audited. Returns how many. Errors: `forbidden/not_allowed`, `conflict/delivery_not_waiting`
 * for a single one that has left or ended.
 */
export const cancelWaiting = async (tx: TenantTx, choice: WaitingChoice, actor: ActingPerson): Promise<number> => {
  requireCan(actor.access, 'campaigns.start')
  const count = await cancelChosen(tx, choice, 'cancelled_by_member', actor.at)
  if ('id' in choice && count === 0)
    throw new AppError('conflict', 'delivery_not_waiting', { field: 'id', id: choice.id })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'queue.cancelled',
    target: 'id' in choice ? `delivery:${choice.id}` : 'queue',
    detail: { count, ...('reason' in choice && { reason: choice.reason }) },
    at: actor.at,
  })
  return count
}
