import { describe, expect, it } from 'vitest'

import { hears, linkOf, openNewcomerStage, reaches } from './open-newcomer-stage.ts'

describe('a restart of the whole server', { timeout: 600_000 }, () => {
  it('finds everybody at their step, in every state of an onboarding, with the buttons they have', async () => {
    const stage = await openNewcomerStage()
    const { simulator } = stage
    const operator = await stage.operator()
    await operator.sends('/start')
    const ayla = stage.person({ name: 'Ayla' })

    // choosing: pressed while the server is away, and twice.
    const packages = await ayla.sends('/musteri_panel')
    await stage.restart()
    await Promise.all([ayla.presses('Profesyonel'), ayla.presses('Profesyonel', packages.messageId)])
    const { id } = await reaches(stage, ayla, 'package_selected')

    await stage.restart()
    await ayla.sends('/musteri_panel')
    await ayla.presses('Diğer ödeme yolları')
    const page = await stage.browse(linkOf(ayla, 'Sayfayı aç'))
    await page.submit('/order', { provider: 'transfer', package: 'professional' })
    await reaches(stage, ayla, 'payment_pending')

    // payment_pending: the browser's visit and the bot's question both outlive it.
    await stage.restart()
    await page.open('/pay')
    expect(page.seen().text).toContain('TR33')
    await ayla.presses('Ödeme yaptım')
    await ayla.presses('Ödeme yaptım')
    await stage.restart()
    await ayla.sends('Ayla Kaya, öğlen gönderdim')
    await reaches(stage, ayla, 'payment_claimed')

    await stage.restart()
    expect((await ayla.sends('/musteri_panel')).text).toContain('Bildiriminiz alındı')
    await hears(stage, operator, 'Onay bekleyen ödeme: 1')
    await operator.sends('/odemeler')
    await operator.presses('Ayla')
    await operator.presses('Onayla')
    // The question was asked by the former server; two operators' fingers are one decision.
    await stage.restart()
    const question = operator.lastScreen().messageId
    await Promise.all([operator.presses('Evet', question), operator.presses('Evet', question).catch(() => null)])
    await reaches(stage, ayla, 'account_connecting')

    await stage.restart()
    const awaited = await ayla.sends('/musteri_panel')
    expect(awaited.text).toContain('hesabınızı bağlayın')
    const link = linkOf(ayla, 'tek dokunuş')
    // profile_created: the check fails, so the account waits there over a restart.
    simulator.control.addFault({ kind: 'error', methods: ['getWebhookInfo'], probability: 1 })
    const bot = simulator.control.createManagedBotFromLink({ userId: ayla.id, link })
    await hears(stage, ayla, 'bağlandı')
    await stage.restart()
    simulator.control.clearFaults({})
    expect((await stage.onboardingOf(ayla)).id).toBe(id)
    await stage.until('the check', async () => {
      const { state } = await stage.onboardingOf(ayla)
      return state === 'active'
    })

    // active, and every button of the way there is old.
    await stage.restart()
    for (const step of [`pick:0::${id}:starter`, `web:0::${id}`, `claim:0::${id}`, `back:0::${id}`, `cancel:0::${id}`])
      await ayla.forges(`1:onb.${step}`)
    expect(await stage.onboardingOf(ayla)).toMatchObject({ id, state: 'active' })
    const payments = await stage.database.db.selectFrom('payment').select('state').execute()
    expect(payments).toEqual([{ state: 'approved' }])
    const accounts = await stage.database.db
      .selectFrom('account')
      .select(['telegram_id', 'state'])
      .where('purpose', '=', 'contacts')
      .execute()
    expect(accounts).toEqual([{ telegram_id: bot.id, state: 'active' }])
    simulator.control.start({ userId: ayla.id, botId: bot.id })
    await stage.until('the bot answers after all that', () => stage.textsOf(bot.id, ayla.id)[0])
    expect(operator.screens().filter(({ text }) => text.startsWith('💳 Onay bekleyen'))).toHaveLength(1)
  })
})
