import { randomInt } from 'node:crypto'

import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { type NewPayment, checkNewPayment } from './payment-input.rules.ts'
import { PAYMENT_OPEN_MS, type Payment } from './payment.rules.ts'
import { countOpenPayments, insertPayment } from './payment.store.ts'

/** Without 0, 1, I, L and O: people copy it by hand into a bank's form. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const CODE_LENGTH = 10
const TRIES = 5

/** Somebody who opens more orders than this pays none of them. */
const OPEN_MAX = 20

const createReference = (): string =>
  `GC${Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`

/**
 * Opens an order of the tenant with a reference of its own; unpaid, it expires after 72 hours. Errors: `invalid` naming
 * the field, `limit_reached/payments_open_max` at 20 undecided orders.
 */
export const createPayment = async (
  tx: TenantTx,
  input: NewPayment,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Payment> => {
  const checked = checkNewPayment(input)
  if ((await countOpenPayments(tx)) >= OPEN_MAX)
    throw new AppError('limit_reached', 'payments_open_max', { max: OPEN_MAX })
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const row = { ...checked, reference: createReference(), by, createdAt: at, expiresAt: at + PAYMENT_OPEN_MS }
    const payment = await insertPayment(tx, row)
    if (!payment) continue
    await recordAudit(tx, {
      tenantId: tx.tenantId,
      actor: by,
      action: 'payment.created',
      target: payment.reference,
      detail: { provider: payment.provider, package: payment.package, amountMinor: payment.asked.amountMinor },
      at,
    })
    return payment
  }
  throw new Error(`no free reference in ${TRIES} tries`)
}
