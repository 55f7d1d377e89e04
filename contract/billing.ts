import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import {
  COUNTED,
  PACKAGES,
  PAYMENT_PROVIDERS,
  PAYMENT_STATES,
  PERIOD_KINDS,
  REPLY_MODES,
  SUBSCRIPTION_STATES,
} from './words.ts'

const count = z.number().int()
const bound = count.nullable()
const extraBots = z.number().int().min(0).max(1_000)
const money = z.object({ amountMinor: count, currency: z.string() })

/** One thing the package limits, and how much of it is in use. */
export const usage = z
  .object({
    name: z.enum(COUNTED),
    limit: bound,
    used: count,
    /** When the oldest use of a rolling quota is free again. */
    resetAt: instant.nullable(),
  })
  .meta({ id: 'Usage' })

const subscription = z
  .object({
    package: z.enum(PACKAGES),
    state: z.enum(SUBSCRIPTION_STATES),
    extraBots: count,
    periodStartsAt: instant,
    /** Null where it has no end. */
    periodEndsAt: instant.nullable(),
  })
  .meta({ id: 'Subscription' })

const sold = z
  .object({
    package: z.enum(PACKAGES),
    /** For one period with the extra bots of now; null where the price is agreed. */
    priceMinor: bound,
    currency: z.string(),
    periodDays: count,
    limits: z.object(Object.fromEntries(COUNTED.map((name) => [name, bound])) as Record<(typeof COUNTED)[number], typeof bound>), // prettier-ignore
    perMinuteMax: bound,
    replyModes: z.array(z.enum(REPLY_MODES)),
    crm: z.string(),
    analytics: z.string(),
    spam: z.string(),
    /** Days on which support answers; null for always. */
    supportDays: bound,
  })
  .meta({ id: 'SoldPackage' })

const payment = z
  .object({
    id: z.number(),
    reference: z.string(),
    provider: z.enum(PAYMENT_PROVIDERS),
    state: z.enum(PAYMENT_STATES),
    package: z.string(),
    extraBots: count,
    periodDays: count,
    asked: money,
    createdAt: instant,
    expiresAt: instant,
    claimedAt: instant.nullable(),
    decidedAt: instant.nullable(),
    /** Why it was turned down, in the words of whoever did. */
    decisionNote: z.string().nullable(),
    /** Whether “I have paid” may be said about it. */
    isClaimable: z.boolean(),
    /** Where it is paid; null for a transfer, and once it is over. */
    payUrl: z.string().nullable(),
    /** Where to transfer to; null for other ways, and once it is over. */
    transfer: z.object({ iban: z.string().nullable(), holder: z.string(), papara: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'Payment' })

const wanted = z.strictObject({ package: z.enum(PACKAGES), extraBots: extraBots.optional() })

export const billing = {
  get: route({
    method: 'GET',
    path: '/api/v1/billing',
    summary: 'The package, until when it lasts, what is used of it, what else is sold and how it can be paid.',
    access: 'billing.view',
    response: z.object({
      subscription,
      usage: z.array(usage),
      packages: z.array(sold),
      ways: z.array(z.enum(PAYMENT_PROVIDERS)),
      /** Whether there is a page of ours that takes payments from whoever asks. */
      hasPayPage: z.boolean(),
    }),
  }),
  preview: route({
    method: 'GET',
    path: '/api/v1/billing/preview',
    summary: 'What a period of a package would cost, what is left of the running one, and until when it would last.',
    access: 'billing.view',
    query: z.object({
      package: z.enum(PACKAGES),
      extraBots: z.coerce.number().int().min(0).max(1_000).optional(),
    }),
    response: z
      .object({
        package: z.enum(PACKAGES),
        extraBots: count,
        kind: z.enum(PERIOD_KINDS),
        priceMinor: count,
        /** What the unused days of the running package are worth; they become time of the new one. */
        creditMinor: count,
        /** What is due when the credit is taken off; 0 lets it change without a payment. */
        dueMinor: count,
        currency: z.string(),
        startsAt: instant,
        endsAt: instant,
        /** The price by each way to pay. */
        prices: z.array(money.extend({ provider: z.enum(PAYMENT_PROVIDERS) })),
      })
      .meta({ id: 'OrderPreview' }),
  }),
  payments: route({
    method: 'GET',
    path: '/api/v1/billing/payments',
    summary: 'Orders and payments, newest first.',
    access: 'billing.view',
    query: pageQuery(100, 20),
    response: pageOf(payment),
  }),
  order: route({
    method: 'POST',
    path: '/api/v1/billing/orders',
    summary: 'Orders one period of a package by one way to pay; asked twice, it is the same order.',
    access: 'billing.pay',
    body: wanted.extend({ provider: z.enum(PAYMENT_PROVIDERS) }),
    response: payment,
  }),
  payPage: route({
    method: 'POST',
    path: '/api/v1/billing/pay-page',
    summary: 'A link to the page that takes payments, for whoever asks: opened once, within ten minutes.',
    access: 'billing.pay',
    response: z.object({ path: z.string(), expiresAt: instant }),
  }),
  claim: route({
    method: 'POST',
    path: '/api/v1/billing/payments/:id/claim',
    summary: '“I have paid”: puts a transfer before somebody who looks at the bank account.',
    access: 'billing.pay',
    params: idParams,
    body: z.strictObject({ evidence: z.string().max(2_000) }),
    response: payment,
  }),
  change: route({
    method: 'POST',
    path: '/api/v1/billing/change',
    summary: 'Changes the package at once where what is left of the old one pays for it.',
    access: 'billing.change',
    body: wanted,
    response: subscription,
  }),
  cancel: route({
    method: 'POST',
    path: '/api/v1/billing/cancel',
    summary: 'Lets the package end with its period; a payment takes it back.',
    access: 'billing.cancel',
    response: subscription,
  }),
} as const
