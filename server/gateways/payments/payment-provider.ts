import type { Locale, PaymentProviderName } from '#contract/words.ts'

/** One payment as it is asked for. */
export interface CheckoutOrder {
  /** 8–64 capital letters and digits; unique, and the key under which a provider takes the order once. */
  readonly reference: string
  /** Minor units: kuruş for TRY, whole Stars for XTR. */
  readonly amountMinor: number
  readonly currency: string
  /** What is sold, as the payer reads it; 1–128 characters. */
  readonly description: string
  readonly locale: Locale
  /** Epoch ms after which nobody should pay any more. */
  readonly expiresAt: number
  /** Where the payer's browser goes afterwards; what it says there proves nothing. */
  readonly returnUrl: string
  readonly payer: PayerCard
}

/** Who pays. A provider that needs more than it is given refuses with `payer_incomplete`. */
export interface PayerCard {
  readonly name: string
  readonly email: string | null
  readonly phone: string | null
  readonly address: string | null
  /** The browser's address, as PayTR wants it. */
  readonly ip: string | null
}

/** How a call ended that brought nothing. `unavailable` may be tried again: each call is idempotent by reference. */
export type ProviderFailure =
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** `code` is the provider's short code, never a text about the payer. */
  | { readonly kind: 'refused'; readonly code: string }

/** Where to pay into by hand. */
export interface TransferInstructions {
  readonly iban: string | null
  readonly holder: string
  /** Number of the Papara wallet. */
  readonly papara: string | null
}

export type CheckoutResult =
  /** `checkoutId` is the provider's name of this checkout, where it has one. */
  | { readonly kind: 'page'; readonly url: string; readonly isEmbedded: boolean; readonly checkoutId: string | null }
  | { readonly kind: 'instructions'; readonly instructions: TransferInstructions }
  | ProviderFailure

/** Something a provider tells, its origin proven. */
export interface ProviderEvent {
  readonly provider: PaymentProviderName
  /** Unique per provider; a repetition has the same. */
  readonly eventId: string
  readonly reference: string
  readonly kind: 'paid' | 'failed' | 'refunded'
  readonly amountMinor: number
  readonly currency: string
  /** The provider's own name of the payment, the same in each event about it. */
  readonly providerPaymentId: string
}

/** A callback as it came: the bytes, because signatures are over bytes. Header names in lower case. */
export interface RawCallback {
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string | undefined>>
}

export type CallbackVerdict =
  | { readonly kind: 'event'; readonly event: ProviderEvent }
  /** Genuine, and nothing for us. */
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'rejected'; readonly reason: 'signature' | 'malformed' | 'unconfirmed' }
  /** Cannot be judged now; the provider is asked to repeat it. */
  | { readonly kind: 'unavailable'; readonly reason: string }

export interface PaymentQuery {
  readonly reference: string
  readonly checkoutId: string | null
}

/** `event` says what became of it; `open` that nothing has yet. */
export type QueryResult =
  | { readonly kind: 'event'; readonly event: ProviderEvent }
  | { readonly kind: 'open' }
  | ProviderFailure

export interface RefundRequest {
  readonly reference: string
  readonly providerPaymentId: string | null
  readonly amountMinor: number
  readonly currency: string
  /** Who paid, where the money goes back to a Telegram person. */
  readonly payerTelegramId: number | null
}

export type RefundResult =
  /** Sent back, or had been before. */
  | { readonly kind: 'done' }
  /** This provider sends nothing back by itself: a person does, and says so. */
  | { readonly kind: 'by_hand' }
  | ProviderFailure

/** A way money comes in. Calls never throw besides a bug and hold no transaction. */
export interface PaymentProvider {
  readonly name: PaymentProviderName
  /** Currencies it takes. */
  readonly currencies: readonly string[]
  /** The body of the answer that ends a callback's repetitions, word for word. */
  readonly acknowledgement: string
  createCheckout(order: CheckoutOrder): Promise<CheckoutResult>
  verifyCallback(callback: RawCallback): Promise<CallbackVerdict>
  /** Asks how a payment went, for callbacks that never came. */
  queryPayment(query: PaymentQuery): Promise<QueryResult>
  /** Sends the whole amount back; a second time does no harm. */
  refund(request: RefundRequest): Promise<RefundResult>
}
