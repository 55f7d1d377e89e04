import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

export interface PackageRevenueRow {
  readonly package: string
  readonly currency: string
  readonly periods: number
  readonly paid_minor: number
}

/** What was paid between two instants, by package. */
export const sumPaid = async (tx: OperatorTx, from: number, to: number): Promise<readonly PackageRevenueRow[]> => {
  const { rows } = await sql<PackageRevenueRow>`
    select package, currency, count(*)::integer as periods, sum(paid_minor)::bigint as paid_minor from subscription_period
    where paid_minor > 0 and recorded_at >= ${toDate(from)} and recorded_at < ${toDate(to)}
    group by package, currency order by package, currency`.execute(tx)
  return rows
}

export interface PayingTenant {
  readonly tenant_id: number
  readonly package: string
  /** Money and credit of the period that covers the instant. */
  readonly value_minor: number
  readonly length_ms: number
}

/**
 * Who pays at an instant: the newest period written by then that covers it and is worth money. One written later that
 * begins elsewhere replaces it, as a change of package does.
 */
export const listPaying = async (tx: OperatorTx, at: number): Promise<readonly PayingTenant[]> => {
  const { rows } = await sql<PayingTenant>`
    select distinct on (tenant_id) tenant_id, package, (value_minor + credit_minor)::bigint as value_minor,
      (extract(epoch from ends_at - starts_at) * 1000)::float8 as length_ms
    from subscription_period
    where recorded_at <= ${toDate(at)} and starts_at <= ${toDate(at)} and ends_at > ${toDate(at)}
      and value_minor + credit_minor > 0
    order by tenant_id, recorded_at desc, id desc`.execute(tx)
  return rows
}
