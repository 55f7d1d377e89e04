import { describe, expect, it } from 'vitest'

import { openFakePapara } from '#server/testing/payments/fake-papara.ts'
import { openFakePaytr } from '#server/testing/payments/fake-paytr.ts'
import { openFakeStripe } from '#server/testing/payments/fake-stripe.ts'
import { openSimulatedStars } from '#server/testing/payments/simulated-stars.ts'
import { orderFor, testPaymentProvider } from '#server/testing/suites/payment-provider.suite.ts'

import { parseMinor } from './call-provider.ts'
import { createPaytrProvider } from './paytr.ts'
import { createTransferProvider } from './transfer.ts'

testPaymentProvider('stripe', openFakeStripe)
testPaymentProvider('paytr', openFakePaytr)
testPaymentProvider('papara', openFakePapara)
testPaymentProvider('stars', openSimulatedStars)

describe('createTransferProvider', () => {
  it('says where to pay, and believes no callback', async () => {
    const instructions = { iban: 'TR330006100519786457841326', holder: 'Gavat Ltd', papara: null }
    const provider = createTransferProvider(instructions)
    expect(await provider.createCheckout(orderFor(provider))).toEqual({ kind: 'instructions', instructions })
    expect(await provider.verifyCallback({ body: Buffer.from('{}'), headers: {} })).toMatchObject({ kind: 'rejected' })
  })
})

describe('createPaytrProvider', () => {
  const settings = {
    merchantId: '1',
    merchantKey: 'key',
    merchantSalt: 'salt',
    isTest: false,
    apiRoot: 'http://127.0.0.1:9',
  }
  // base64(HMAC-SHA256('key', 'GC12345678' + 'salt' + 'success' + '50000')), computed with openssl.
  const HASH = '+kydl/KApF4qCIgNyUjtFp3Wudp87zlWzJHQ6ilYBXs='
  const callback = (more: Readonly<Record<string, string>>) => ({
    body: Buffer.from(
      new URLSearchParams({
        merchant_oid: 'GC12345678',
        status: 'success',
        total_amount: '50000',
        hash: HASH,
        ...more,
      }).toString(),
    ),
    headers: {},
  })

  it('takes the hash that the documentation prescribes', async () => {
    expect(await createPaytrProvider(settings).verifyCallback(callback({}))).toMatchObject({
      kind: 'event',
      event: { amountMinor: 50_000, currency: 'TRY', eventId: 'GC12345678:paid' },
    })
  })

  it('does not take a test payment for money, nor a field that stands there twice', async () => {
    const provider = createPaytrProvider(settings)
    expect(await provider.verifyCallback(callback({ test_mode: '1' }))).toEqual({
      kind: 'rejected',
      reason: 'unconfirmed',
    })
    const twice = callback({})
    const body = Buffer.concat([twice.body, Buffer.from('&merchant_oid=GCANOTHER222')])
    expect(await provider.verifyCallback({ ...twice, body })).toMatchObject({ kind: 'rejected' })
  })

  it('asks for what it needs of the payer', async () => {
    const provider = createPaytrProvider(settings)
    const order = orderFor(provider)
    const result = await provider.createCheckout({ ...order, payer: { ...order.payer, ip: null } })
    expect(result).toEqual({ kind: 'refused', code: 'payer_incomplete' })
  })
})

describe('parseMinor', () => {
  it.each([
    ['18.50', 1_850],
    [18.5, 1_850],
    [500, 50_000],
    ['0.07', 7],
    [499.99, 49_999],
    ['1.005', null],
    ['1,5', null],
    ['-1', null],
    ['1e3', null],
    [null, null],
    [Number.NaN, null],
  ])('reads %s as %s', (given, minor) => {
    expect(parseMinor(given)).toBe(minor)
  })
})
