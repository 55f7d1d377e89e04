import { AppError, notFound } from '#server/base/errors.ts'
import type { SecretBox } from '#server/base/secret.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { TelegramStars } from '#server/gateways/telegram/stars.ts'
import { openAccount } from '#server/modules/accounts/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { type Charge, closeCharge, listCharges, selectRefundsWanted } from './charge.store.ts'
import { type Order, decideOrder } from './order.rules.ts'
import { lockOrder, selectOrder } from './order.store.ts'
import type { SalesDeps } from './record-star-payment.ts'
import { flagOrder, settleOrder } from './settle-order.ts'

export interface RefundDeps extends SalesDeps {
  readonly box: SecretBox
  /** Null where no bot can send Stars back. */
  readonly stars: Pick<TelegramStars, 'refundPayment'> | null
}

/** `done` also for what went back before; `later`: Telegram could not be asked. */
type Returned =
  | { readonly kind: 'done' }
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly reason: string }

const returnStars = async (deps: RefundDeps, charge: Charge): Promise<Returned> => {
  if (charge.payerTelegramId === null) return { kind: 'refused', reason: 'payer_erased' }
  if (!deps.stars) return { kind: 'later' }
  const account = await openAccount(deps, charge.accountId)
  const result = await deps.stars.refundPayment(account, charge.payerTelegramId, charge.chargeId)
  if (result.kind === 'done') return { kind: 'done' }
  if (result.kind === 'retry' || result.kind === 'unknown') return { kind: 'later' }
  return { kind: 'refused', reason: result.kind === 'migrated' ? 'chat_migrated' : result.reason }
}

export interface RefundWish {
  readonly orderId: number
  /** The money went back already, by another way: only the books are to say so. */
  readonly isSentByHand: boolean
}

/**
 * Sends the Stars of a paid order back and writes it down; what was paid otherwise goes back by hand. Cut off in between,
 * it may be asked again: Telegram sends once. Errors: `forbidden/not_allowed`, `not_found`, `conflict/order_…`,
 * `conflict/order_refund_by_hand`, `conflict/order_refund_refused`, `unavailable/order_refund_unavailable`.
 */
export const refundOrder = async (
  deps: RefundDeps,
  tenantId: number,
  { orderId, isSentByHand }: RefundWish,
  { by, access, at }: ActingPerson,
): Promise<Order> => {
  requireCan(access, 'sales.decide')
  const { order, charge } = await inTenant(deps.db, tenantId, async (tx) => {
    const found = await selectOrder(tx, { id: orderId })
    if (!found) throw notFound('order', orderId)
    const charges = await listCharges(tx, orderId)
    return { order: found, charge: charges.find(({ outcome }) => outcome === 'settled') ?? null }
  })
  const { reference, state } = order
  const decision = decideOrder(state, 'refund')
  if (decision.kind === 'keep') return order
  if (decision.kind === 'refuse') throw new AppError('conflict', decision.code, { reference, state })
  if (!isSentByHand) {
    if (charge === null) throw new AppError('conflict', 'order_refund_by_hand', { reference })
    const result = await returnStars(deps, charge)
    if (result.kind === 'later') throw new AppError('unavailable', 'order_refund_unavailable', { reference })
    if (result.kind === 'refused')
      throw new AppError('conflict', 'order_refund_refused', { reference, reason: result.reason })
  }
  return inTenant(deps.db, tenantId, async (tx) => {
    const locked = await lockOrder(tx, { id: orderId })
    if (!locked) throw notFound('order', orderId)
    if (charge) await closeCharge(tx, charge.id, { refundedAt: at })
    return settleOrder(tx, locked, { act: 'refund', by, at, translator: deps.translator })
  })
}

const PORTION = 50

const concludeReturn = (deps: RefundDeps, charge: Charge, result: Exclude<Returned, { kind: 'later' }>, at: number) =>
  inTenant(deps.db, charge.tenantId, async (tx) => {
    const order = await lockOrder(tx, { id: charge.orderId })
    const end = result.kind === 'refused' ? { refundFailed: result.reason } : { refundedAt: at }
    if (!order || !(await closeCharge(tx, charge.id, end))) return
    if (result.kind === 'refused') await flagOrder(tx, order, 'refund_failed', at)
    else if (order.reviewReason === charge.outcome) await flagOrder(tx, order, null, at)
  })

/**
 * Sends back what came in and settled no order: paid twice, too late, by somebody else. Returns how many went back, and
 * how many are left for a member. What Telegram could not be asked about is asked again.
 */
export const returnStrayCharges = async (
  deps: RefundDeps,
  at: number,
): Promise<{ readonly returned: number; readonly refused: number }> => {
  const wanted = await asOperator(deps.db, 'send stray charges back', (tx) => selectRefundsWanted(tx, PORTION))
  let [returned, refused] = [0, 0]
  for (const charge of wanted) {
    const result = await returnStars(deps, charge)
    if (result.kind === 'later') continue
    await concludeReturn(deps, charge, result, at)
    if (result.kind === 'done') returned += 1
    else refused += 1
  }
  return { returned, refused }
}
