import { toDate } from '#server/base/clock.ts'
import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { checkOptionalText } from './payment-input.rules.ts'
import type { Payment } from './payment.rules.ts'
import { lockPayment } from './payment.store.ts'
import { settlePayment } from './settle-payment.ts'

export interface PaymentClaim {
  readonly reference: string
  /** Who says so: `telegram:123`, `member:12`. */
  readonly by: string
  /** What shows it, one of both at least: a text of up to 2000 characters, a file's id. */
  readonly evidenceText?: string | null
  readonly evidenceFileId?: string | null
  readonly at: number
}

/**
 * "I have paid": puts a transfer into the approval queue; nothing begins yet. The same person may say it again, which
 * changes nothing. Errors: `not_found`, `invalid` (evidence), `conflict/payment_claimed_by_another`, `payment_closed`
 * when it has expired or is decided, `payment_not_claimable` for a provider that tells by itself.
 */
export const claimPayment = async (tx: TenantTx, claim: PaymentClaim): Promise<Payment> => {
  const evidenceText = checkOptionalText('evidenceText', claim.evidenceText ?? null, 2_000)
  const evidenceFileId = checkOptionalText('evidenceFileId', claim.evidenceFileId ?? null, 300)
  if (evidenceText === null && evidenceFileId === null) throw invalid('payment_evidence_missing', 'evidenceText')
  const payment = await lockPayment(tx, { reference: claim.reference.trim().toUpperCase() })
  if (!payment) throw notFound('payment', claim.reference.slice(0, 64))
  if (payment.claimedBy !== null && payment.claimedBy !== claim.by)
    throw new AppError('conflict', 'payment_claimed_by_another', { reference: payment.reference })
  // The duty that closes overdue orders may not have come by yet.
  if (payment.state === 'created' && payment.expiresAt <= claim.at)
    throw new AppError('conflict', 'payment_closed', { reference: payment.reference, state: 'expired' })
  const settled = await settlePayment(tx, payment, {
    act: { kind: 'claim' },
    by: claim.by,
    at: claim.at,
    activate: null,
    columns: {
      claimed_by: claim.by,
      claimed_at: toDate(claim.at),
      evidence_text: evidenceText,
      evidence_file_id: evidenceFileId,
    },
  })
  return settled.payment
}
