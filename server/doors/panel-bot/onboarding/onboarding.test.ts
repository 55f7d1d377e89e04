import { beforeEach, describe, expect, it } from 'vitest'

import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import { getSubscription, listPayments } from '#server/modules/billing/index.ts'
import { listMemberships } from '#server/modules/tenancy/index.ts'
import { type PanelVisitor, type PanelWorld, openPanel } from '#server/testing/panel.ts'

const ownTenant = async (world: PanelWorld, { id }: PanelVisitor): Promise<number> => {
  const [member] = await asOperator(world.app.database.db, 'test', (tx) => listMemberships(tx, id))
  if (!member) throw new Error('the person belongs to no tenant')
  return member.tenantId
}

const linkOf = (visitor: PanelVisitor, label: string): string => {
  const [, url] = Object.entries(visitor.lastScreen().links).find(([text]) => text.includes(label)) ?? []
  if (url === undefined) throw new Error(`no link "${label}" among ${JSON.stringify(visitor.lastScreen())}`)
  return url
}

describe('/musteri_panel', () => {
  let world: PanelWorld
  let newcomer: PanelVisitor
  beforeEach(async () => {
    world = await openPanel()
    newcomer = world.person({ name: 'Ali', languageCode: 'tr' })
  })

  it('compares the packages and leads a newcomer from a trial to a working bot with one tap', async () => {
    const packages = await newcomer.sends('/musteri_panel')
    expect(packages.text).toMatch(/Deneme[\s\S]*Başlangıç[\s\S]*Profesyonel[\s\S]*Kurumsal/)
    await newcomer.presses('Deneme')
    expect(newcomer.lastScreen().text).toContain('hesabınızı bağlayın')
    const link = linkOf(newcomer, 'tek dokunuş')
    const bot = world.simulator.control.createManagedBotFromLink({ userId: newcomer.id, link })
    await world.settle()
    expect(newcomer.lastScreen().text).toContain('bağlandı')
    const tenantId = await ownTenant(world, newcomer)
    const accounts = await inTenant(world.app.database.db, tenantId, listAccounts)
    expect(accounts).toMatchObject([{ telegramId: bot.id, linkedBy: 'managed', state: 'active' }])
  })

  it('takes a pasted token once, and deletes its message at once, from the chat and from the inbox', async () => {
    await newcomer.sends('/musteri_panel')
    await newcomer.presses('Deneme')
    const { token } = world.simulator.control.askBotFather({
      userId: newcomer.id,
      name: 'Ali',
      username: 'ali_test_bot',
    })
    const screen = await newcomer.sends(`Use this token to access the HTTP API:\n${token}`)
    expect(screen.text).toContain('bağlandı')
    expect(screen.text).toContain('silindi')
    expect(newcomer.ownTexts().join(' ')).not.toContain(token)
    const stored = await world.app.database.db.selectFrom('update_inbox').select('payload').execute()
    expect(JSON.stringify(stored)).not.toContain(token)
    const again = await newcomer.sends(token)
    expect(again.text).toContain('zaten bağlı')
  })

  it('deletes a token that is refused, also one of a stranger, and asks again', async () => {
    const wrong = `7000000123:${'A'.repeat(35)}`
    expect((await newcomer.sends(wrong)).text).toContain('silindi')
    expect(newcomer.lastScreen().text).toContain('müşteriler içindir')
    await newcomer.sends('/musteri_panel')
    await newcomer.presses('Deneme')
    const refused = await newcomer.sends(wrong)
    expect(refused.text).toContain('kabul etmiyor')
    expect(refused.text).toContain('silindi')
    expect(newcomer.ownTexts().join(' ')).not.toContain(wrong)
    const { token } = world.simulator.control.askBotFather({
      userId: newcomer.id,
      name: 'Ali',
      username: 'ali_test_bot',
    })
    expect((await newcomer.sends(token)).text).toContain('bağlandı')
  })

  it('goes back, gives up only when asked twice, and begins again', async () => {
    await newcomer.sends('/musteri_panel')
    await newcomer.presses('Deneme')
    await newcomer.presses('Geri')
    expect(newcomer.lastScreen().text).toContain('Paketler')
    await newcomer.presses('Deneme')
    await newcomer.presses('Kurulumu bırak')
    expect(newcomer.lastScreen().text).toContain('bırakılsın mı')
    await newcomer.presses('Vazgeç')
    expect(newcomer.lastScreen().text).toContain('hesabınızı bağlayın')
    await newcomer.presses('Kurulumu bırak')
    await newcomer.presses('Evet')
    expect(newcomer.lastScreen().text).toContain('geri alındı')
    await newcomer.presses('Başla')
    expect(newcomer.lastScreen().text).toContain('Paketler')
  })

  it('shows nothing but Stars in Telegram, and sells for them', async () => {
    await newcomer.sends('/musteri_panel')
    await newcomer.presses('Profesyonel')
    expect(newcomer.lastScreen().buttons.flat().join(' ')).toContain('Telegram Stars')
    await newcomer.presses('Telegram Stars')
    const link = linkOf(newcomer, 'Öde')
    world.simulator.control.payInvoice({ userId: newcomer.id, botId: world.panel.telegramId, link })
    await world.settle()
    await world.settle()
    expect(
      newcomer
        .screens()
        .map(({ text }) => text)
        .join(' '),
    ).toContain('Ödemeniz geldi')
    const tenantId = await ownTenant(world, newcomer)
    const subscription = await inTenant(world.app.database.db, tenantId, getSubscription)
    expect(subscription).toMatchObject({ package: 'professional', state: 'active' })
  })

  it('hides every button of an onboarding from everybody else', async () => {
    await newcomer.sends('/musteri_panel')
    const other = world.person({ name: 'Can' })
    await other.sends('/yardim')
    const { id } = await world.app.database.db.selectFrom('onboarding').select('id').executeTakeFirstOrThrow()
    await other.forges(`1:onb.pick:0::${id}:trial`)
    const { state } = await world.app.database.db
      .selectFrom('onboarding')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(state).toBe('choosing')
    expect(other.toast()).not.toBeNull()
  })

  it('leaves the step where it was after /iptal', async () => {
    await newcomer.sends('/musteri_panel')
    await newcomer.presses('Deneme')
    await newcomer.presses('Botum var')
    expect((await newcomer.sends('/iptal')).text).toContain('bekleyen soru kapatıldı')
    expect((await newcomer.sends('/musteri_panel')).text).toContain('hesabınızı bağlayın')
  })
})

describe('/musteri_panel by transfer', () => {
  it('takes a claim with evidence and activates nothing before an operator approves', async () => {
    const world = await openPanel({
      settings: {
        publicUrl: 'https://panel.example',
        payments: {
          transfer: { iban: 'TR330006100519786457841326', holder: 'Gavatcore', papara: null },
          starsAccountId: null,
          stripe: null,
          paytr: null,
          papara: null,
        },
      },
    })
    const newcomer = world.person({ name: 'Ali' })
    await newcomer.sends('/musteri_panel')
    await newcomer.presses('Başlangıç')
    expect(newcomer.lastScreen().text).not.toContain('TR33')
    await newcomer.presses('Diğer ödeme yolları')
    expect(linkOf(newcomer, 'Sayfayı aç')).toMatch(/^https:\/\/panel\.example\/open\//)
    const { db } = world.app.database
    const tenantId = await ownTenant(world, newcomer)
    const onboarding = await db.selectFrom('onboarding').select('id').executeTakeFirstOrThrow()
    await world.orderOnWeb(onboarding.id, newcomer.id, 'transfer')
    await newcomer.presses('Ödeme yaptım')
    await newcomer.presses('Ödeme yaptım')
    expect(newcomer.lastScreen().text).toContain('Ödemeyi gösteren')
    expect((await newcomer.sends('Ali Yılmaz, saat 14.05')).text).toContain('Bildiriminiz alındı')
    expect(await inTenant(db, tenantId, getSubscription)).toMatchObject({ state: 'expired' })
    const [payment] = await inTenant(db, tenantId, (tx) => listPayments(tx))
    expect(payment).toMatchObject({ state: 'claimed' })
  })
})
