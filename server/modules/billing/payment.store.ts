import { type Selectable, type Updateable, sql } from 'kysely'

import type { PaymentProviderName, PaymentReviewReason, PaymentState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { PaymentTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { Payment } from './payment.rules.ts'

const at = (value: Date | null): number | null => value?.getTime() ?? null

const toPayment = (row: Selectable<PaymentTable>): Payment => ({
  id: row.id,
  tenantId: row.tenant_id,
  reference: row.reference,
  provider: row.provider as PaymentProviderName,
  package: row.package,
  addOns: row.add_ons as Readonly<Record<string, number>>,
  periodDays: row.period_days,
  priceMinor: row.price_minor,
  asked: { amountMinor: row.amount_minor, currency: row.currency },
  received:
    row.received_minor === null || row.received_currency === null
      ? null
      : { amountMinor: row.received_minor, currency: row.received_currency },
  state: row.state as PaymentState,
  reviewReason: row.review_reason as PaymentReviewReason | null,
  providerPaymentId: row.provider_payment_id,
  checkoutId: row.checkout_id,
  checkoutUrl: row.checkout_url,
  sellerAccountId: row.seller_account_id,
  payerTelegramId: row.payer_telegram_id,
  claimedBy: row.claimed_by,
  claimedAt: at(row.claimed_at),
  evidenceText: row.evidence_text,
  evidenceFileId: row.evidence_file_id,
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at.getTime(),
  decidedBy: row.decided_by,
  decidedAt: at(row.decided_at),
  decisionNote: row.decision_note,
  activatedAt: at(row.activated_at),
})

export interface NewPaymentRow {
  readonly reference: string
  readonly provider: PaymentProviderName
  readonly package: string
  readonly addOns: Readonly<Record<string, number>>
  readonly periodDays: number
  readonly amountMinor: number
  readonly priceMinor: number
  readonly currency: string
  readonly by: string
  readonly createdAt: number
  readonly expiresAt: number
}

/** The new payment, or null when the reference is taken. */
export const insertPayment = async (tx: TenantTx, input: NewPaymentRow): Promise<Payment | null> => {
  const row = await tx
    .insertInto('payment')
    .values({
      tenant_id: tx.tenantId,
      reference: input.reference,
      provider: input.provider,
      package: input.package,
      add_ons: JSON.stringify(input.addOns),
      period_days: input.periodDays,
      amount_minor: input.amountMinor,
      currency: input.currency,
      price_minor: input.priceMinor,
      created_by: input.by,
      created_at: toDate(input.createdAt),
      expires_at: toDate(input.expiresAt),
    })
    .onConflict((c) => c.column('reference').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ? toPayment(row) : null
}

export type PaymentKey = { readonly id: number } | { readonly reference: string }

const keyed = (tx: TenantTx | OperatorTx, key: PaymentKey) => {
  const query = (tx as OperatorTx).selectFrom('payment').selectAll()
  return 'id' in key ? query.where('id', '=', key.id) : query.where('reference', '=', key.reference)
}

export const selectPayment = async (tx: TenantTx | OperatorTx, key: PaymentKey): Promise<Payment | null> => {
  const row = await keyed(tx, key).executeTakeFirst()
  return row ? toPayment(row) : null
}

/** Locks the row until the transaction ends, so that decisions about one payment follow each other. */
export const lockPayment = async (tx: TenantTx, key: PaymentKey): Promise<Payment | null> => {
  const row = await keyed(tx, key).where('tenant_id', '=', tx.tenantId).forUpdate().executeTakeFirst()
  return row ? toPayment(row) : null
}

export const updatePayment = async (tx: TenantTx, id: number, changes: Updateable<PaymentTable>): Promise<Payment> => {
  const row = await tx
    .updateTable('payment')
    .set(changes)
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return toPayment(row)
}

/** Orders that nobody has decided. */
export const countOpenPayments = async (tx: TenantTx): Promise<number> => {
  const { count } = await tx
    .selectFrom('payment')
    .select(sql<number>`count(*)`.as('count'))
    .where('tenant_id', '=', tx.tenantId)
    .where('state', 'in', ['created', 'claimed', 'pending'])
    .executeTakeFirstOrThrow()
  return count
}

export interface PaymentFilter {
  readonly states?: readonly PaymentState[]
  /** Only what waits for a person: claims, and money that is held. */
  readonly needsDecision?: boolean
  /** Ids below this one. */
  readonly beforeId?: number
}

/** The newest first, of the tenant or of all. */
export const selectPayments = async (
  tx: TenantTx | OperatorTx,
  filter: PaymentFilter,
  limit: number,
): Promise<readonly Payment[]> => {
  let query = (tx as OperatorTx).selectFrom('payment').selectAll().orderBy('id', 'desc').limit(limit)
  if (filter.states) query = query.where('state', 'in', filter.states)
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  if (filter.needsDecision)
    query = query.where((e) => e.or([e('state', '=', 'claimed'), e('review_reason', 'is not', null)]))
  return (await query.execute()).map(toPayment)
}

/** Orders at a provider that nobody has told us the end of, oldest first. */
export const selectWaitingPayments = async (tx: OperatorTx, limit: number): Promise<readonly Payment[]> => {
  const rows = await tx
    .selectFrom('payment')
    .selectAll()
    .where('state', '=', 'pending')
    .where('review_reason', 'is', null)
    .orderBy('created_at')
    .limit(limit)
    .execute()
  return rows.map(toPayment)
}

/** Orders whose time is over and that wait for nobody here. */
export const selectOverduePayments = async (
  tx: OperatorTx,
  now: number,
  limit: number,
): Promise<readonly Pick<Payment, 'id' | 'tenantId'>[]> => {
  const rows = await tx
    .selectFrom('payment')
    .select(['id', 'tenant_id'])
    .where('state', 'in', ['created', 'pending'])
    .where('review_reason', 'is', null)
    .where('expires_at', '<=', toDate(now))
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.id, tenantId: row.tenant_id }))
}
