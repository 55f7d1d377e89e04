import { type PackageName, PACKAGES } from '#contract/words.ts'
import {
  CATALOGUE,
  type Payment,
  cancelSubscription,
  getSubscription,
  listUsage,
  openOrder,
  packageOf,
  quotePackageChange,
  startCheckout,
} from '#server/modules/billing/index.ts'
import { can, createPageLink } from '#server/modules/tenancy/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import type { PanelButton, Reply } from '../reply.ts'
import { dayText, moneyText, say } from '../say.ts'
import { type Talk, actingOn, inTalkTenant, tenantOf } from '../talk.ts'
import { usageLines } from './dashboard.ts'
import { packageCard } from './package-card.ts'

const SOLD: readonly PackageName[] = PACKAGES.filter((name) => name !== 'trial' && packageOf(name).priceMinor !== null)
const soldPackage = (word: string | undefined): PackageName | null => SOLD.find((name) => name === word) ?? null

const run = async (talk: Talk): Promise<Reply> => {
  const { subscription, usage } = await inTalkTenant(talk, async (tx) => ({
    subscription: await getSubscription(tx),
    usage: await listUsage(tx, talk.at),
  }))
  const { access } = tenantOf(talk)
  const { periodEndsAt, state } = subscription
  const name = talk.t(`words:package.${subscription.package}`)
  const lines = [
    `<b>${say(talk, 'licence.title', { package: name })}</b>`,
    say(talk, 'licence.state', { state: talk.t(`words:subscriptionState.${state}`) }),
    periodEndsAt === null
      ? talk.t('licence.noEnd')
      : say(talk, 'licence.end', {
          day: dayText(talk, periodEndsAt),
          left: talk.t('licence.days', { count: Math.max(0, Math.ceil((periodEndsAt - talk.at) / 86_400_000)) }),
        }),
    ...(subscription.extraBots > 0 ? [say(talk, 'licence.extraBots', { count: subscription.extraBots })] : []),
  ]
  const isOwnSold = SOLD.includes(subscription.package)
  const mayChange = can(access, 'billing.pay')
  const mayCancel = can(access, 'billing.cancel') && state !== 'cancelled' && state !== 'expired'
  return {
    text: `${lines.join('\n')}\n\n<b>${talk.t('licence.usage')}</b>\n${usageLines(talk, usage)}`,
    rows: [
      mayChange && isOwnSold
        ? [{ label: talk.t('button.renew'), action: 'lic.plan', args: [subscription.package] }]
        : [],
      mayChange ? [{ label: talk.t('button.changePackage'), action: 'lic.plans' }] : [],
      mayCancel ? [{ label: talk.t('button.cancelLicence'), action: 'lic.cancel' }] : [],
      [{ label: talk.t('button.dashboard'), action: 'dash' }],
    ],
  }
}

const plans = (talk: Talk): Reply => ({
  text: [talk.t('packages.title'), ...SOLD.map((name) => packageCard(talk, name))].join('\n\n'),
  rows: [
    ...SOLD.map((name) => [{ label: talk.t(`words:package.${name}`), action: 'lic.plan', args: [name] }]),
    [{ label: talk.t('button.back'), action: 'lic' }],
  ],
})

/** The ways that may be shown in Telegram: Stars, and one link to a page of ours for all others. */
const wayButtons = (talk: Talk, name: PackageName, extraBots: number): readonly (readonly PanelButton[])[] => {
  const { onboarding, payments, publicUrl } = talk.deps
  const stars = payments.providers.has('stars') ? onboarding.quote('stars', { package: name, extraBots }) : null
  const others = [...payments.providers.keys()].some((provider) => provider !== 'stars')
  return [
    stars === null
      ? []
      : [
          {
            label: talk.t('button.payStars', { amount: moneyText(talk, stars.amountMinor, stars.currency) }),
            action: 'lic.stars',
            args: [name],
          },
        ],
    others && publicUrl !== null ? [{ label: talk.t('button.payWeb'), action: 'lic.web', args: [name] }] : [],
  ]
}

const plan = async (talk: Talk): Promise<Reply> => {
  const name = soldPackage(talk.args[0])
  if (name === null) return { toast: talk.t('refusal.stale') }
  const { subscription, quote } = await inTalkTenant(talk, async (tx) => {
    const current = await getSubscription(tx)
    const wanted = { package: name, extraBots: current.extraBots }
    return { subscription: current, quote: await quotePackageChange(tx, wanted, talk.at) }
  })
  const ways = wayButtons(talk, name, subscription.extraBots)
  const isRenewal = subscription.package === name
  const money = (minor: number) => moneyText(talk, minor, quote.currency)
  return {
    text: [
      packageCard(talk, name),
      isRenewal
        ? say(talk, 'licence.renewal', { price: money(quote.priceMinor), days: CATALOGUE.periodDays })
        : say(talk, 'licence.change', {
            price: money(quote.priceMinor),
            credit: money(quote.creditMinor),
          }),
      isRenewal ? '' : talk.t('licence.nothingLost'),
      ways.every((row) => row.length === 0) ? talk.t('licence.noWays') : '',
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
    rows: [...ways, [{ label: talk.t('button.back'), action: 'lic' }]],
  }
}

const openStarOrder = (talk: Talk, name: PackageName): Promise<Payment> => {
  const { by, at } = actingOn(talk)
  return inTalkTenant(talk, async (tx) => {
    const { extraBots } = await getSubscription(tx)
    return openOrder(tx, { provider: 'stars', package: name, extraBots }, { by, at })
  })
}

const payStars = async (talk: Talk): Promise<Reply> => {
  const name = soldPackage(talk.args[0])
  if (name === null) return { toast: talk.t('refusal.stale') }
  const payment = await openStarOrder(talk, name)
  const { tenantId, by, at } = actingOn(talk)
  const { locale, name: payer } = talk.speaker
  const checkout = await startCheckout(talk.deps.payments, tenantId, {
    paymentId: payment.id,
    by,
    at,
    locale,
    description: talk.t(`words:package.${payment.package}`),
    returnUrl: '',
    payer: { name: payer, email: null, phone: null, address: null, ip: null },
  })
  if (checkout.kind !== 'page') return { toast: talk.t('refusal.stale') }
  const amount = moneyText(talk, payment.asked.amountMinor, payment.asked.currency)
  return {
    text: say(talk, 'licence.invoice', { amount, reference: payment.reference }),
    rows: [
      [{ label: talk.t('button.payStars', { amount }), url: checkout.url }],
      [{ label: talk.t('button.back'), action: 'lic' }],
    ],
  }
}

const payOnWeb = async (talk: Talk): Promise<Reply> => {
  const { db, publicUrl } = talk.deps
  if (publicUrl === null) return { toast: talk.t('refusal.stale') }
  const { telegramId, locale } = talk.speaker
  const subject = { purpose: 'pay', telegramId, tenantId: tenantOf(talk).id, locale } as const
  const link = await createPageLink(db, subject, talk.deps.pace.now())
  return {
    text: talk.t('licence.web'),
    rows: [
      [{ label: talk.t('button.openPage'), url: `${publicUrl}${link.path}` }],
      [{ label: talk.t('button.back'), action: 'lic' }],
    ],
  }
}

const cancel = async (talk: Talk): Promise<Reply> => {
  const actor = actingOn(talk)
  const { periodEndsAt } = await inTalkTenant(talk, (tx) => cancelSubscription(tx, actor))
  return {
    text: say(talk, 'licence.cancelled', { day: periodEndsAt === null ? '' : dayText(talk, periodEndsAt) }),
    rows: [[{ label: talk.t('button.licence'), action: 'lic' }]],
  }
}

export const licence: PanelCommand = {
  key: 'lic',
  name: 'lisans_sure',
  aliases: ['licence', 'subscription', 'lisans_durum'],
  audience: 'member',
  needs: 'billing.view',
  about: 'command.licence',
  run,
  actions: {
    plans: { run: plans },
    plan: { run: plan },
    stars: { needs: 'billing.pay', run: payStars },
    web: { needs: 'billing.pay', run: payOnWeb },
    cancel: {
      needs: 'billing.cancel',
      confirm: (talk) => talk.t('licence.askCancel'),
      run: cancel,
    },
  },
}
