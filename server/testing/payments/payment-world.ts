import type { PaymentProvider, RawCallback } from '#server/gateways/payments/payment-provider.ts'

/** A provider and the peer behind it, as the contract suite and the callback tests drive them. */
export interface PaymentWorld {
  readonly provider: PaymentProvider
  /** The same shop with a key that is not its own; null where there is none. */
  readonly stranger: PaymentProvider | null
  readonly callbacks: readonly RawCallback[]
  /** Somebody pays an order that was checked out; the whole amount unless told otherwise. */
  pay(reference: string, amountMinor?: number): Promise<void>
  /** A genuine callback changed after it was signed, or one that was never genuine. */
  forge(callback: RawCallback): RawCallback
  setDown(isDown: boolean): Promise<void> | void
  /** Who paid, where refunds go to a person. */
  readonly payerTelegramId: number | null
  close(): Promise<void>
}
