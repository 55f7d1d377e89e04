import { describe, expect, it } from 'vitest'

import { LINK_CONSENT_VERSION } from '#server/modules/accounts/index.ts'
import type { PanelVisitor } from '#server/testing/panel.ts'
import { pushUpdate } from '#simulator/updates/queue.ts'

import { type NewcomerStage, hears, linkOf, openNewcomerStage, reaches } from './open-newcomer-stage.ts'

const accountOf = async ({ database }: NewcomerStage, id: number | null) =>
  database.db
    .selectFrom('account')
    .select(['kind', 'linked_by', 'state', 'telegram_id', 'owner_telegram_id', 'tenant_id'])
    .where('id', '=', id ?? 0)
    .executeTakeFirstOrThrow()

const paymentsOf = ({ database }: NewcomerStage) =>
  database.db
    .selectFrom('payment')
    .select(['reference', 'state', 'activated_at', 'received_minor'])
    .orderBy('id')
    .execute()

/** A payment in Stars that Telegram never took: as a forged or repeated update would say. */
const sayPaid = (
  { simulator, panelBotId }: NewcomerStage,
  { id }: PanelVisitor,
  payment: { readonly payload: string; readonly amount: number; readonly chargeId: string },
) => {
  const { world } = simulator
  const [bot, user] = [world.bots.get(panelBotId), world.users.get(id)]
  if (!bot || !user) throw new Error('nobody there')
  const message = {
    message_id: 900_000 + payment.amount,
    date: Math.floor(simulator.clock.now() / 1_000),
    chat: { id, type: 'private', first_name: user.firstName },
    from: user.view,
    successful_payment: {
      currency: 'XTR',
      total_amount: payment.amount,
      invoice_payload: payment.payload,
      telegram_payment_charge_id: payment.chargeId,
      provider_payment_charge_id: '',
    },
  }
  pushUpdate(bot.updates, 'message', message, `dialog:${id}`, simulator.clock.now())
}

describe('Stars', { timeout: 300_000 }, () => {
  it('are paid in the chat in time, counted once, believed of nobody else, and returned by the command line', async () => {
    const stage = await openNewcomerStage()
    const { simulator, cli } = stage
    const ayse = stage.person({ name: 'Ayşe' })
    await ayse.sends('/musteri_panel')
    await ayse.presses('Başlangıç')
    await ayse.presses('Telegram Stars')
    const [ordered] = await paymentsOf(stage)
    const reference = ordered?.reference ?? ''

    // Nobody has paid, and there is no such order.
    sayPaid(stage, ayse, { payload: 'GC0000000000', amount: 1_667, chargeId: 'forged-1' })
    await ayse.sends('/yardim')
    expect((await stage.onboardingOf(ayse)).state).toBe('payment_pending')
    expect((await paymentsOf(stage))[0]?.activated_at).toBeNull()

    await ayse.sends('/musteri_panel')
    const { preCheckoutQueryId } = simulator.control.payInvoice({
      userId: ayse.id,
      botId: stage.panelBotId,
      link: linkOf(ayse, 'Öde'),
    })
    const { chargeId } = await stage.until('the charge', () => {
      const checkout = simulator.control.getCheckout({ preCheckoutQueryId })
      return checkout.state === 'paid' && checkout
    })
    await hears(stage, ayse, 'Ödemeniz geldi')
    const { id, tenant_id: tenantId } = await reaches(stage, ayse, 'account_connecting')
    const stored = await paymentsOf(stage)
    expect(stored).toHaveLength(1)

    // Said again, by the same charge and by another one.
    for (const again of [chargeId ?? '', 'forged-2'])
      sayPaid(stage, ayse, { payload: reference, amount: stored[0]?.received_minor ?? 0, chargeId: again })
    await ayse.sends('/yardim')
    expect(await paymentsOf(stage)).toEqual(stored)
    expect(await stage.onboardingOf(ayse)).toMatchObject({ id, state: 'account_connecting' })

    expect(await cli.json(['payments', 'refund', reference, '--yes'])).toMatchObject({ state: 'refunded' })
    await hears(stage, ayse, 'Ödemeniz iade edildi')
    await reaches(stage, ayse, 'cancelled')
    const tenant = await stage.database.db
      .selectFrom('tenant')
      .select('state')
      .where('id', '=', tenantId ?? 0)
      .executeTakeFirst()
    expect(tenant?.state ?? 'removed').not.toBe('active')
  })
})

describe('a person’s own account', { timeout: 300_000 }, () => {
  it('is linked by QR on the page that the panel leads to, and active', async () => {
    const stage = await openNewcomerStage({ mtproto: true })
    const { simulator } = stage
    const can = stage.person({ name: 'Can' })
    await can.sends('/musteri_panel')
    await can.presses('Deneme')
    const screen = await can.presses('Kendi hesabım')
    expect(screen.text).toContain('web sayfamızda')
    const page = await stage.browse(linkOf(can, 'Sayfayı aç'))
    await page.submit('/qr', { consent: LINK_CONSENT_VERSION })
    const { userId } = simulator.control.createUserLogin({ phone: '905551112233', firstName: 'Can' })
    const { box } = stage.app().accounts
    const url = await stage.until('a QR code', async () => {
      const row = await stage.database.db
        .selectFrom('login_attempt')
        .selectAll()
        .orderBy('id', 'desc')
        .executeTakeFirst()
      return row?.qr_url_sealed && box.open(row.qr_url_sealed, `login_attempt.qr:${row.tenant_id}:${row.session_id}`)
    })
    simulator.control.scanQr({ userId, url })
    await stage.until('the page says that it is linked', async () => {
      await page.open('/account-login')
      return page.seen().text.includes('Hesap bağlandı')
    })
    const { account_id: accountId } = await reaches(stage, can, 'active')
    expect(await accountOf(stage, accountId)).toMatchObject({
      kind: 'user',
      linked_by: 'session',
      state: 'active',
      owner_telegram_id: can.id,
    })
    expect((await can.sends('/bot_durum')).buttons.flat().join(' ')).toContain('Can')
  })
})

describe('a business account', { timeout: 300_000 }, () => {
  it('that is connected to the panel’s bot while an account is awaited becomes the account, and active', async () => {
    const stage = await openNewcomerStage()
    const { simulator } = stage
    const ece = stage.person({ name: 'Ece' })
    await ece.sends('/musteri_panel')
    await ece.presses('Deneme')
    expect((await ece.presses('İşletme hesabım')).text).toContain('@gavatcore_panel_bot')
    const rights = { can_reply: true, can_read_messages: true } as const
    simulator.control.connectBusiness({ userId: ece.id, botId: stage.panelBotId, rights })
    const { account_id: accountId } = await reaches(stage, ece, 'active')
    expect(await accountOf(stage, accountId)).toMatchObject({
      kind: 'business',
      linked_by: 'business',
      state: 'active',
    })
    await hears(stage, ece, 'Hesabınız bağlandı')
    const peer = simulator.control.createUser({ firstName: 'Mert', languageCode: 'tr' })
    simulator.control.writeToOwner({ ownerId: ece.id, peerId: peer.id, text: '/menu' })
    await stage.until('an answer in the owner’s chat', () =>
      simulator.control
        .getPersonalChat({ ownerId: ece.id, peerId: peer.id })
        .messages.some((message) => message.sender_business_bot !== undefined),
    )
    simulator.control.disconnectBusiness({ userId: ece.id })
    await hears(stage, ece, 'bağlantısı koptu')
    expect((await accountOf(stage, accountId)).state).toBe('disconnected')
  })
})
