import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type {
  CheckoutOrder,
  PaymentProvider,
  ProviderEvent,
  RawCallback,
} from '#server/gateways/payments/payment-provider.ts'
import type { PaymentWorld } from '#server/testing/payments/payment-world.ts'

/** An order as the product makes them. */
export const orderFor = (provider: PaymentProvider, reference = 'GCTEST234567'): CheckoutOrder => ({
  reference,
  amountMinor: provider.name === 'stars' ? 350 : 50_000,
  currency: provider.currencies[0] ?? '',
  description: 'Başlangıç, 30 gün',
  locale: 'tr',
  expiresAt: Date.UTC(2026, 5, 4),
  returnUrl: 'https://shop.example/done',
  payer: {
    name: 'Ayşe Yılmaz',
    email: 'ayse@shop.example',
    phone: '05551112233',
    address: 'Kadıköy',
    ip: '203.0.113.9',
  },
})

const JUNK: readonly RawCallback[] = ['', '{', '[]', '{"id":7}', 'merchant_oid=GCTEST234567', '\u0000\u0001'].map(
  (body) => ({
    body: Buffer.from(body),
    headers: {},
  }),
)

/** What every provider that tells of payments by itself promises, whichever peer is behind it. */
export const testPaymentProvider = (name: string, openWorld: () => Promise<PaymentWorld>): void => {
  describe(`the payment provider ${name}`, () => {
    let world: PaymentWorld
    let provider: PaymentProvider
    beforeEach(async () => {
      world = await openWorld()
      provider = world.provider
    })
    afterEach(() => world.close())

    const open = async (reference?: string): Promise<string | null> => {
      const result = await provider.createCheckout(orderFor(provider, reference))
      if (result.kind !== 'page') throw new Error(`no page: ${JSON.stringify(result)}`)
      return result.checkoutId
    }
    const verify = async (callback: RawCallback | undefined): Promise<ProviderEvent> => {
      if (!callback) throw new Error('nothing was told')
      const verdict = await provider.verifyCallback(callback)
      if (verdict.kind !== 'event') throw new Error(`not believed: ${JSON.stringify(verdict)}`)
      return verdict.event
    }
    const paid = {
      provider: name,
      reference: 'GCTEST234567',
      kind: 'paid',
    }

    it('gives a page to pay at, for an order with letters of any language', async () => {
      const result = await provider.createCheckout(orderFor(provider))
      expect(result).toMatchObject({ kind: 'page' })
      expect(result.kind === 'page' && URL.canParse(result.url)).toBe(true)
    })

    it('proves a payment with its exact amount, and the same way when it is told again', async () => {
      await open()
      await world.pay('GCTEST234567')
      const { amountMinor, currency } = orderFor(provider)
      const event = await verify(world.callbacks[0])
      expect(event).toMatchObject({ ...paid, amountMinor, currency })
      expect(await verify(world.callbacks[0])).toEqual(event)
    })

    it('believes nothing that was forged or is no callback at all', async () => {
      await open()
      await world.pay('GCTEST234567')
      const [genuine] = world.callbacks
      if (!genuine) throw new Error('nothing was told')
      for (const callback of [world.forge(genuine), ...JUNK])
        expect((await provider.verifyCallback(callback)).kind).toBe('rejected')
    })

    it('finds by asking what nobody told, as one payment with the callback', async () => {
      const checkoutId = await open()
      const query = { reference: 'GCTEST234567', checkoutId }
      expect(await provider.queryPayment(query)).toEqual({ kind: 'open' })
      await world.pay('GCTEST234567')
      const told = await verify(world.callbacks[0])
      const asked = await provider.queryPayment(query)
      expect(asked).toMatchObject({ kind: 'event', event: { ...paid, amountMinor: told.amountMinor } })
      expect(asked.kind === 'event' && asked.event.providerPaymentId).toBe(told.providerPaymentId)
    })

    it('sends the whole amount back once, or says that a person has to', async () => {
      await open()
      await world.pay('GCTEST234567')
      const { reference, amountMinor, currency, providerPaymentId } = await verify(world.callbacks[0])
      const request = { reference, amountMinor, currency, providerPaymentId, payerTelegramId: world.payerTelegramId }
      const expected = provider.name === 'papara' ? 'by_hand' : 'done'
      expect(await provider.refund(request)).toEqual({ kind: expected })
      expect(await provider.refund(request)).toEqual({ kind: expected })
    })

    it('says that it is away when the peer is, and is back with it', async () => {
      await world.setDown(true)
      expect(await provider.createCheckout(orderFor(provider))).toMatchObject({ kind: 'unavailable' })
      await world.setDown(false)
      expect(await provider.createCheckout(orderFor(provider))).toMatchObject({ kind: 'page' })
    })

    it('is refused with a key that is not its own', async () => {
      const result = world.stranger && (await world.stranger.createCheckout(orderFor(provider)))
      expect(result?.kind ?? 'refused').toBe('refused')
    })
  })
}
