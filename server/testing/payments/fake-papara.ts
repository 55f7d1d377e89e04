import { type PaparaSettings, createPaparaProvider } from '#server/gateways/payments/adapters/papara.ts'
import type { RawCallback } from '#server/gateways/payments/payment-provider.ts'

import type { PaymentWorld } from './payment-world.ts'
import { startProviderServer } from './provider-server.ts'

const SHOP = { apiKey: 'fake-api-key', merchantSecret: 'fake-merchant-secret' }

interface Row {
  readonly id: string
  readonly referenceId: string
  amount: number
  currency: number
  status: 0 | 1 | 2
}

const json = (value: unknown): RawCallback => ({
  body: Buffer.from(JSON.stringify(value)),
  headers: { 'content-type': 'application/json' },
})

/** Papara's merchant API: payments by id and by reference, and notices that carry the shop's secret unsigned. */
export const openFakePapara = async (): Promise<PaymentWorld> => {
  const rows: Row[] = []
  const found = (row: Row | undefined) =>
    row ? { json: { data: row, succeeded: true } } : { json: { data: null, succeeded: false, error: { code: 999 } } }
  const server = await startProviderServer(({ method, url, headers, body }) => {
    if (headers['apikey'] !== SHOP.apiKey) return { status: 401, json: { succeeded: false } }
    if (method === 'GET' && url.pathname === '/payments')
      return found(rows.find(({ id }) => id === url.searchParams.get('id')))
    if (method === 'GET') return found(rows.find((row) => row.referenceId === url.searchParams.get('referenceId')))
    const { referenceId, amount, currency } = JSON.parse(body) as Pick<Row, 'referenceId' | 'amount' | 'currency'>
    const row: Row = { id: `pp-${rows.length + 1}`, referenceId, amount, currency, status: 0 }
    rows.push(row)
    return { json: { data: { ...row, paymentUrl: `${server.apiRoot}/pay/${row.id}` }, succeeded: true } }
  })
  const settings: PaparaSettings = { ...SHOP, apiRoot: server.apiRoot, callbackUrl: 'https://shop.example/callback' }
  return {
    provider: createPaparaProvider(settings),
    stranger: createPaparaProvider({ ...settings, apiKey: 'another' }),
    callbacks: server.callbacks,
    payerTelegramId: null,
    async pay(reference, amountMinor) {
      const row = rows.find(({ referenceId }) => referenceId === reference)
      if (!row) throw new Error(`nobody asked for ${reference}`)
      row.status = 1
      if (amountMinor !== undefined) row.amount = amountMinor / 100
      server.callbacks.push(json({ ...row, merchantSecretKey: SHOP.merchantSecret }))
    },
    // Whoever learns the secret can write any notice; only the question back finds out.
    forge: () =>
      json({
        id: 'pp-404',
        referenceId: 'GCFORGED2222',
        amount: 500,
        status: 1,
        merchantSecretKey: SHOP.merchantSecret,
      }),
    setDown: (isDown) => server.setDown(isDown),
    close: () => server.close(),
  }
}
