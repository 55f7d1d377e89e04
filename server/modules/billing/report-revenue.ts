import { AppError } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { CATALOGUE } from './catalogue.rules.ts'
import { listPaying, sumPaid } from './revenue.store.ts'
import { PERIOD_MS } from './subscription.rules.ts'

export interface PackageRevenue {
  readonly package: string
  /** What it was paid in; minor units of different currencies do not add up. */
  readonly currency: string
  readonly periods: number
  readonly paidMinor: number
}

export interface RevenueReport {
  /** What was paid between the two instants. */
  readonly packages: readonly PackageRevenue[]
  /** The currency of `mrrMinor`. */
  readonly currency: string
  /** Running periods at the end, each brought to one period of the catalogue (30 days). */
  readonly mrrMinor: number
  readonly payingAtStart: number
  readonly payingAtEnd: number
  /** Share of those who paid at the start and pay no more at the end, 0–1; null when nobody paid at the start. */
  readonly churnRatio: number | null
}

/**
 * Revenue by package, monthly recurring revenue, and churn between `from` and `to` (epoch ms, `to` exclusive), read from
 * the periods that were paid for. Errors: `invalid/period_empty`.
 */
export const reportRevenue = async (
  tx: OperatorTx,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<RevenueReport> => {
  if (from >= to) throw new AppError('invalid', 'period_empty', { field: 'to' })
  const paid = await sumPaid(tx, from, to)
  const atStart = await listPaying(tx, from)
  const atEnd = await listPaying(tx, to)
  const stay = new Set(atEnd.map((row) => row.tenant_id))
  const gone = atStart.filter((row) => !stay.has(row.tenant_id)).length
  return {
    currency: CATALOGUE.currency,
    packages: paid.map(({ paid_minor: paidMinor, ...row }) => ({ ...row, paidMinor })),
    mrrMinor: Math.round(atEnd.reduce((sum, row) => sum + (row.value_minor / row.length_ms) * PERIOD_MS, 0)),
    payingAtStart: atStart.length,
    payingAtEnd: atEnd.length,
    churnRatio: atStart.length === 0 ? null : gone / atStart.length,
  }
}
