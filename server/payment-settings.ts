// The settings of payment providers. Each provider is off until all of its settings are there.
import { z } from 'zod'

import { normalizeIban } from '#server/base/iban.ts'

const root = (fallback: string) =>
  z
    .string()
    .regex(/^https?:\/\/[^\s]+$/, 'must be an address that starts with https:// or http://')
    .transform((text) => text.replace(/\/+$/, ''))
    .default(fallback)

const text = z.string().optional()

/** Every setting with its check and its line in `.env.example`. */
export const PAYMENT_SETTINGS = {
  IBAN_NUMBER: z
    .string()
    .transform((given, context) => {
      const iban = normalizeIban(given)
      if (iban === null) context.addIssue({ code: 'custom', message: 'must be an IBAN with right check digits' })
      return iban ?? ''
    })
    .optional()
    .describe('IBAN that customers transfer to under their reference code. Empty: no payment by transfer.'),
  IBAN_HOLDER: text.describe('Whose account that is; needed with IBAN_NUMBER and PAPARA_NUMBER.'),
  PAPARA_NUMBER: z
    .string()
    .regex(/^\d{10}$/, 'must be the ten digits of a Papara wallet')
    .optional()
    .describe('Papara wallet that customers send to under their reference code.'),
  STARS_ACCOUNT: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, 'must be the number of a linked account: npx gavatcore accounts list')
    .transform(Number)
    .optional()
    .describe('Number of the linked account whose bot sells packages for Telegram Stars. Empty: the panel bot does.'),
  STRIPE_SECRET_KEY: text.describe('Secret key of Stripe; with STRIPE_WEBHOOK_SECRET it switches cards by Stripe on.'),
  STRIPE_WEBHOOK_SECRET: text.describe('Signing secret of the webhook that calls /payments/stripe/callback.'),
  STRIPE_API_ROOT: root('https://api.stripe.com').describe('Address of Stripe; a local peer in rehearsals.'),
  PAYTR_MERCHANT_ID: text.describe('Number of the shop at PayTR; with key and salt it switches PayTR on.'),
  PAYTR_MERCHANT_KEY: text.describe(
    'Key of the shop. Its panel names /payments/paytr/callback as the address for notices.',
  ),
  PAYTR_MERCHANT_SALT: text.describe('Salt of the shop.'),
  PAYTR_TEST: z
    .enum(['on', 'off'], { message: 'must be one of on, off' })
    .default('off')
    .describe('Whether PayTR works with test cards; test payments count as money then.'),
  PAYTR_API_ROOT: root('https://www.paytr.com').describe('Address of PayTR; a local peer in rehearsals.'),
  PAPARA_API_KEY: text.describe('Key of the merchant API of Papara; needs PAPARA_MERCHANT_SECRET and PUBLIC_URL.'),
  PAPARA_MERCHANT_SECRET: text.describe('Secret that Papara sends back with each notice.'),
  PAPARA_API_ROOT: root('https://merchant-api.papara.com').describe('Address of Papara; a local peer in rehearsals.'),
} as const satisfies Record<string, z.ZodType>

/** Settings that may be given as a file's path. */
export const PAYMENT_SECRETS = [
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'PAYTR_MERCHANT_KEY',
  'PAYTR_MERCHANT_SALT',
  'PAPARA_API_KEY',
  'PAPARA_MERCHANT_SECRET',
] as const

type Given = z.output<z.ZodObject<typeof PAYMENT_SETTINGS>>

/** The providers that are set up; null for each that is off. */
export interface PaymentSettings {
  readonly transfer: { readonly iban: string | null; readonly holder: string; readonly papara: string | null } | null
  readonly starsAccountId: number | null
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string; readonly apiRoot: string } | null
  readonly paytr: {
    readonly merchantId: string
    readonly merchantKey: string
    readonly merchantSalt: string
    readonly isTest: boolean
    readonly apiRoot: string
  } | null
  readonly papara: { readonly apiKey: string; readonly merchantSecret: string; readonly apiRoot: string } | null
}

/** Settings of one provider that only make sense together. */
const TOGETHER = [
  ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
  ['PAYTR_MERCHANT_ID', 'PAYTR_MERCHANT_KEY', 'PAYTR_MERCHANT_SALT'],
  ['PAPARA_API_KEY', 'PAPARA_MERCHANT_SECRET'],
] as const

/** Providers that are set up by half, one a line as "NAME: what is wrong". */
export const paymentFaults = (given: Given, publicUrl: string | undefined): readonly string[] => {
  const faults: string[] = TOGETHER.flatMap((names) => {
    const missing = names.filter((name) => given[name] === undefined)
    return missing.length === 0 || missing.length === names.length
      ? []
      : missing.map((name) => `${name}: is needed with ${names.filter((other) => !missing.includes(other)).join(', ')}`)
  })
  const isTransfer = given.IBAN_NUMBER !== undefined || given.PAPARA_NUMBER !== undefined
  if (isTransfer && given.IBAN_HOLDER === undefined)
    faults.push('IBAN_HOLDER: is needed with IBAN_NUMBER or PAPARA_NUMBER')
  if (given.PAPARA_API_KEY !== undefined && publicUrl === undefined)
    faults.push('PUBLIC_URL: is needed with PAPARA_API_KEY, as Papara is told where to call')
  return faults
}

/** The settings by provider, once there are no faults. */
export const readPaymentSettings = (given: Given): PaymentSettings => {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = given
  const { PAYTR_MERCHANT_ID: merchantId, PAYTR_MERCHANT_KEY: merchantKey, PAYTR_MERCHANT_SALT: merchantSalt } = given
  const { PAPARA_API_KEY: apiKey, PAPARA_MERCHANT_SECRET: merchantSecret } = given
  const { IBAN_NUMBER: iban = null, PAPARA_NUMBER: papara = null, IBAN_HOLDER: holder } = given
  return {
    transfer: holder !== undefined && (iban !== null || papara !== null) ? { iban, holder, papara } : null,
    starsAccountId: given.STARS_ACCOUNT ?? null,
    stripe: secretKey && webhookSecret ? { secretKey, webhookSecret, apiRoot: given.STRIPE_API_ROOT } : null,
    paytr:
      merchantId && merchantKey && merchantSalt
        ? { merchantId, merchantKey, merchantSalt, isTest: given.PAYTR_TEST === 'on', apiRoot: given.PAYTR_API_ROOT }
        : null,
    papara: apiKey && merchantSecret ? { apiKey, merchantSecret, apiRoot: given.PAPARA_API_ROOT } : null,
  }
}
