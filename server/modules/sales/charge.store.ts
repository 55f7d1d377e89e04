import type { Selectable } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OrderChargeTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { ChargeOutcome } from './order.rules.ts'

/** One payment in Stars. Instants are epoch ms. */
export interface Charge {
  readonly id: number
  readonly tenantId: number
  readonly orderId: number
  readonly accountId: number
  /** Telegram's name of it: what a refund needs. */
  readonly chargeId: string
  readonly stars: number
  readonly payerTelegramId: number | null
  readonly outcome: ChargeOutcome
  readonly receivedAt: number
  readonly refundWanted: boolean
  readonly refundFailed: string | null
  readonly refundedAt: number | null
}

const toCharge = (row: Selectable<OrderChargeTable>): Charge => ({
  id: row.id,
  tenantId: row.tenant_id,
  orderId: row.order_id,
  accountId: row.account_id,
  chargeId: row.charge_id,
  stars: row.stars,
  payerTelegramId: row.payer_telegram_id,
  outcome: row.outcome as ChargeOutcome,
  receivedAt: row.received_at.getTime(),
  refundWanted: row.refund_wanted,
  refundFailed: row.refund_failed,
  refundedAt: row.refunded_at?.getTime() ?? null,
})

export interface NewCharge {
  readonly orderId: number
  readonly accountId: number
  readonly contactId: number | null
  readonly chargeId: string
  readonly stars: number
  readonly payerTelegramId: number
  readonly outcome: ChargeOutcome
  readonly at: number
}

/** Writes a charge down; false when it was known. */
export const insertCharge = async (tx: TenantTx, charge: NewCharge): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('order_charge')
    .values({
      tenant_id: tx.tenantId,
      order_id: charge.orderId,
      account_id: charge.accountId,
      contact_id: charge.contactId,
      charge_id: charge.chargeId,
      stars: charge.stars,
      payer_telegram_id: charge.payerTelegramId,
      outcome: charge.outcome,
      received_at: toDate(charge.at),
      refund_wanted: charge.outcome !== 'settled',
    })
    .onConflict((c) => c.columns(['account_id', 'charge_id']).doNothing())
    .executeTakeFirst()
  return Number(numInsertedOrUpdatedRows ?? 0n) > 0
}

/** Charges of an order, oldest first. */
export const listCharges = async (tx: TenantTx, orderId: number): Promise<readonly Charge[]> => {
  const rows = await tx
    .selectFrom('order_charge')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()
  return rows.map(toCharge)
}

/** Charges that are to go back by themselves, oldest first, of all tenants. */
export const selectRefundsWanted = async (tx: OperatorTx, limit: number): Promise<readonly Charge[]> => {
  const rows = await tx
    .selectFrom('order_charge')
    .selectAll()
    .where('refund_wanted', '=', true)
    .where('refunded_at', 'is', null)
    .where('refund_failed', 'is', null)
    .orderBy('received_at')
    .limit(limit)
    .execute()
  return rows.map(toCharge)
}

/** Writes that a charge went back, or why it cannot; false when that was written before. */
export const closeCharge = async (
  tx: TenantTx,
  id: number,
  end: { readonly refundedAt: number } | { readonly refundFailed: string },
): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('order_charge')
    .set(
      'refundedAt' in end
        ? { refunded_at: toDate(end.refundedAt), refund_failed: null }
        : { refund_failed: end.refundFailed },
    )
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('refunded_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** The charge of this name on an account; null when it is not known. */
export const findCharge = async (tx: TenantTx, accountId: number, chargeId: string): Promise<Charge | null> => {
  const row = await tx
    .selectFrom('order_charge')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .where('charge_id', '=', chargeId)
    .executeTakeFirst()
  return row ? toCharge(row) : null
}
