import { beforeEach, describe, expect, it } from 'vitest'

import { MINUTE_MS } from '#server/base/duration.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { findPanelPerson } from '#server/modules/admin/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'
import { type PanelVisitor, type PanelWorld, openPanel } from '#server/testing/panel.ts'

import { RATE_MAX } from './rate-limit.ts'

const stoppedBy = (world: PanelWorld, tenantId: number) =>
  inTenant(world.app.database.db, tenantId, async (tx) => (await getOwnTenant(tx)).sendingStopped)

const personOf = (world: PanelWorld, { id }: PanelVisitor) =>
  asOperator(world.app.database.db, 'test', (tx) => findPanelPerson(tx, id))

const inbox = (world: PanelWorld) =>
  world.app.database.db
    .selectFrom('update_inbox')
    .select(['state', 'payload', 'attempts'])
    .where('account_id', '=', world.panel.id)
    .orderBy('update_id')
    .execute()

describe('createPanelBot', () => {
  let world: PanelWorld
  beforeEach(async () => {
    world = await openPanel()
  })

  it('greets a stranger in their language and tells operators more', async () => {
    const stranger = world.person({ name: 'Ann', languageCode: 'en' })
    expect((await stranger.sends('/start')).text).toContain('Hello')
    expect((await (await world.operator()).sends('/start')).text).toContain('Yönetici')
  })

  it('keeps everybody out of the contacts of the tenant it belongs to', async () => {
    await world.person().sends('/start')
    const contacts = await world.app.database.db.selectFrom('contact').select('id').execute()
    expect(contacts).toEqual([])
  })

  it('answers an unknown command and a text that nobody asked for, once each', async () => {
    const stranger = world.person()
    expect((await stranger.sends('/olmayan')).text).toContain('Böyle bir komut yok')
    expect((await stranger.sends('merhaba')).text).toContain('bir yazı beklemiyorum')
    expect(stranger.screens()).toHaveLength(2)
  })

  it('understands capitals, Turkish letters and its own name behind a command', async () => {
    const stranger = world.person()
    expect((await stranger.sends('/YARDIM@gavatcore_panel_bot')).text).toContain('/musteri_panel')
    expect((await stranger.sends('/müşteri_panel')).text).toContain('Paketler')
  })

  it('applies an update that comes twice once', async () => {
    const stranger = world.person()
    await stranger.sends('/yardim')
    const [row] = await inbox(world)
    const owner = { tenantId: world.operatorTenantId, accountId: world.panel.id }
    await world.app.takeUpdates(owner, [row?.payload])
    await world.settle()
    expect(stranger.screens()).toHaveLength(1)
  })

  it('speaks the language that was chosen, whatever Telegram says afterwards', async () => {
    const stranger = world.person({ languageCode: 'tr' })
    await stranger.sends('/dil')
    expect((await stranger.presses('English')).text).toContain('Language: English')
    expect((await stranger.sends('/yardim')).text).toContain('You can write')
  })

  it('asks before it stops everything, does it once, and undoes it with one press', async () => {
    const owner = world.person()
    const tenantId = await world.tenant({ owner })
    expect((await owner.sends('/dur')).text).toContain('durdurulsun mu')
    expect(await stoppedBy(world, tenantId)).toBeNull()
    const question = owner.lastScreen()
    expect((await owner.presses('Evet')).text).toContain('Gönderim durduruldu')
    expect(await stoppedBy(world, tenantId)).toBe('panel botundan durduruldu')
    expect((await owner.presses('Geri al', question.messageId)).text).toContain('Gönderim sürüyor')
    expect(await stoppedBy(world, tenantId)).toBeNull()
    expect(owner.screens()).toHaveLength(1)
  })

  it('forgets a question after five minutes, and one that was overtaken by another', async () => {
    const owner = world.person()
    const tenantId = await world.tenant({ owner })
    const question = await owner.sends('/dur')
    await world.clock.advance(6 * MINUTE_MS)
    await owner.presses('Evet', question.messageId)
    expect(owner.toast()).toContain('Bu soru kapandı')
    const second = await owner.sends('/dur')
    await owner.sends('/yardim')
    await owner.presses('Evet', second.messageId)
    expect(owner.toast()).toContain('Bu soru kapandı')
    expect(await stoppedBy(world, tenantId)).toBeNull()
  })

  it('gives a calm word for a button of somebody who belongs no more', async () => {
    const owner = world.person()
    const tenantId = await world.tenant({ owner })
    const screen = await owner.sends('/dashboard')
    await world.app.database.db
      .updateTable('member')
      .set({ removed_at: new Date(world.clock.now()) })
      .where('tenant_id', '=', tenantId)
      .execute()
    await owner.presses('Yenile', screen.messageId)
    expect(owner.toast()).toContain('artık yetkiniz yok')
  })

  it('refuses the buttons of another tenant, however they came to be', async () => {
    const [owner, other] = [world.person(), world.person({ name: 'Can' })]
    const tenantId = await world.tenant({ owner })
    await world.tenant({ owner: other })
    await other.sends('/dashboard')
    const foreign = `1:halt.resume:${tenantId.toString(36)}:`
    await other.forges(foreign)
    expect(other.toast()).toContain('artık yetkiniz yok')
    await other.forges('0:halt.resume:1:')
    expect(other.toast()).toContain('Bu düğme eskidi')
    await other.forges(`1:halt.stop:${tenantId.toString(36)}:abcdefgh`)
    expect(await stoppedBy(world, tenantId)).toBeNull()
  })

  it('lets members of several businesses, and operators, choose which one', async () => {
    const owner = world.person()
    await world.tenant({ owner, name: 'Birinci' })
    await world.tenant({ owner, name: 'İkinci' })
    expect((await owner.sends('/dashboard')).buttons.flat()).toEqual(['Birinci', 'İkinci'])
    expect((await owner.presses('İkinci')).text).toContain('İkinci')
    const operator = await world.operator()
    await operator.sends('/dashboard')
    expect((await operator.presses('Birinci')).text).toContain('Birinci')
  })

  it('slows down whoever asks too much, telling them once', async () => {
    const stranger = world.person()
    for (let i = 0; i < RATE_MAX + 3; i += 1) await stranger.sends('/yardim')
    expect(stranger.screens()).toHaveLength(RATE_MAX + 1)
    expect(stranger.lastScreen().text).toContain('Biraz yavaş')
    await world.clock.advance(2 * MINUTE_MS)
    expect((await stranger.sends('/yardim')).text).toContain('/musteri_panel')
  })

  it('hints once in a group that it works in private', async () => {
    const { simulator } = world
    const { id: userId } = simulator.control.createUser({})
    const { id: chatId } = simulator.control.createChat({ type: 'supergroup', title: 'Ofis', ownerId: userId })
    simulator.control.setMember({ chatId, memberId: world.panel.telegramId, status: 'member' })
    for (const text of ['/dashboard', '/start', 'selam']) simulator.control.sendText({ userId, chatId, text })
    await world.settle()
    const said = simulator.world.chats.get(chatId)?.messages.filter(({ from }) => from?.id === world.panel.telegramId)
    expect(said?.flatMap(({ text }) => text ?? [])).toEqual([expect.stringContaining('yalnız özel sohbette')])
  })

  it('answers again after a crash between the deed and the answer, and does the deed once', async () => {
    const stranger = world.person()
    await stranger.sends('/destek')
    await stranger.presses('Yeni talep')
    const { db } = world.app.database
    await stranger.sends('Fatura nasıl alınır?')
    const [last] = (await inbox(world)).slice(-1)
    // As after a kill: the deed is done, the update is not.
    await db
      .updateTable('update_inbox')
      .set({ state: 'new' })
      .where('account_id', '=', world.panel.id)
      .where('payload', '@>', JSON.stringify({ message: { text: 'Fatura nasıl alınır?' } }))
      .execute()
    await db
      .updateTable('panel_person')
      .set({
        awaiting: JSON.stringify({ input: 'tic.text', args: '', tenantId: 0 }),
        awaiting_until: new Date(world.clock.now() + MINUTE_MS),
      })
      .execute()
    await world.app.drainInbox({ tenantId: world.operatorTenantId, accountId: world.panel.id, purpose: 'panel' })
    expect(last?.state).toBe('done')
    expect(await db.selectFrom('ticket').select('id').execute()).toHaveLength(1)
    expect(
      stranger
        .screens()
        .slice(-2)
        .map(({ text }) => text),
    ).toEqual([expect.stringContaining('Talebiniz alındı'), expect.stringContaining('Talebiniz alındı')])
  })

  it('waits as long as Telegram asks, then answers, without counting a failure', async () => {
    const stranger = world.person()
    await stranger.sends('/yardim')
    world.simulator.control.addFault({ kind: 'too_many_requests', retryAfter: 1, chatId: stranger.id, times: 1 })
    await stranger.sends('/gizlilik')
    expect(stranger.screens()).toHaveLength(1)
    await world.clock.advance(2_000)
    await world.app.drainInbox({ tenantId: world.operatorTenantId, accountId: world.panel.id, purpose: 'panel' })
    expect(stranger.lastScreen().text).toContain('Tutulanlar')
    expect((await inbox(world)).map(({ state, attempts }) => [state, attempts])).toEqual([
      ['done', 1],
      ['done', 1],
    ])
  })

  it('notes who blocked it, tries them no more, and forgets it when they return', async () => {
    const stranger = world.person()
    const talk = { userId: stranger.id, botId: world.panel.telegramId }
    world.simulator.control.sendText({ ...talk, text: '/yardim' })
    world.simulator.control.block(talk)
    await world.settle()
    expect((await inbox(world)).every(({ state }) => state === 'done')).toBe(true)
    expect((await personOf(world, stranger))?.blockedAt).not.toBeNull()
    world.simulator.control.start(talk)
    await world.settle()
    expect((await personOf(world, stranger))?.blockedAt).toBeNull()
    expect(stranger.screens()).toHaveLength(1)
  })

  it('shows its commands at Telegram, in every language', () => {
    const { commands } = world.simulator.world.bots.get(world.panel.telegramId)?.settings ?? { commands: new Map() }
    expect(commands.size).toBe(5)
    const everybody = [...commands.values()].flat().map(({ command }) => command)
    expect(everybody).toContain('musteri_panel')
    expect(everybody).not.toContain('musteri_listesi')
  })
})
