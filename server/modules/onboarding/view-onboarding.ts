import type { OnboardingSurface, PackageName, PaymentProviderName, PaymentState } from '#contract/words.ts'
import { notFound } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import type { TransferInstructions } from '#server/gateways/payments/payment-provider.ts'
import {
  CATALOGUE,
  type Money,
  type Payment,
  type PaymentSurface,
  type PaymentWay,
  findTransferInstructions,
  getPayment,
  listPaymentWays,
  periodPriceMinor,
} from '#server/modules/billing/index.ts'

import type { OnboardingOwner } from './change-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import {
  type Attempts,
  type Onboarding,
  type PersonCommand,
  allowedCommands,
  attemptsLeft,
  hasEnded,
} from './onboarding.rules.ts'
import { hasUsedTrial, selectOnboarding } from './onboarding.store.ts'

/** The order that is waited for. */
export interface OnboardingPayment {
  readonly id: number
  readonly reference: string
  readonly provider: PaymentProviderName
  readonly state: PaymentState
  readonly asked: Money
  readonly expiresAt: number
  /** The provider's page or invoice; null for a transfer, and until it was asked for. */
  readonly checkoutUrl: string | null
}

/** Where a person stands and what they can do, the same on every surface. Instants are epoch ms. */
export interface OnboardingView extends Pick<
  Onboarding,
  | 'id'
  | 'state'
  | 'locale'
  | 'package'
  | 'extraBots'
  | 'isPaid'
  | 'tenantId'
  | 'accountId'
  | 'linkWay'
  | 'startedAt'
  | 'stepEnteredAt'
  | 'expiresAt'
  | 'endedAt'
  | 'endReason'
> {
  readonly commands: readonly PersonCommand[]
  readonly isOver: boolean
  /** This person has had their trial in an earlier onboarding. */
  readonly isTrialUsed: boolean
  /** For one period, in the catalogue's currency; zero for the trial, null while no package is chosen. */
  readonly price: Money | null
  /** What this surface may offer. */
  readonly ways: readonly PaymentWay[]
  readonly payment: OnboardingPayment | null
  /** Where to transfer to under the order's reference; on the web alone, as Telegram's terms want it. */
  readonly transfer: TransferInstructions | null
  /** Why the last claim was not believed, in the operator's words. */
  readonly refusal: string | null
  readonly attemptsLeft: Attempts
}

/** Telegram counts its Mini Apps as inside. */
const paymentSurfaceOf = (surface: OnboardingSurface): PaymentSurface => (surface === 'web' ? 'web' : 'telegram')

/** The person's own onboarding, ended or not. Errors: `not_found`. */
export const viewOnboarding = async (
  deps: OnboardingDeps,
  { onboardingId, telegramId, surface = 'bot' }: OnboardingOwner & { readonly surface?: OnboardingSurface },
): Promise<OnboardingView> => {
  const row = await asOperator(deps.db, 'onboarding', (tx) => selectOnboarding(tx, { id: onboardingId }))
  if (!row || row.telegramId !== telegramId) throw notFound('onboarding', onboardingId)
  return presentOnboarding(deps, row, { surface })
}

/** The person's onboarding that has not ended, or null. */
export const findOpenOnboarding = async (
  deps: OnboardingDeps,
  { telegramId, surface = 'bot' }: { readonly telegramId: number; readonly surface?: OnboardingSurface },
): Promise<OnboardingView | null> => {
  const row = await asOperator(deps.db, 'onboarding', (tx) => selectOnboarding(tx, { openOf: telegramId }))
  return row && presentOnboarding(deps, row, { surface })
}

/** What a row looks like to its person. */
export const presentOnboarding = async (
  deps: OnboardingDeps,
  row: Onboarding,
  { surface }: { readonly surface: OnboardingSurface },
): Promise<OnboardingView> => {
  const { payment, refused, isTrialUsed } = await asOperator(deps.db, 'onboarding', async (tx) => ({
    payment: row.paymentId === null ? null : await getPayment(tx, { id: row.paymentId }),
    refused: row.refusedPaymentId === null ? null : await getPayment(tx, { id: row.refusedPaymentId }),
    isTrialUsed: await hasUsedTrial(tx, row.telegramId, row.id),
  }))
  const waitsForTransfer = row.state === 'payment_pending' && payment?.provider === 'transfer'
  return {
    id: row.id,
    state: row.state,
    locale: row.locale,
    package: row.package,
    extraBots: row.extraBots,
    isPaid: row.isPaid,
    tenantId: row.tenantId,
    accountId: row.accountId,
    linkWay: row.linkWay,
    startedAt: row.startedAt,
    stepEnteredAt: row.stepEnteredAt,
    expiresAt: row.expiresAt,
    endedAt: row.endedAt,
    endReason: row.endReason,
    commands: allowedCommands(row),
    isOver: hasEnded(row.state),
    isTrialUsed,
    price: priceOf(row.package, row.extraBots),
    ways: waysOn(deps, surface),
    payment: payment && presentPayment(payment),
    transfer:
      waitsForTransfer && surface === 'web' ? await findTransferInstructions(deps.checkout, payment, row.locale) : null,
    refusal: refused?.decisionNote ?? null,
    attemptsLeft: attemptsLeft(row),
  }
}

const priceOf = (name: PackageName | null, extraBots: number): Money | null =>
  name === null
    ? null
    : { amountMinor: name === 'trial' ? 0 : periodPriceMinor(name, extraBots), currency: CATALOGUE.currency }

const presentPayment = (payment: Payment): OnboardingPayment => ({
  id: payment.id,
  reference: payment.reference,
  provider: payment.provider,
  state: payment.state,
  asked: payment.asked,
  expiresAt: payment.expiresAt,
  checkoutUrl: payment.checkoutUrl,
})

/** The ways to pay that a surface may show. */
export const waysOn = (
  { checkout, payPageUrl }: Pick<OnboardingDeps, 'checkout' | 'payPageUrl'>,
  surface: OnboardingSurface,
): readonly PaymentWay[] =>
  listPaymentWays(paymentSurfaceOf(surface), { enabled: [...checkout.providers.keys()], payPageUrl })
