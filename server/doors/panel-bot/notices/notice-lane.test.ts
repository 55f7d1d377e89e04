import { describe, expect, it } from 'vitest'

import { DAY_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { translatorsOf } from '#server/base/translate.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { claimNotices, noticeOperators, noticePerson } from '#server/modules/admin/index.ts'
import { type PanelVisitor, type PanelWorld, openPanel } from '#server/testing/panel.ts'

import { FaultWatch } from './fault-watch.ts'
import { NoticeLane } from './notice-lane.ts'

const lanesOf = (world: PanelWorld, count: number): readonly NoticeLane[] =>
  Array.from({ length: count }, () => {
    const { app } = world
    const deps = { db: app.database.db, clock: app.clock, log: app.logs.of('app'), accounts: app.accounts }
    return new NoticeLane({ ...deps, sender: createBotApi().sender, translator: translatorsOf('panel') })
  })
const payments = async (world: PanelWorld, count: number) => {
  for (let payment = 1; payment <= count; payment += 1) {
    const params = { payment, tenant: 'Moda <b>', reference: `GC${payment}`, amountMinor: 50_000, currency: 'TRY' }
    const told = { kind: 'payment_claimed', dedupeKey: `claim:${payment}`, params } as const
    await asOperator(world.app.database.db, 'test', (tx) => noticeOperators(tx, told, world.clock.now()))
  }
}
const texts = (visitor: PanelVisitor): readonly string[] => visitor.screens().map((screen) => screen.text)
const reached = async (world: PanelWorld) => {
  const operator = await world.operator()
  await operator.sends('/start')
  const before = operator.screens().length
  return { operator, news: () => texts(operator).slice(before) }
}

describe('NoticeLane', () => {
  it('makes one message of what comes together, and never says it again, also after a restart', async () => {
    const world = await openPanel()
    const { news } = await reached(world)
    await payments(world, 3)
    const [lane] = lanesOf(world, 1)
    expect(await lane?.drain()).toBe(0)
    await world.clock.advance(5 * SECOND_MS)
    expect(await lane?.drain()).toBe(1)
    expect(news()).toEqual([expect.stringMatching(/bekleyen ödeme: 3[\s\S]*GC1[\s\S]*GC3/)])
    expect(news()[0]).toContain('Moda <b>')
    const [restarted] = lanesOf(world, 1)
    await payments(world, 3)
    await world.clock.advance(DAY_MS)
    expect(await restarted?.drain()).toBe(0)
  }, 60_000)

  it('says each notice once however many lanes work side by side', async () => {
    const world = await openPanel()
    const people: PanelVisitor[] = []
    for (let i = 0; i < 8; i += 1) {
      const visitor = world.person({ name: `Kişi ${i}` })
      await visitor.sends('/start')
      people.push(visitor)
      const told = { kind: 'ticket_closed', dedupeKey: `t${i}`, params: { ticket: i } } as const
      await asOperator(world.app.database.db, 'test', (tx) => noticePerson(tx, visitor.id, told, world.clock.now()))
    }
    await world.clock.advance(5 * SECOND_MS)
    const sent = await Promise.all(lanesOf(world, 4).map((lane) => lane.drain()))
    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(8)
    for (const visitor of people) expect(texts(visitor).filter((text) => text.includes('kapatıldı'))).toHaveLength(1)
  }, 90_000)

  it('leaves unsaid what a killed process had taken: whether it was said is not known', async () => {
    const world = await openPanel()
    const { news } = await reached(world)
    await payments(world, 1)
    await world.clock.advance(5 * SECOND_MS)
    await claimNotices(world.app.database.db, world.clock.now(), 5)
    await world.clock.advance(DAY_MS)
    for (const lane of lanesOf(world, 2)) await lane.drain()
    expect(news()).toEqual([])
    const rows = await world.app.database.db.selectFrom('panel_notice').select('outcome').execute()
    expect(rows).toEqual([{ outcome: 'unknown' }])
  }, 60_000)

  it('waits as long as Telegram asks, then says it; a send that was cut off is not repeated', async () => {
    const world = await openPanel()
    const { operator, news } = await reached(world)
    const [lane] = lanesOf(world, 1)
    world.simulator.control.addFault({ kind: 'too_many_requests', retryAfter: 120, chatId: operator.id, times: 1 })
    await payments(world, 1)
    await world.clock.advance(5 * SECOND_MS)
    expect(await lane?.drain()).toBe(0)
    await world.clock.advance(119 * SECOND_MS)
    expect(await lane?.drain()).toBe(0)
    await world.clock.advance(MINUTE_MS)
    expect(await lane?.drain()).toBe(1)
    world.simulator.control.addFault({ kind: 'drop_after', chatId: operator.id, times: 1 })
    await payments(world, 2)
    await world.clock.advance(5 * SECOND_MS)
    await lane?.drain()
    await world.clock.advance(DAY_MS)
    await lane?.drain()
    expect(news().filter((text) => text.includes('GC2'))).toHaveLength(1)
  }, 60_000)

  it('leaves a person alone who stopped the bot, until they start it again', async () => {
    const world = await openPanel()
    const { operator, news } = await reached(world)
    world.simulator.control.block({ userId: operator.id, botId: world.panel.telegramId })
    const [lane] = lanesOf(world, 1)
    await payments(world, 1)
    await world.clock.advance(5 * SECOND_MS)
    expect(await lane?.drain()).toBe(0)
    await payments(world, 2)
    await world.clock.advance(5 * SECOND_MS)
    expect(await lane?.drain()).toBe(0)
    world.simulator.control.unblock({ userId: operator.id, botId: world.panel.telegramId })
    await operator.sends('/start')
    expect(await lane?.drain()).toBe(1)
    expect(news().filter((text) => text.includes('GC'))).toEqual([expect.stringContaining('GC2')])
  }, 60_000)
})

describe('createNoticeListeners', () => {
  it('tells members of limits, ends and accounts, once for an event that comes twice, and nobody of old news', async () => {
    const world = await openPanel()
    const owner = world.person({ username: 'ayse' })
    const tenantId = await world.tenant({ owner, package: 'trial' })
    await owner.sends('/start')
    const at = world.clock.now()
    const usage = { entitlement: 'messages_day', percent: 100, used: 100, limit: 100 } as const
    await inTenant(world.app.database.db, tenantId, async (tx) => {
      await emitEvents(tx, at, [{ type: 'usage.noticed', payload: usage }])
      await emitEvents(tx, at - 2 * DAY_MS, [{ type: 'usage.noticed', payload: { ...usage, percent: 80 } }])
    })
    const { db } = world.app.database
    // An event is given out once no older transaction of the whole server runs any more: other tests' among them.
    const told = async () => {
      await world.app.events.drain()
      return db.selectFrom('panel_notice').select(['recipient', 'kind']).execute()
    }
    await expect.poll(told, { timeout: 30_000 }).toEqual([{ recipient: owner.id, kind: 'usage_100' }])
    await db.deleteFrom('event_cursor').where('listener', '=', 'notices.usage').execute()
    expect(await told()).toEqual([{ recipient: owner.id, kind: 'usage_100' }])
    await world.clock.advance(5 * SECOND_MS)
    await world.app.notices.lane.drain()
    expect(owner.lastScreen().text).toMatch(/Sınıra ulaştınız[\s\S]*100 \/ 100/)
  }, 60_000)
})

describe('FaultWatch', () => {
  it('tells of a part that keeps failing once, and not of one that heals at once', async () => {
    const world = await openPanel()
    const { news } = await reached(world)
    const { database, clock, logs } = world.app
    let fault: string | null = 'kaput postgres://a:geheim@h/x'
    const watch = new FaultWatch({
      db: database.db,
      clock,
      log: logs.of('app'),
      place: 'test',
      health: async () => [{ name: 'sending', state: 'running', fault, restarts: 0 }],
    })
    await watch.look()
    fault = null
    await watch.look()
    fault = 'kaput postgres://a:geheim@h/x'
    for (let i = 0; i < 3; i += 1) await watch.look()
    await world.clock.advance(5 * SECOND_MS)
    await world.app.notices.lane.drain()
    expect(news()).toEqual([expect.stringMatching(/Arıza: 1[\s\S]*sending/)])
    expect(news()[0]).not.toContain('geheim')
  }, 60_000)

  it('says that the database was away once it is back', async () => {
    const world = await openPanel()
    const { news } = await reached(world)
    const { database, clock, logs } = world.app
    let isDown = true
    const health = () => (isDown ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve([]))
    const watch = new FaultWatch({ db: database.db, clock, log: logs.of('app'), place: 'test', health })
    await watch.look()
    await world.clock.advance(10 * MINUTE_MS)
    isDown = false
    await watch.look()
    await watch.look()
    await world.clock.advance(5 * SECOND_MS)
    await world.app.notices.lane.drain()
    expect(news()).toEqual([expect.stringContaining('Veritabanına ulaşılamıyordu')])
  }, 60_000)
})
