import { AppError, invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getContact } from '#server/modules/contacts/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type ReferralSettings, checkCoupon, checkReferralSettings } from './referral.rules.ts'
import { findBalance, findReferralSettings, insertRedemption, saveReferralSettings } from './referral.store.ts'

/**
 * Takes points for a coupon that the tenant gave the person: the code is written beside them, once. Returns what is left.
 * Audited. Errors: `forbidden/not_allowed`, `not_found` (contact), `invalid/coupon_malformed`,
 * `invalid/whole_number_expected`, `limit_reached/points_short`, `conflict/coupon_taken`.
 */
export const redeemPoints = async (
  tx: TenantTx,
  input: { readonly contactId: number; readonly points: number; readonly coupon: string },
  { by, access, at }: ActingPerson,
): Promise<{ readonly contactId: number; readonly points: number }> => {
  requireCan(access, 'contacts.edit')
  const { id: contactId } = await getContact(tx, input.contactId)
  const coupon = checkCoupon(input.coupon)
  const { points } = input
  if (!Number.isInteger(points) || points < 1 || points > POINTS_MAX)
    throw invalid('whole_number_expected', 'points', { given: String(points), min: 1, max: POINTS_MAX })
  const end = await insertRedemption(tx, { contactId, points, coupon, by, at })
  if (end === 'short')
    throw new AppError('limit_reached', 'points_short', { field: 'points', has: await findBalance(tx, contactId) })
  if (end === 'coupon_taken') throw new AppError('conflict', 'coupon_taken', { field: 'coupon' })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'points.redeemed',
    target: `contact:${contactId}`,
    detail: { points },
    at,
  })
  return { contactId, points: await findBalance(tx, contactId) }
}

const POINTS_MAX = 1_000_000_000

/**
 * Says how bringing people is rewarded. Audited. Errors: `forbidden/not_allowed`, `invalid/whole_number_expected`.
 */
export const setReferralSettings = async (
  tx: TenantTx,
  change: Partial<ReferralSettings>,
  { by, access, at }: ActingPerson,
): Promise<ReferralSettings> => {
  requireCan(access, 'settings.edit')
  const settings = checkReferralSettings({ ...(await findReferralSettings(tx)), ...change })
  await saveReferralSettings(tx, settings, by, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'referrals.updated',
    detail: { ...settings },
    at,
  })
  return settings
}
