import { PACKAGES, type PackageName } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  CATALOGUE,
  type Payment,
  cancelSubscription,
  changeByCredit,
  claimPayment,
  findTransferInstructions,
  getPayment,
  getSubscription,
  listPayments,
  listUsage,
  openOrder,
  packageOf,
  periodPriceMinor,
  previewOrder,
  priceBy,
  startCheckout,
} from '#server/modules/billing/index.ts'
import { createPageLink } from '#server/modules/tenancy/index.ts'

import { needsPayer } from '../../pages/pay-views.ts'
import type { ApiDeps } from '../api-deps.ts'
import type { Handlers, TenantCall } from '../call.ts'

/** The trial is given, never sold. */
const SHOWN = PACKAGES.filter((name) => name !== 'trial')

const soldAs = (name: PackageName, extraBots: number) => {
  const { limits, pace, features, support, priceMinor } = packageOf(name)
  return {
    package: name,
    priceMinor: priceMinor === null ? null : periodPriceMinor(name, extraBots),
    currency: CATALOGUE.currency,
    periodDays: CATALOGUE.periodDays,
    limits,
    perMinuteMax: pace.perMinuteMax,
    replyModes: features.replyModes,
    crm: features.crm,
    analytics: features.analytics,
    spam: features.spam,
    supportDays: support.days,
  }
}

/** Nothing more happens to it by itself, or through whoever ordered it. */
const isOver = ({ state, expiresAt }: Payment, at: number): boolean =>
  (state !== 'created' && state !== 'pending') || expiresAt <= at

/** An order as whoever pays sees it, in their language. */
const presentPayment = async (
  { payments }: ApiDeps,
  payment: Payment,
  { at, locale }: Pick<TenantCall, 'at' | 'locale'>,
) => {
  const { state, provider, checkoutUrl } = payment
  const isOpen = !isOver(payment, at)
  const isClaimable = isOpen && provider === 'transfer' && state === 'created'
  return {
    ...payment,
    extraBots: payment.addOns['extra_bot'] ?? 0,
    isClaimable,
    payUrl: isOpen ? checkoutUrl : null,
    transfer: isClaimable ? await findTransferInstructions(payments, payment, locale) : null,
  }
}

interface Wanted {
  readonly package: PackageName
  readonly extraBots?: number | undefined
}

/** With the extra bots of now where nothing else is said. */
const wantedOf = async (tx: TenantTx, { package: name, extraBots }: Wanted) => ({
  package: name,
  extraBots: extraBots ?? (await getSubscription(tx)).extraBots,
})

/** The number of whoever signed in; the console of the server has none. Errors: `conflict/page_link_person`. */
const telegramIdOf = ({ caller }: TenantCall): number => {
  const telegramId = caller.kind === 'person' ? caller.session.telegramId : null
  if (telegramId === null) throw new AppError('conflict', 'page_link_person')
  return telegramId
}

/** One period of a package, ordered and where need be opened at its provider. */
const order = async (
  deps: ApiDeps,
  call: TenantCall,
  { provider, ...choice }: Wanted & Pick<Payment, 'provider'>,
): Promise<Payment> => {
  const { payments, publicUrl } = deps
  if (!payments.providers.has(provider))
    throw new AppError('unavailable', 'payment_provider_off', { provider, field: provider })
  // What a card payment asks of the payer has its form on the pay page alone.
  if (needsPayer(provider)) throw new AppError('conflict', 'payment_way_elsewhere', { field: 'provider' })
  const { inTenant, actor, locale, tenant } = call
  const ordered = await inTenant(async (tx) => {
    const wanted = await wantedOf(tx, choice)
    await previewOrder(tx, wanted, actor.at)
    return openOrder(tx, { provider, ...wanted }, actor)
  })
  if (provider === 'transfer') return ordered
  await startCheckout(payments, tenant.id, {
    paymentId: ordered.id,
    by: actor.by,
    at: actor.at,
    locale,
    description: `Gavatcore ${ordered.package}`,
    returnUrl: `${publicUrl ?? ''}/app/billing`,
    payer: { name: tenant.name, email: null, phone: null, address: null, ip: null },
  })
  return inTenant((tx) => getPayment(tx, { id: ordered.id }))
}

export const billingRoutes: Handlers['billing'] = (deps) => ({
  get: ({ inTenant, at }) =>
    inTenant(async (tx) => {
      const subscription = await getSubscription(tx)
      const ways = [...deps.payments.providers.keys()]
      return {
        subscription,
        usage: await listUsage(tx, at),
        packages: SHOWN.map((name) => soldAs(name, subscription.extraBots)),
        ways,
        hasPayPage: ways.some((way) => way !== 'stars'),
      }
    }),
  preview: ({ inTenant, query, at }) =>
    inTenant(async (tx) => {
      const wanted = await wantedOf(tx, query)
      const ways = [...deps.payments.providers.keys()]
      return {
        ...(await previewOrder(tx, wanted, at)),
        prices: ways.flatMap((provider) => {
          const price = priceBy(provider, wanted)
          return price === null ? [] : [{ provider, ...price }]
        }),
      }
    }),
  async payments({ inTenant, query: { cursor, limit }, ...call }) {
    const beforeId = Number(cursor)
    const rows = await inTenant((tx) =>
      listPayments(tx, Number.isSafeInteger(beforeId) && cursor !== undefined ? { beforeId } : {}, limit),
    )
    return {
      items: await Promise.all(rows.map((payment) => presentPayment(deps, payment, call))),
      nextCursor: rows.length < limit ? null : String(rows.at(-1)?.id),
    }
  },
  order: async (call) => presentPayment(deps, await order(deps, call, call.body), call),
  async payPage(call) {
    const subject = { purpose: 'pay', telegramId: telegramIdOf(call), tenantId: call.tenant.id } as const
    const { path, expiresAt } = await createPageLink(deps.db, { ...subject, locale: call.locale }, deps.pace.now())
    return { path, expiresAt }
  },
  async claim(call) {
    const { inTenant, actor, params, body } = call
    const claimed = await inTenant(async (tx) => {
      const { reference } = await getPayment(tx, { id: params.id })
      return claimPayment(tx, { reference, by: actor.by, evidenceText: body.evidence, at: actor.at })
    })
    return presentPayment(deps, claimed, call)
  },
  change: ({ inTenant, actor, body }) => inTenant(async (tx) => changeByCredit(tx, await wantedOf(tx, body), actor)),
  cancel: ({ inTenant, actor }) => inTenant((tx) => cancelSubscription(tx, actor)),
})
