import { PAYMENT_PROVIDERS, type PaymentProviderName } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

/** What may be paid how. Stars are whole and have no smaller unit. */
const CURRENCIES: Readonly<Record<PaymentProviderName, readonly string[]>> = {
  transfer: ['TRY'],
  stars: ['XTR'],
  stripe: ['TRY', 'USD', 'EUR'],
  paytr: ['TRY'],
  papara: ['TRY'],
}

/** A billion of the major unit: above it somebody mistyped. */
const MAX_AMOUNT_MINOR = 100_000_000_000

export interface NewPayment {
  readonly provider: PaymentProviderName
  /** Name of the package as the catalogue has it. */
  readonly package: string
  /** Pieces by add-on, 1–100 each. */
  readonly addOns?: Readonly<Record<string, number>>
  readonly periodDays: number
  /** What the catalogue asks for all of it, in minor units. */
  readonly amountMinor: number
  readonly currency: string
  /** The same in the catalogue's currency and minor units; `amountMinor` when left out, as it is in lira. */
  readonly priceMinor?: number
}

const checkWhole = (field: string, value: number, min: number, max: number): void => {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw invalid('whole_number_expected', field, { given: String(value).slice(0, 40), min, max })
}

/** The order with defaults filled in. Errors: `invalid` naming the field. */
export const checkNewPayment = (input: NewPayment): Required<NewPayment> => {
  if (!PAYMENT_PROVIDERS.includes(input.provider))
    throw invalid('word_expected', 'provider', {
      given: input.provider.slice(0, 40),
      words: PAYMENT_PROVIDERS.join(', '),
    })
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(input.package))
    throw invalid('payment_package', 'package', { given: input.package.slice(0, 40) })
  checkWhole('periodDays', input.periodDays, 1, 3_660)
  checkWhole('amountMinor', input.amountMinor, 1, MAX_AMOUNT_MINOR)
  const currencies = CURRENCIES[input.provider]
  if (!currencies.includes(input.currency))
    throw invalid('word_expected', 'currency', { given: input.currency.slice(0, 40), words: currencies.join(', ') })
  if (input.priceMinor === undefined && input.currency !== 'TRY') throw invalid('payment_price_missing', 'priceMinor')
  const priceMinor = input.priceMinor ?? input.amountMinor
  checkWhole('priceMinor', priceMinor, 0, MAX_AMOUNT_MINOR)
  const addOns = input.addOns ?? {}
  for (const [name, pieces] of Object.entries(addOns)) checkWhole(`addOns.${name}`, pieces, 1, 100)
  return { ...input, addOns, priceMinor }
}

/** A text somebody wrote, trimmed; null when there is none. Errors: `invalid/text_too_long`. */
export const checkOptionalText = (field: string, text: string | null, max: number): string | null => {
  const trimmed = text?.trim() ?? ''
  if (trimmed.length > max) throw invalid('text_too_long', field, { max })
  return trimmed === '' ? null : trimmed
}
