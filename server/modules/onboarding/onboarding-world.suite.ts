import type { PackageName } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import type { Logger } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createTransferProvider } from '#server/gateways/payments/adapters/transfer.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { type Account, addAccount } from '#server/modules/accounts/index.ts'
import {
  type CheckoutDeps,
  activatePaidPackage,
  applyProviderEvent,
  approvePayment,
  getPayment,
  periodPriceMinor,
  rejectPayment,
} from '#server/modules/billing/index.ts'
import { NOON } from '#server/testing/factories.ts'

import { selectOnboarding } from './onboarding.store.ts'
import {
  type CheckResult,
  type OnboardingDeps,
  type OnboardingView,
  advanceOnLinkedAccount,
  advanceOnPayment,
  checkProfile,
  choosePackage,
  choosePaymentWay,
  claimOnboardingPayment,
  openOnboarding,
} from './index.ts'

export interface LoggedLine {
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

let serial = 0

/** Everything an onboarding needs on this machine, a clock to turn, and newcomers. */
export const createOnboardingWorld = (db: Db) => {
  const clock = new ManualClock(NOON)
  const telegram = createFakeTelegram({ clock })
  const lines: LoggedLine[] = []
  const write = (fields: object, message: string): void => void lines.push({ fields: { ...fields }, message })
  const log: Logger = { debug: write, info: write, warn: write, error: write }
  let check: CheckResult = { ok: true, findings: [] }
  const checkout: CheckoutDeps = {
    db,
    activate: activatePaidPackage,
    sellerAccountId: null,
    providers: new Map([
      ['transfer', createTransferProvider({ iban: 'TR330006100519786457841326', holder: 'Gavatcore', papara: null })],
      // A provider that shows a page, and tells by itself.
      [
        'stripe',
        {
          ...createTransferProvider({ iban: null, holder: '', papara: null }),
          name: 'stripe',
          createCheckout: ({ reference }) =>
            Promise.resolve({
              kind: 'page',
              url: `https://pay.example/${reference}`,
              isEmbedded: false,
              checkoutId: reference,
            }),
        },
      ],
    ]),
  }
  const deps: OnboardingDeps = {
    db,
    checkout,
    log,
    accounts: { db, box: secretBox(Buffer.alloc(32, 3)), feed: telegram.updateFeed, publicUrl: null },
    payPageUrl: 'https://crm.example/pay',
    quote: (_provider, wanted) => {
      const priceMinor = periodPriceMinor(wanted.package, wanted.extraBots)
      return { amountMinor: priceMinor, currency: 'TRY', priceMinor }
    },
    checkAccount: () => Promise.resolve(check),
  }
  const now = (): number => clock.now()

  /** A person who has just opened the panel. */
  const arrive = async (surface: 'bot' | 'web' = 'bot'): Promise<OnboardingView & { readonly telegramId: number }> => {
    const telegramId = 800_000_000 + (serial += 1)
    const view = await openOnboarding(deps, { telegramId, name: 'Zeynep Ak', locale: 'tr', surface }, now())
    return { ...view, telegramId }
  }
  type Person = Awaited<ReturnType<typeof arrive>>
  const mine = ({ id, telegramId }: Person) => ({ onboardingId: id, telegramId, surface: 'bot' as const })
  const onWeb = (person: Person) => ({ ...mine(person), surface: 'web' as const })
  const choose = (person: Person, name: PackageName, extraBots = 0) =>
    choosePackage(deps, { ...mine(person), package: name, extraBots }, now())
  const order = (person: Person, provider: 'transfer' | 'stripe' = 'transfer') =>
    choosePaymentWay(deps, { ...onWeb(person), provider }, now())
  const claim = (person: Person) =>
    claimOnboardingPayment(deps, { ...mine(person), evidenceText: 'Ziraat, 12:04' }, now())
  const row = async (id: number) => {
    const found = await asOperator(db, 'test', (tx) => selectOnboarding(tx, { id }))
    if (!found) throw new Error(`onboarding ${id} is gone`)
    return found
  }
  const inOwn = async <T>(id: number, work: Parameters<typeof inTenant<T>>[2]): Promise<T> =>
    inTenant(db, (await row(id)).tenantId ?? 0, work)
  const paymentOf = async (id: number) => {
    const { paymentId } = await row(id)
    return inOwn(id, (tx) => getPayment(tx, { id: paymentId ?? 0 }))
  }

  /** What the dispatcher does with the word of a payment. */
  const hearOf = async (paymentId: number) => {
    const payment = await asOperator(db, 'test', (tx) => getPayment(tx, { id: paymentId }))
    await advanceOnPayment(deps, { tenantId: payment.tenantId, paymentId, state: payment.state }, now())
  }
  const approve = async (person: Person) => {
    const { id } = await paymentOf(person.id)
    const activate = activatePaidPackage
    await inOwn(person.id, (tx) => approvePayment(tx, { paymentId: id, by: 'operator:1', at: now(), activate }))
    await hearOf(id)
  }
  const reject = async (person: Person, reason = 'Hesapta görünmüyor') => {
    const { id } = await paymentOf(person.id)
    await inOwn(person.id, (tx) => rejectPayment(tx, { paymentId: id, by: 'operator:1', at: now(), reason }))
    await hearOf(id)
  }
  /** What the provider proves, as its callback does. */
  const prove = async (paymentId: number, kind: 'paid' | 'refunded' = 'paid') => {
    const { asked, reference, provider } = await asOperator(db, 'test', (tx) => getPayment(tx, { id: paymentId }))
    const told = { provider, eventId: `${kind}-${reference}`, reference, kind, ...asked, providerPaymentId: reference }
    await applyProviderEvent(checkout, told, { at: now() })
    await hearOf(paymentId)
  }

  /** A bot of the person's, linked to their tenant without a word about it. */
  const linkSilently = async (person: Person): Promise<Account> => {
    const telegramId = 7_300_000_000 + (serial += 1)
    const token = `${telegramId}:${'B'.repeat(35)}`
    telegram.updateFeed.addBot(token, {
      telegramId,
      username: `zeynep_${serial}_bot`,
      displayName: `Zeynep ${serial}`,
      canJoinGroups: true,
      readsAllGroupMessages: false,
      canConnectToBusiness: false,
    })
    const { tenantId } = await row(person.id)
    if (tenantId === null) throw new Error('there is no tenant to link to')
    return addAccount(deps.accounts, { tenantId, token }, { by: `telegram:${person.telegramId}`, at: now() })
  }
  /** What the listener does with the word of a linked account. */
  const hearOfAccount = async ({ tenantId, id }: Account) => {
    const moved = await advanceOnLinkedAccount(deps, { tenantId, accountId: id }, now())
    if (moved) await checkProfile(deps, moved.id, { at: now(), surface: null, counts: false })
  }
  const link = async (person: Person): Promise<Account> => {
    const account = await linkSilently(person)
    await hearOfAccount(account)
    return account
  }

  return {
    db,
    deps,
    clock,
    lines,
    arrive,
    mine,
    onWeb,
    choose,
    order,
    claim,
    approve,
    reject,
    prove,
    hearOf,
    linkSilently,
    hearOfAccount,
    link,
    row,
    inOwn,
    paymentOf,
    setCheck: (result: CheckResult) => void (check = result),
  }
}

export type OnboardingWorld = ReturnType<typeof createOnboardingWorld>

/** The code of the refusal, or `accepted`. */
export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error as { readonly code?: string }).code ?? error,
  )
