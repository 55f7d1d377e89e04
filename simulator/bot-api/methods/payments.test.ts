import type { Message, StarTransactions, Update } from '@grammyjs/types'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

const INVOICE = {
  title: 'Başlangıç',
  description: '30 gün',
  payload: 'GCTEST234567',
  provider_token: '',
  currency: 'XTR',
  prices: [{ label: 'Başlangıç', amount: 350 }],
}

describe('paymentMethods', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  beforeEach(async () => {
    clock = createManualSimulatorClock(Date.UTC(2026, 10, 21))
    scene = await createScene({ clock })
  })
  afterEach(() => scene.simulator.close())

  let offset = 0
  const updates = async (): Promise<readonly Update[]> => {
    const rows = await scene.ok<Update[]>('getUpdates', { offset })
    offset = (rows.at(-1)?.update_id ?? offset - 1) + 1
    return rows
  }
  const pay = async () => {
    await scene.ok<Message>('sendInvoice', { chat_id: scene.user.id, ...INVOICE })
    return scene.control.payInvoice({ userId: scene.user.id, botId: scene.bot.id }).preCheckoutQueryId
  }
  const answer = (id: string) => ({ pre_checkout_query_id: id, ok: true })

  it('take a payment: asked first, told once under a charge id, kept among the transactions', async () => {
    const id = await pay()
    const [asked] = await updates()
    expect(asked?.pre_checkout_query).toMatchObject({ id, total_amount: 350, invoice_payload: INVOICE.payload })
    expect(await scene.ok('answerPreCheckoutQuery', answer(id))).toBe(true)
    expect(await scene.refusal('answerPreCheckoutQuery', answer(id))).toContain('query is too old')
    const told = await updates()
    const { chargeId, state } = scene.control.getCheckout({ preCheckoutQueryId: id })
    expect(state).toBe('paid')
    expect(told.map(({ message }) => message?.successful_payment?.telegram_payment_charge_id)).toEqual([chargeId])
    const { transactions } = await scene.ok<StarTransactions>('getStarTransactions')
    expect(transactions).toMatchObject([{ id: chargeId, amount: 350, source: { invoice_payload: INVOICE.payload } }])
  })

  it('cancel a payment that is not answered within ten seconds', async () => {
    const [late, refused] = [await pay(), await pay()]
    await scene.ok('answerPreCheckoutQuery', { pre_checkout_query_id: refused, ok: false, error_message: 'Tükendi' })
    await clock.advance(10_000)
    expect(await scene.refusal('answerPreCheckoutQuery', answer(late))).toContain('query is too old')
    expect(scene.control.getCheckout({ preCheckoutQueryId: late }).state).toBe('cancelled')
    expect(scene.control.getCheckout({ preCheckoutQueryId: refused })).toMatchObject({
      state: 'refused',
      refusal: 'Tükendi',
    })
    expect((await updates()).filter(({ message }) => message?.successful_payment)).toEqual([])
  })

  it('send a charge back once', async () => {
    const link = await scene.ok<string>('createInvoiceLink', INVOICE)
    const buyer = scene.control.createUser({})
    const { preCheckoutQueryId: id } = scene.control.payInvoice({ userId: buyer.id, botId: scene.bot.id, link })
    await scene.ok('answerPreCheckoutQuery', answer(id))
    const charge = {
      user_id: buyer.id,
      telegram_payment_charge_id: scene.control.getCheckout({ preCheckoutQueryId: id }).chargeId,
    }
    expect(await scene.refusal('refundStarPayment', { ...charge, user_id: scene.user.id })).toBe(
      'Bad Request: CHARGE_NOT_FOUND',
    )
    expect(await scene.ok('refundStarPayment', charge)).toBe(true)
    expect(await scene.refusal('refundStarPayment', charge)).toBe('Bad Request: CHARGE_ALREADY_REFUNDED')
    expect((await scene.ok<StarTransactions>('getStarTransactions')).transactions).toHaveLength(2)
  })

  it.each([
    [{ payload: 'ş'.repeat(65) }, 'INVOICE_PAYLOAD_INVALID'],
    [{ currency: 'TRY' }, 'PAYMENT_PROVIDER_INVALID'],
    [{ prices: [...INVOICE.prices, ...INVOICE.prices] }, 'STARS_INVOICE_INVALID'],
    [{ title: 'x'.repeat(33) }, 'INVOICE_TITLE_INVALID'],
  ])('refuse an invoice with %o', async (changes, code) => {
    expect(await scene.refusal('createInvoiceLink', { ...INVOICE, ...changes })).toBe(`Bad Request: ${code}`)
  })
})
