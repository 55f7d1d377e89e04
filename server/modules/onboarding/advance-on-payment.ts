import { PACKAGES, type PaymentState } from '#contract/words.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'
import { type Payment, getPayment } from '#server/modules/billing/index.ts'
import { setTenantState } from '#server/modules/tenancy/index.ts'

import { catchUpWithAccount } from './advance-on-linked-account.ts'
import { type Journal, type Step, applyMove, changing } from './change-onboarding.ts'
import { openOrder } from './choose-payment-way.ts'
import { clearOnboarding } from './clear-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { type Onboarding, type OnboardingCommand, hasEnded, next } from './onboarding.rules.ts'
import { type OnboardingColumns, hasOpenOnboarding, lockOnboarding } from './onboarding.store.ts'

export interface PaymentNews {
  readonly tenantId: number
  readonly paymentId: number
  readonly state: PaymentState
}

const COMMANDS: Partial<Readonly<Record<PaymentState, OnboardingCommand>>> = {
  claimed: { kind: 'claim' },
  approved: { kind: 'payment_believed' },
  paid: { kind: 'payment_believed' },
  rejected: { kind: 'payment_rejected' },
  expired: { kind: 'payment_lapsed' },
  refunded: { kind: 'payment_returned' },
}

/**
 * A payment of the tenant changed: what is believed lets the tenant work and asks for the account, also when it comes
 * late; a claim that was turned down gets a new order; one that expired leaves the choice of a way; money sent back
 * before the account works ends it. The payment is read as it is now, so news may come late, twice or in any order.
 * Returns the onboarding if it moved.
 */
export const advanceOnPayment = async (
  deps: OnboardingDeps,
  { tenantId, paymentId }: PaymentNews,
  at: number,
): Promise<Onboarding | null> => {
  const moved = await changing(deps, async (tx, journal) => {
    const before = await lockOnboarding(tx, { tenantId })
    if (!before) return null
    return apply(deps, tx, journal, before, await getPayment(tx, { id: paymentId }), at)
  })
  if (moved === null) return null
  if (hasEnded(moved.state)) await clearOnboarding(deps, moved.id, at)
  return catchUpWithAccount(deps, moved, at)
}

const apply = async (
  deps: OnboardingDeps,
  tx: OperatorTx,
  journal: Journal,
  before: Onboarding,
  payment: Payment,
  at: number,
): Promise<Onboarding | null> => {
  const command = COMMANDS[payment.state]
  if (!command) return null
  const isBelief = command.kind === 'payment_believed'
  // Money counts whichever order it came by; anything else concerns the order that is waited for or was believed.
  if (!isBelief && before.paymentId !== payment.id) return null
  const decision = next(before, command)
  if (decision.kind !== 'move') return null
  if (isBelief && hasEnded(before.state) && before.state !== 'active')
    if (await hasOpenOnboarding(tx, before.telegramId)) return letWork(tx, before, at)
  const step: Step = {
    command,
    at,
    surface: null,
    ...(await columnsFor(deps, tx, before, payment, decision.facts, at)),
  }
  if (isBelief && before.tenantId !== null) await letWork(tx, before, at)
  return applyMove(tx, journal, before, decision, step)
}

/** The person is at another onboarding: the tenant that was paid for works, and this one stays over. */
const letWork = async (tx: OperatorTx, { tenantId }: Onboarding, at: number): Promise<null> => {
  if (tenantId !== null) await setTenantState(tx, tenantId, { state: 'active', reason: 'paid' }, { by: 'system', at })
  return null
}

/** What was paid for is what the person has; a claim that was turned down waits for the money under a new reference. */
const columnsFor = async (
  deps: OnboardingDeps,
  tx: OperatorTx,
  before: Onboarding,
  payment: Payment,
  after: { readonly state: string },
  at: number,
): Promise<{ readonly columns: OnboardingColumns; readonly paymentExpiresAt?: number }> => {
  if (payment.state === 'approved' || payment.state === 'paid') {
    const name = PACKAGES.find((word) => word === payment.package) ?? before.package
    return { columns: { payment_id: payment.id, package: name, extra_bots: payment.addOns['extra_bot'] ?? 0 } }
  }
  if (payment.state !== 'rejected') return { columns: {} }
  if (after.state !== 'payment_pending') return { columns: { refused_payment_id: payment.id } }
  const again = await openOrder(deps, tx, before, payment.provider, at)
  return {
    columns: { refused_payment_id: payment.id, payment_id: again.id },
    paymentExpiresAt: again.expiresAt,
  }
}
