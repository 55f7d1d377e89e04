import { notFound } from '#server/base/errors.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { type LedgerBalance, type RevenueRow, selectBalances, selectRevenue } from './ledger.store.ts'
import type { Payment } from './payment.rules.ts'
import { type PaymentFilter, type PaymentKey, selectPayment, selectPayments } from './payment.store.ts'

/** Newest first, at most `limit` (1–200): of the tenant, or of all for an operator. */
export const listPayments = (
  tx: TenantTx | OperatorTx,
  filter: PaymentFilter = {},
  limit = 50,
): Promise<readonly Payment[]> => selectPayments(tx, filter, Math.min(Math.max(limit, 1), 200))

/** One payment by id or reference. Errors: `not_found`. */
export const getPayment = async (tx: TenantTx | OperatorTx, key: PaymentKey): Promise<Payment> => {
  const payment = await selectPayment(tx, key)
  if (!payment) throw notFound('payment', 'id' in key ? key.id : key.reference.slice(0, 64))
  return payment
}

/** What each ledger account holds, in minor units by currency; the accounts add up to zero. */
export const listLedgerBalances = (tx: TenantTx | OperatorTx): Promise<readonly LedgerBalance[]> => selectBalances(tx)

/** What was earned less refunds, by month (UTC), package and currency; `from` inclusive, `to` exclusive, epoch ms. */
export const listRevenue = (
  tx: TenantTx | OperatorTx,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly RevenueRow[]> => selectRevenue(tx, from, to)
