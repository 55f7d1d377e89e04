export { advanceOnLinkedAccount, advanceOnLostAccount, findTenantOnboarding } from './advance-on-linked-account.ts'
export { type PaymentNews, advanceOnPayment } from './advance-on-payment.ts'
export { type PersonalStep, cancelOnboarding, stepBack } from './cancel-onboarding.ts'
export { type PackageChoice, choosePackage } from './choose-package.ts'
export { type ChosenWay, type WayChoice, choosePaymentWay } from './choose-payment-way.ts'
export { type OnboardingClaim, claimOnboardingPayment } from './claim-onboarding-payment.ts'
export { type ProfileStep, checkProfile, checkWaitingProfiles, completeProfile } from './complete-profile.ts'
export { type EndedOnboarding, expireOnboardings } from './expire-onboardings.ts'
export type { DurationKpi, RatioKpi } from './funnel.rules.ts'
export { joinTenant } from './join-tenant.ts'
export { type OnboardingHistory, getOnboardingHistory, listOnboardings } from './list-onboardings.ts'
export type { CheckResult, OnboardingDeps, Quote } from './onboarding-deps.ts'
export {
  ATTEMPT_LIMITS,
  ONBOARDING_EVENTS,
  type Onboarding,
  type OnboardingEventName,
  type PersonCommand,
  STEP_TIMEOUTS,
} from './onboarding.rules.ts'
export { type Newcomer, openOnboarding } from './open-onboarding.ts'
export { recordLinkFailure } from './record-link-failure.ts'
export { type FunnelStep, type OnboardingFunnel, reportOnboardingFunnel } from './report-onboarding-funnel.ts'
export { setUpTenant } from './set-up-tenant.ts'
export { type OnboardingPayment, type OnboardingView, findOpenOnboarding, viewOnboarding } from './view-onboarding.ts'
