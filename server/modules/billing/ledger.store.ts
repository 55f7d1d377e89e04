import { sql } from 'kysely'

import type { PaymentProviderName } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { LedgerAccount, Posting } from './payment.rules.ts'

/** Writes postings, two rows each. A posting that was made before is refused by the table. */
export const insertPostings = async (
  tx: TenantTx,
  paymentId: number,
  postings: readonly Posting[],
  at: number,
): Promise<void> => {
  if (postings.length === 0) return
  const rows = postings.flatMap(({ posting, from, to, amountMinor, currency }) =>
    (
      [
        [to, amountMinor],
        [from, -amountMinor],
      ] as const
    ).map(([account, amount]) => ({
      tenant_id: tx.tenantId,
      payment_id: paymentId,
      posting,
      account,
      amount_minor: amount,
      currency,
      at: toDate(at),
    })),
  )
  await tx.insertInto('ledger_entry').values(rows).execute()
}

export interface ProviderEventRow {
  readonly paymentId: number
  readonly provider: PaymentProviderName
  readonly eventId: string
  readonly kind: 'paid' | 'failed' | 'refunded'
  readonly amountMinor: number
  readonly currency: string
  readonly outcome: string
  readonly at: number
}

/** Whether this event has been heard before. */
export const hasProviderEvent = async (
  tx: TenantTx,
  provider: PaymentProviderName,
  eventId: string,
): Promise<boolean> => {
  const row = await tx
    .selectFrom('payment_event')
    .select('event_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('provider', '=', provider)
    .where('event_id', '=', eventId)
    .executeTakeFirst()
  return row !== undefined
}

export const insertProviderEvent = async (tx: TenantTx, event: ProviderEventRow): Promise<void> => {
  await tx
    .insertInto('payment_event')
    .values({
      tenant_id: tx.tenantId,
      payment_id: event.paymentId,
      provider: event.provider,
      event_id: event.eventId,
      kind: event.kind,
      amount_minor: event.amountMinor,
      currency: event.currency,
      outcome: event.outcome,
      received_at: toDate(event.at),
    })
    .execute()
}

export interface LedgerBalance {
  readonly account: LedgerAccount
  readonly currency: string
  readonly amountMinor: number
}

/** What each account holds, of the tenant or of all. */
export const selectBalances = async (tx: TenantTx | OperatorTx): Promise<readonly LedgerBalance[]> => {
  const rows = await (tx as OperatorTx)
    .selectFrom('ledger_entry')
    .select(['account', 'currency', sql<string>`sum(amount_minor)`.as('amount')])
    .groupBy(['account', 'currency'])
    .orderBy('account')
    .orderBy('currency')
    .execute()
  return rows.map((row) => ({
    account: row.account as LedgerAccount,
    currency: row.currency,
    amountMinor: Number(row.amount),
  }))
}

export interface RevenueRow {
  /** First day of the month, UTC. */
  readonly monthOn: string
  readonly package: string
  readonly currency: string
  /** Earned less refunds. */
  readonly amountMinor: number
  /** Payments that were earned in the month, refunded since or not. */
  readonly payments: number
}

/** What was earned from `from` (inclusive) to `to`, by month, package and currency. */
export const selectRevenue = async (
  tx: TenantTx | OperatorTx,
  from: number,
  to: number,
): Promise<readonly RevenueRow[]> => {
  const { rows } = await sql<{
    month: string
    package: string
    currency: string
    amount: string
    payments: number
  }>`
    select to_char(date_trunc('month', e.at at time zone 'UTC'), 'YYYY-MM-DD') as month, p.package, e.currency,
      -sum(e.amount_minor) as amount, count(*) filter (where e.posting = 'recognised') as payments
    from ledger_entry e join payment p on p.tenant_id = e.tenant_id and p.id = e.payment_id
    where e.account = 'revenue' and e.at >= ${toDate(from)} and e.at < ${toDate(to)}
    group by 1, 2, 3 order by 1, 2, 3`.execute(tx)
  return rows.map((row) => ({
    monthOn: row.month,
    package: row.package,
    currency: row.currency,
    amountMinor: Number(row.amount),
    payments: row.payments,
  }))
}
