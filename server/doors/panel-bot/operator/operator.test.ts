import { describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { toDate } from '#server/base/clock.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { openTicket } from '#server/modules/admin/index.ts'
import { claimPayment, createPayment, getSubscription } from '#server/modules/billing/index.ts'
import { findSendingStop, findTenant, listAudit } from '#server/modules/tenancy/index.ts'
import { type PanelVisitor, type PanelWorld, openPanel } from '#server/testing/panel.ts'

const db = (world: PanelWorld) => world.app.database.db
const auditOf = async (world: PanelWorld, action: string) => {
  const lines = await asOperator(db(world), 'test', (tx) => listAudit(tx, null, 200))
  return lines.filter((line) => line.action === action)
}
const stateOf = (world: PanelWorld, tenantId: number) =>
  asOperator(db(world), 'test', async (tx) => (await findTenant(tx, tenantId))?.state)

/** An owner who has spoken with the bot, and their shop. */
const shopOf = async (world: PanelWorld, name = 'Moda Evi', username = 'ayse') => {
  const owner = world.person({ name: 'Ayşe', username })
  const tenantId = await world.tenant({ name, owner, package: 'trial' })
  await owner.sends('/start')
  return { owner, tenantId }
}

const claimed = async (world: PanelWorld, tenantId: number, by: PanelVisitor) =>
  inTenant(db(world), tenantId, async (tx) => {
    const at = world.clock.now()
    const order = {
      provider: 'transfer',
      package: 'starter',
      periodDays: 30,
      amountMinor: 50_000,
      currency: 'TRY',
    } as const
    const payment = await createPayment(tx, order, { by: `telegram:${by.id}`, at })
    const { reference } = payment
    return claimPayment(tx, { reference, by: `telegram:${by.id}`, evidenceText: 'Dekont <1>', at })
  })

const COMMANDS = [
  '/musteri_listesi',
  '/musteri_aktif @ayse',
  '/musteri_pasif @ayse',
  '/musteri_detay @ayse',
  '/odemeler',
  '/panel @ayse',
  '/lisans @ayse 5',
  '/mesaj',
  '/durum',
  '/bots',
  '/log',
  '/hatalar',
  '/yedek',
  '/kapat',
  '/talepler',
] as const

/** What those who help customers may not do. */
const OPERATORS_ALONE = new Set(['/musteri_aktif', '/musteri_pasif', '/lisans', '/mesaj', '/log', '/yedek', '/kapat'])

describe('OPERATOR_COMMANDS', () => {
  it('do not exist for strangers and members: the same answer as to nonsense, and nothing changes', async () => {
    const world = await openPanel()
    const { owner, tenantId } = await shopOf(world)
    const stranger = world.person({ name: 'Can' })
    const nonsense = (await stranger.sends('/boyle_bir_komut_yok')).text
    for (const text of COMMANDS) {
      for (const visitor of [stranger, owner]) {
        await world.clock.advance(60_000)
        expect([text, (await visitor.sends(text)).text]).toEqual([text, nonsense])
      }
    }
    expect(await stateOf(world, tenantId)).toBe('active')
    expect(
      (await asOperator(db(world), 'test', (tx) => listAudit(tx, null, 500))).filter((line) =>
        line.action.startsWith('panel.'),
      ),
    ).toEqual([])
  }, 120_000)

  it('answer operators, keep those of support from what is not theirs, and leave a line each in the audit log', async () => {
    const world = await openPanel()
    await shopOf(world)
    const operator = await world.operator()
    const support = await world.operator('support')
    for (const text of COMMANDS) {
      const [name = ''] = text.split(' ')
      await world.clock.advance(60_000)
      const seen = (await operator.sends(text)).text
      expect(seen).not.toMatch(/operator\.|notice\.|words:|errors:|\{\{/)
      expect(await auditOf(world, `panel.${name.slice(1)}`)).toMatchObject([{ actor: `operator:${operator.id}` }])
      const theirs = (await support.sends(text)).text
      expect([text, theirs.includes('Görevinizle bu yapılamaz')]).toEqual([text, OPERATORS_ALONE.has(name)])
    }
  }, 120_000)
})

describe('/musteri_listesi', () => {
  it('pages, finds by @user, name and short name, and says what is left', async () => {
    const world = await openPanel()
    await shopOf(world, 'Çiçekçi', 'lale')
    for (let i = 0; i < 9; i += 1) await world.tenant({ name: `Dükkan ${i}` })
    const operator = await world.operator()
    const first = await operator.sends('/musteri_listesi')
    expect(first.text).toContain('Müşteriler: 11')
    expect(first.text).toContain('14 gün kaldı')
    expect(first.buttons.flat()).toContain('1/2')
    expect((await operator.presses('▶️')).buttons.flat()).toContain('2/2')
    for (const word of ['@lale', 'çiçek', 'Çiçekçi'])
      expect((await operator.sends(`/musteri_listesi ${word}`)).text).toContain('Çiçekçi')
    expect((await operator.sends('/musteri_listesi yoktur')).text).toContain('Uyan müşteri yok')
    await operator.presses('Ara')
    expect((await operator.sends('@lale')).text).toContain('Çiçekçi')
    expect((await operator.presses('Çiçekçi')).text).toContain('Deneme')
  }, 60_000)
})

describe('/musteri_pasif', () => {
  it('asks first, suspends at once, tells the customer, and can be undone; each with before and after', async () => {
    const world = await openPanel()
    const { owner, tenantId } = await shopOf(world)
    const operator = await world.operator()
    await operator.sends('/musteri_pasif @ayse')
    expect(await stateOf(world, tenantId)).toBe('active')
    expect((await operator.presses('Evet')).text).toContain('durduruldu')
    expect(await stateOf(world, tenantId)).toBe('suspended')
    expect(await auditOf(world, 'tenant.suspended')).toMatchObject([
      { tenantId, actor: `operator:${operator.id}`, detail: { before: 'active', after: 'suspended' } },
    ])
    await operator.presses('Geri al')
    expect(await stateOf(world, tenantId)).toBe('active')
    expect(await auditOf(world, 'tenant.activated')).toMatchObject([
      { detail: { before: 'suspended', after: 'active' } },
    ])
    await world.clock.advance(10_000)
    expect(await world.app.notices.lane.drain()).toBe(2)
    expect(
      owner
        .screens()
        .map((screen) => screen.text)
        .join('\n'),
    ).toMatch(/durduruldu[\s\S]*yeniden çalışıyor/)
  }, 60_000)

  it('asks which one is meant, and names what a target looks like when it is none', async () => {
    const world = await openPanel()
    await shopOf(world, 'Moda Bir', 'moda_bir')
    await shopOf(world, 'Moda İki', 'moda_iki')
    const operator = await world.operator()
    const which = await operator.sends('/musteri_detay @moda')
    expect(which.buttons.flat()).toHaveLength(2)
    expect((await operator.presses('Moda Bir')).text).toContain('Moda Bir')
    expect((await operator.sends('/musteri_detay')).text).toContain('/musteri_detay @ayse')
    expect((await operator.sends('/musteri_detay @kimse')).text).toContain('eşleşen müşteri yok')
  }, 60_000)
})

describe('/musteri_detay', () => {
  it('shows people to operators and hides who they are from support', async () => {
    const world = await openPanel()
    const { owner } = await shopOf(world)
    const operator = await world.operator()
    const support = await world.operator('support')
    expect((await operator.sends('/musteri_detay @ayse')).text).toContain('@ayse')
    const masked = (await support.sends('/musteri_detay @ayse')).text
    expect(masked).not.toContain('@ayse')
    expect(masked).not.toContain(String(owner.id))
    expect(masked).not.toContain('Ayşe')
  }, 60_000)
})

describe('/lisans', () => {
  it('gives days once an update, tells the customer, and refuses what is no number with an example', async () => {
    const world = await openPanel()
    const { tenantId } = await shopOf(world)
    const operator = await world.operator()
    const before = await inTenant(db(world), tenantId, getSubscription)
    expect((await operator.sends('/lisans @ayse 30')).text).toContain('+30')
    const after = await inTenant(db(world), tenantId, getSubscription)
    expect((after.periodEndsAt ?? 0) - (before.periodEndsAt ?? 0)).toBe(30 * DAY_MS)
    expect((await operator.sends('/lisans @ayse çok')).text).toContain('/lisans @ayse 30')
    expect((await operator.sends('/lisans @ayse 5000')).text).toContain('366')
    expect((await operator.sends('/lisans @ayse')).buttons.flat()).toContain('+30')
    await operator.presses('+7')
    expect(await auditOf(world, 'subscription.granted')).toHaveLength(2)
  }, 60_000)
})

describe('/odemeler', () => {
  it('shows the claim with its evidence and amount; of two who approve, one does; the customer is told', async () => {
    const world = await openPanel()
    const { owner, tenantId } = await shopOf(world)
    const payment = await claimed(world, tenantId, owner)
    const [first, second] = [await world.operator(), await world.operator()]
    for (const visitor of [first, second]) {
      expect((await visitor.sends('/odemeler')).text).toContain('bekleyen ödemeler: 1')
      const shown = (await visitor.presses('Moda Evi')).text
      expect(shown).toContain('Dekont <1>')
      expect(shown).toContain('500')
      expect(shown).toContain(payment.reference)
      expect((await visitor.presses('Onayla')).text).toContain('geldi mi')
    }
    expect((await first.presses('Evet')).text).toContain('paket başladı')
    expect((await second.presses('Evet')).text).toContain(`operator:${first.id}`)
    expect(await auditOf(world, 'payment.approve')).toMatchObject([
      { actor: `operator:${first.id}`, detail: { from: 'claimed', to: 'approved' } },
    ])
    expect((await first.sends('/odemeler')).text).toContain('ödeme yok')
    await world.clock.advance(10_000)
    await world.app.events.drain()
    await world.clock.advance(10_000)
    await world.app.notices.lane.drain()
    expect(owner.lastScreen().text).toContain('onaylandı')
  }, 60_000)

  it('rejects with a reason that the customer reads, and is only looked at by support', async () => {
    const world = await openPanel()
    const { owner, tenantId } = await shopOf(world)
    await claimed(world, tenantId, owner)
    const support = await world.operator('support')
    await support.sends('/odemeler')
    expect((await support.presses('Moda Evi')).buttons.flat().join()).not.toContain('Onayla')
    const operator = await world.operator()
    await operator.sends('/odemeler')
    await operator.presses('Moda Evi')
    await operator.presses('Reddet')
    expect((await operator.sends('Tutar eksik')).text).toContain('Reddedildi')
    await world.app.events.drain()
    await world.clock.advance(10_000)
    await world.app.notices.lane.drain()
    expect(owner.lastScreen().text).toContain('Tutar eksik')
  }, 60_000)
})

describe('/mesaj', () => {
  it('shows a preview, sends after "yes" alone, once, and respects who wants none', async () => {
    const world = await openPanel()
    const { owner } = await shopOf(world)
    const { owner: quiet } = await shopOf(world, 'Sessiz', 'sessiz')
    const operator = await world.operator()
    const tell = async (text: string) => {
      await operator.sends('/mesaj')
      await operator.presses('Bütün sahiplere')
      const preview = await operator.sends(text)
      expect(preview.text).toContain(text)
      expect(await operator.presses('Evet')).toMatchObject({ text: expect.stringContaining('Yola çıktı') })
      await world.clock.advance(10_000)
      return world.app.notices.lane.drain()
    }
    expect(await tell('Bakım <bu gece>')).toBe(2)
    expect(owner.lastScreen().text).toContain('Bakım <bu gece>')
    await quiet.presses('Duyuru istemiyorum')
    expect(await tell('İkinci')).toBe(1)
    expect(await world.app.notices.lane.drain()).toBe(0)
    expect(await auditOf(world, 'announcement.sent')).toMatchObject([
      { detail: { recipients: 1 } },
      { detail: { recipients: 2 } },
    ])
  }, 60_000)
})

describe('/kapat', () => {
  it('stops and resumes everything only after a second "yes"', async () => {
    const world = await openPanel()
    const operator = await world.operator()
    const stop = () => asOperator(db(world), 'test', findSendingStop)
    await operator.sends('/kapat')
    await operator.presses('Bütün gönderimi durdur')
    expect(await stop()).toBeNull()
    await operator.presses('Evet')
    expect(await stop()).not.toBeNull()
    await operator.presses('Gönderimi aç')
    await operator.presses('Evet')
    expect(await stop()).toBeNull()
    expect((await auditOf(world, 'sending.stopped'))[0]).toMatchObject({
      actor: `operator:${operator.id}`,
      target: 'installation',
    })
  }, 60_000)
})

describe('/talepler', () => {
  it('lets support read, take, answer and close, and the asker reads the answer once', async () => {
    const world = await openPanel()
    const { owner, tenantId } = await shopOf(world)
    const support = await world.operator('support')
    await support.sends('/start')
    const input = { telegramId: owner.id, tenantId, kind: 'support', text: 'Bot durdu', reference: 'test:1' } as const
    await asOperator(db(world), 'test', (tx) => openTicket(tx, input, world.clock.now()))
    await world.clock.advance(10_000)
    expect(await world.app.notices.lane.drain()).toBe(1)
    expect((await support.presses('Talepler')).buttons.flat().join()).toContain('Bot durdu')
    await support.presses('Bot durdu')
    await support.presses('Üstlen')
    await support.presses('Yanıtla')
    expect((await support.sends('Yeniden bağlayın')).text).toContain('Yanıt gönderildi')
    await world.clock.advance(10_000)
    expect(await world.app.notices.lane.drain()).toBe(1)
    expect(owner.lastScreen().text).toContain('Yeniden bağlayın')
    await support.presses('Kapat')
    expect((await support.presses('Evet')).text).toContain('Kapatıldı')
    expect(await auditOf(world, 'ticket.closed')).toMatchObject([{ actor: `operator:${support.id}` }])
  }, 60_000)
})

describe('/hatalar', () => {
  it('tells what was recorded, and that error tracking is not built yet', async () => {
    const world = await openPanel()
    const operator = await world.operator()
    await operator.sends('/start')
    const waiting = {
      tenant_id: world.operatorTenantId,
      account_id: world.panel.id,
      queue_key: 'chat:1',
      kind: 'message',
    }
    await db(world)
      .insertInto('update_inbox')
      .values({ ...waiting, update_id: 1, state: 'parked', error: 'x', received_at: toDate(world.clock.now()) })
      .execute()
    await world.app.notices.watch.look()
    await world.clock.advance(10_000)
    expect(await world.app.notices.lane.drain()).toBe(1)
    expect(operator.lastScreen().text).toContain('Kenara alınan')
    const { text } = await operator.presses('Hatalar')
    expect(text).toContain('henüz yok')
    expect(text).toContain('message')
  }, 60_000)
})
