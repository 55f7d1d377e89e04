import { randomWord } from '#server/base/secret.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { referralCodeOf } from './referral.rules.ts'
import {
  findBalance,
  findCode,
  findReferralSettings,
  insertCode,
  insertReferral,
  isSuppressed,
  listPointEntries,
  lockCode,
} from './referral.store.ts'
import { settleReferrals } from './settle-referrals.ts'

/** Somebody opened the chat for the first time. */
export interface Arrival {
  readonly newcomerId: number
  readonly accountId: number
  /** What came behind `/start`. */
  readonly payload: string | undefined
  /** Epoch ms. */
  readonly at: number
}

/**
 * Writes down by whom a newcomer came. The first word stays for good. Nothing is written for a code nobody has, while the
 * tenant rewards nobody, or for somebody who may not be written to (one who erased themselves and came back, say); beyond
 * a person's newcomers of a day it is written and never counts. The caller says that the person was not known before.
 * Locks the code.
 */
export const recordReferral = async (tx: TenantTx, { newcomerId, accountId, payload, at }: Arrival): Promise<void> => {
  const code = referralCodeOf(payload)
  if (code === null) return
  const settings = await findReferralSettings(tx)
  if (!settings.isOn || (await isSuppressed(tx, newcomerId))) return
  const found = await lockCode(tx, code, at)
  if (!found || found.referrerId === newcomerId) return
  const { referrerId, today } = found
  const reason = today >= settings.dailyMax ? 'daily_limit' : null
  await insertReferral(tx, { newcomerId, referrerId, accountId, reason, at })
}

const CODE_LENGTH = 10
const ENTRIES_SHOWN = 50
const TRIES = 5

/** What somebody who brings people is told. */
export interface ReferralCard {
  /** What stands behind `r_` in their link. */
  readonly code: string
  readonly points: number
  /** Points of one newcomer who stays. */
  readonly pointsPerPerson: number
  /** Of their own redemptions, newest first. */
  readonly coupons: readonly string[]
}

/**
 * The contact's own code, made when first asked for, and their points of this moment; null while the tenant rewards
 * nobody. The contact is locked by the caller, so that there is one code.
 */
export const openReferralCard = async (
  tx: TenantTx,
  { contactId, at }: { readonly contactId: number; readonly at: number },
): Promise<ReferralCard | null> => {
  const { isOn, pointsPerPerson } = await findReferralSettings(tx)
  if (!isOn) return null
  await settleReferrals(tx, { referrerId: contactId, at })
  const entries = await listPointEntries(tx, contactId, ENTRIES_SHOWN)
  return {
    code: (await findCode(tx, contactId)) ?? (await makeCode(tx, contactId, at)),
    points: await findBalance(tx, contactId),
    pointsPerPerson,
    coupons: entries.flatMap(({ coupon }) => (coupon === null ? [] : [coupon])),
  }
}

const makeCode = async (tx: TenantTx, contactId: number, at: number): Promise<string> => {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const code = randomWord(CODE_LENGTH)
    if (await insertCode(tx, code, contactId, at)) return code
  }
  throw new Error('no free referral code was found')
}
