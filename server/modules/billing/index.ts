export { type AppliedEvent, type EventOrigin, type PaymentDeps, applyProviderEvent } from './apply-provider-event.ts'
export { type PaymentClaim, claimPayment } from './claim-payment.ts'
export { createPayment } from './create-payment.ts'
export { approvePayment, rejectPayment } from './decide-claim.ts'
export { expirePayments } from './expire-payments.ts'
export { getPayment, listLedgerBalances, listPayments, listRevenue } from './list-payments.ts'
export type { NewPayment } from './payment-input.rules.ts'
export {
  type PaymentSurface,
  type PaymentWay,
  type PeriodPrice,
  listPaymentWays,
  priceBy,
} from './payment-ways.rules.ts'
export { type Money, type Payment } from './payment.rules.ts'
export { type ActivateSubscription, type Activation } from './settle-payment.ts'
export { activateSubscription, changePackage, quotePackageChange } from './activate-subscription.ts'
export { cancelSubscription } from './cancel-subscription.ts'
export { CATALOGUE, COUNTED, type Counted, type Package, findPackageByName, packageOf } from './catalogue.rules.ts'
export { type Feature, type Usage } from './entitlement.rules.ts'
export { listUsage, noticeUsage } from './list-usage.ts'
export { type RevenueReport, reportRevenue } from './report-revenue.ts'
export {
  type Taking,
  findAllowance,
  requireEntitlement,
  requireFeature,
  requireWithinAllowance,
} from './require-entitlement.ts'
export { startSubscription } from './start-subscription.ts'
export { type ChangeQuote, type Subscription, isUsable, periodPriceMinor } from './subscription.rules.ts'
export { findSubscription, getSubscription, lockSubscription } from './subscription.store.ts'
export { tickSubscriptions } from './tick-subscriptions.ts'
export { activatePaidPackage } from './activate-paid-package.ts'
export { mayPayWithStars } from './find-star-order.ts'
export { reconcilePayments } from './reconcile-payments.ts'
export { refundPayment } from './refund-payment.ts'
export { type CheckoutDeps, type CheckoutRequest, startCheckout } from './start-checkout.ts'
export { withdrawPayment } from './withdraw-payment.ts'
export { type GrantedDays, grantDays } from './grant-days.ts'
export { findTransferInstructions } from './find-transfer-instructions.ts'
export { type WantedOrder, openOrder } from './open-order.ts'
export { type OrderPreview, type WantedPackage, changeByCredit, previewOrder } from './preview-order.ts'
