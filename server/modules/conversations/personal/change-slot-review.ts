import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { SLOT_REVIEWS, type SlotReview } from './slot.rules.ts'
import { findSlotReview, saveSlotReview } from './slot.store.ts'

/**
 * Sets whether a member reads each text before it may leave (`required`) or the checks alone decide (`checks`); what was
 * written before keeps its state. Audited. Errors: `forbidden/not_allowed`, `invalid/unknown_word`.
 */
export const changeSlotReview = async (
  tx: TenantTx,
  review: SlotReview,
  { by, access, at }: ActingPerson,
): Promise<SlotReview> => {
  requireCan(access, 'settings.edit')
  if (!SLOT_REVIEWS.includes(review)) throw invalid('unknown_word', 'review', { allowed: SLOT_REVIEWS.join(', ') })
  const before = await findSlotReview(tx)
  if (before === review) return review
  await saveSlotReview(tx, review, { by, at })
  const detail = { 'review.before': before, 'review.after': review }
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'slots.review_changed', detail, at })
  return review
}
