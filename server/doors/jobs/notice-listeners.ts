import type { Clock } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type DomainEventType, type EventListener, type StoredEvent, defineListener } from '#server/base/events.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { noticeMembers, noticeOperators } from '#server/modules/admin/index.ts'
import { type Payment, findSubscription, getPayment } from '#server/modules/billing/index.ts'
import { getOrder } from '#server/modules/sales/index.ts'
import { findTenant } from '#server/modules/tenancy/index.ts'
import { findEndpoint } from '#server/modules/webhooks/index.ts'

export interface NoticeListenerDeps {
  readonly db: Db
  readonly clock: Clock
}

/** A listener that begins after an upgrade reads old events, too; what is older than this is no news. */
const NEWS_MS = DAY_MS

type Tell<T extends DomainEventType> = (tx: OperatorTx, event: StoredEvent<T>) => Promise<void>

const paymentParams = (payment: Payment) => ({
  payment: payment.id,
  reference: payment.reference,
  package: payment.package,
  amountMinor: payment.asked.amountMinor,
  currency: payment.asked.currency,
})

const PAYMENT_KINDS: Readonly<
  Record<string, 'payment_approved' | 'payment_rejected' | 'payment_expired' | 'payment_refunded'>
> = {
  approved: 'payment_approved',
  paid: 'payment_approved',
  rejected: 'payment_rejected',
  expired: 'payment_expired',
  refunded: 'payment_refunded',
}

const nameOf = async (tx: OperatorTx, tenantId: number): Promise<string> => (await findTenant(tx, tenantId))?.name ?? ''

/** Claims and held money go to those who decide, decisions to those who pay. */
const tellOfPayment: Tell<'payment.changed'> = async (tx, { tenantId, payload, at }) => {
  const payment = await getPayment(tx, { id: payload.paymentId })
  const params = paymentParams(payment)
  const forOperators = { ...params, tenant: await nameOf(tx, tenantId) }
  if (payload.needsReview) {
    const review = payment.reviewReason ?? 'amount_mismatch'
    const dedupeKey = `payment_review:${payment.id}:${review}`
    await noticeOperators(tx, { kind: 'payment_review', dedupeKey, params: { ...forOperators, review } }, at)
  } else if (payload.state === 'claimed') {
    const dedupeKey = `payment_claimed:${payment.id}`
    await noticeOperators(tx, { kind: 'payment_claimed', dedupeKey, params: forOperators }, at)
  }
  const kind = PAYMENT_KINDS[payload.state]
  if (kind !== undefined) await noticeMembers(tx, tenantId, { kind, dedupeKey: `${kind}:${payment.id}`, params }, at)
}

const tellOfUsage: Tell<'usage.noticed'> = async (tx, { id, tenantId, payload, at }) => {
  const { entitlement, percent, used, limit } = payload
  const kind = percent === 100 ? 'usage_100' : 'usage_80'
  const params = { entitlement, used, limit }
  await noticeMembers(tx, tenantId, { kind, dedupeKey: `${kind}:${entitlement}:${id}`, params }, at)
}

const SUBSCRIPTION_KINDS: Readonly<
  Record<string, 'subscription_grace' | 'subscription_expired' | 'subscription_cancelled'>
> = { grace: 'subscription_grace', expired: 'subscription_expired', cancelled: 'subscription_cancelled' }

/** A period that goes on is told of with what brought it: a payment, or a gift. */
const tellOfSubscription: Tell<'subscription.changed'> = async (tx, { tenantId, payload, at }) => {
  const kind = SUBSCRIPTION_KINDS[payload.state]
  const subscription = await findSubscription(tx, tenantId)
  const endsDayAt = subscription?.periodEndsAt ?? null
  // A tenant that has not paid yet begins with a period that is over.
  if (kind === undefined || subscription?.state !== payload.state || endsDayAt === null) return
  const hadPeriod = endsDayAt - subscription.periodStartsAt > 1
  if (!hadPeriod) return
  const params = { package: payload.package, endsDayAt }
  await noticeMembers(tx, tenantId, { kind, dedupeKey: `${kind}:${tenantId}:${endsDayAt}`, params }, at)
}

const accountName = async (tx: OperatorTx, accountId: number): Promise<string> => {
  const { username, displayName } = await getAccount(tx, accountId)
  return username === null ? displayName : `@${username}`
}

const tellOfLoss: Tell<'account.lost'> = async (tx, { id, tenantId, payload, at }) => {
  const params = { account: await accountName(tx, payload.accountId), reason: payload.reason }
  const dedupeKey = `account_lost:${payload.accountId}:${id}`
  await noticeMembers(tx, tenantId, { kind: 'account_lost', dedupeKey, params }, at)
  const forOperators = { ...params, tenant: await nameOf(tx, tenantId) }
  await noticeOperators(tx, { kind: 'account_down', dedupeKey, params: forOperators }, at)
}

const tellOfLink: Tell<'account.linked'> = async (tx, { id, tenantId, payload, at }) => {
  const account = await getAccount(tx, payload.accountId)
  if (account.purpose === 'panel' || account.state !== 'active') return
  const params = { account: await accountName(tx, payload.accountId) }
  const dedupeKey = `account_linked:${payload.accountId}:${id}`
  await noticeMembers(tx, tenantId, { kind: 'account_linked', dedupeKey, params }, at)
}

const tellOfOnboarding: Tell<'onboarding.changed'> = async (tx, { tenantId, payload, at }) => {
  if (payload.state !== 'active') return
  const params = { tenant: await nameOf(tx, tenantId) }
  const dedupeKey = `customer_ready:${payload.onboardingId}`
  await noticeOperators(tx, { kind: 'customer_ready', dedupeKey, params }, at)
}

/** Members hear of what was bought, and of what waits for one of them. */
const tellOfOrder: Tell<'order.changed'> = async (tx, { tenantId, payload, at }) => {
  const order = await getOrder(tx, { id: payload.orderId })
  const { id, reference, product, priceMinor: amountMinor, currency, reviewReason } = order
  const params = { reference, product, amountMinor, currency }
  if (payload.state === 'paid' && order.paidAt !== null)
    await noticeMembers(tx, tenantId, { kind: 'order_paid', dedupeKey: `order_paid:${id}`, params }, at)
  if (!payload.needsReview || reviewReason === null) return
  const dedupeKey = `order_review:${id}:${reviewReason}`
  const review = { ...params, orderReview: reviewReason }
  await noticeMembers(tx, tenantId, { kind: 'order_review', dedupeKey, params: review }, at)
}

const tellOfWebhook: Tell<'webhook.disabled'> = async (tx, { id, tenantId, payload, at }) => {
  const endpoint = await withinTenant(tx, tenantId, (inner) => findEndpoint(inner, payload.endpointId))
  if (endpoint?.state !== 'disabled') return
  const params = { webhook: endpoint.name, webhookReason: payload.reason }
  await noticeMembers(
    tx,
    tenantId,
    { kind: 'webhook_disabled', dedupeKey: `webhook_disabled:${payload.endpointId}:${id}`, params },
    at,
  )
}

/** Who is told of what happens: operators what waits for them, members what became of their own. Repeatable. */
export const createNoticeListeners = ({ db, clock }: NoticeListenerDeps): readonly EventListener[] => {
  const listen = <const T extends DomainEventType>(name: string, type: T, tell: Tell<T>): EventListener =>
    defineListener({
      name,
      types: [type] as const,
      async receive(events: readonly StoredEvent<T>[]) {
        const news = events.filter((event) => clock.now() - event.at < NEWS_MS)
        for (const event of news) await asOperator(db, 'notices of events', (tx) => tell(tx, event))
      },
    })
  return [
    listen('notices.payments', 'payment.changed', tellOfPayment),
    listen('notices.usage', 'usage.noticed', tellOfUsage),
    listen('notices.subscriptions', 'subscription.changed', tellOfSubscription),
    listen('notices.accounts_lost', 'account.lost', tellOfLoss),
    listen('notices.accounts_linked', 'account.linked', tellOfLink),
    listen('notices.onboarding', 'onboarding.changed', tellOfOnboarding),
    listen('notices.orders', 'order.changed', tellOfOrder),
    listen('notices.webhooks', 'webhook.disabled', tellOfWebhook),
  ]
}
