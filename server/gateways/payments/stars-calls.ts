import type { ProviderFailure } from './payment-provider.ts'

export interface StarTransaction {
  /** The charge id for what came in; the same for its refund. */
  readonly id: string
  readonly stars: number
  /** Payload of the invoice that was paid; null for anything else. */
  readonly payload: string | null
}

type Answer<T> = { readonly kind: 'done'; readonly value: T } | ProviderFailure

/** What the selling bot can do, its account already chosen. */
export interface StarsCalls {
  createInvoiceLink(invoice: {
    readonly title: string
    readonly description: string
    readonly payload: string
    readonly stars: number
  }): Promise<Answer<string>>
  /** A charge that was refunded before counts as done. */
  refund(payerTelegramId: number, chargeId: string): Promise<Answer<true>>
  /** Oldest first, at most 100 from `offset`. */
  listTransactions(offset: number): Promise<Answer<readonly StarTransaction[]>>
}
