import type { PaymentProvider, TransferInstructions } from '../payment-provider.ts'

/**
 * Bank transfer or Papara by hand, under the order's reference. Nobody tells us of such a payment: the customer claims
 * it with evidence, and the operator looks at the account and decides.
 */
export const createTransferProvider = (instructions: TransferInstructions): PaymentProvider => ({
  name: 'transfer',
  currencies: ['TRY'],
  acknowledgement: '',
  createCheckout: () => Promise.resolve({ kind: 'instructions', instructions }),
  verifyCallback: () => Promise.resolve({ kind: 'rejected', reason: 'unconfirmed' }),
  queryPayment: () => Promise.resolve({ kind: 'open' }),
  refund: () => Promise.resolve({ kind: 'by_hand' }),
})
