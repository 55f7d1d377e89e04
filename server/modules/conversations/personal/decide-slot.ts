import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import type { WrittenSlot } from './slot.rules.ts'
import { lockSlot, saveSlotDecision } from './slot.store.ts'

const SLOT_DECISIONS = ['approve', 'reject'] as const

export interface SlotVerdict {
  readonly slotId: number
  readonly decision: (typeof SLOT_DECISIONS)[number]
}

/**
 * A member lets a proposed text leave with its message, or takes a proposed or approved one back: once this returns, a
 * rejected text does not leave. What a check stopped cannot be approved. Locks the delivery, then the text. Returns it as
 * decided. Errors: `forbidden/not_allowed`, `not_found`, `invalid/unknown_word`, `conflict/slot_decided` with its state,
 * also when the message no longer waits.
 */
export const decideSlot = async (
  tx: TenantTx,
  { slotId, decision }: SlotVerdict,
  { by, access, at }: ActingPerson,
): Promise<WrittenSlot> => {
  requireCan(access, 'templates.approve')
  if (!SLOT_DECISIONS.includes(decision))
    throw invalid('unknown_word', 'decision', { allowed: SLOT_DECISIONS.join(', ') })
  const found = await lockSlot(tx, slotId)
  if (!found) throw notFound('slot', slotId)
  const { slot, isWaiting } = found
  const mayBe = decision === 'approve' ? ['proposed'] : ['proposed', 'approved']
  if (!isWaiting || !mayBe.includes(slot.state))
    throw new AppError('conflict', 'slot_decided', { id: slotId, state: slot.state })
  const state = decision === 'approve' ? 'approved' : 'rejected'
  await saveSlotDecision(tx, slotId, { state, by, at })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: `slot.${state}`,
    target: `slot:${slotId}`,
    detail: { deliveryId: slot.deliveryId },
    at,
  })
  return { ...slot, state, decidedBy: by }
}
