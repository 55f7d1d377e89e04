import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { recordOptOut } from '#server/modules/contacts/index.ts'
import { handOverConversation } from '#server/modules/conversations/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { followUpSilence } from './follow-up-silence.ts'
import { listRuns } from './run.store.ts'
import { type SalesWorld, createSalesWorld, owner, translator } from './sales-world.suite.ts'
import { setFunnel, setReminders } from './set-funnel.ts'

let db: Db
let world: SalesWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createSalesWorld(db)
})

const run = async () => (await world.within((tx) => listRuns(tx, {}, 10)))[0]
const silence = (at: number) => followUpSilence({ db, translator }, at)

describe('hearWords', () => {
  it('says nothing before somebody switched selling on, and then offers what was asked for at the catalogue’s price', async () => {
    await world.describe('Kitap', { stars: 200 })
    expect(await world.says('Kitap almak istiyorum')).toBe(false)
    expect(await world.said()).toEqual([])
    await world.sells()
    expect(await world.says('Kitap almak istiyorum')).toBe(true)
    const [offer] = await world.said()
    expect(offer?.text).toContain('Kitap: <b>₺200</b>')
    expect(offer?.text).toContain('otomatik bir yanıt')
    expect(offer).toMatchObject({ source: 'order', messageClass: 'reply', labels: ['Satın al', 'Bize yazın'] })
    expect(await run()).toMatchObject({ stage: 'offered', product: 'Kitap', version: 0 })
    expect(await world.conversation()).toMatchObject({ state: 'waiting' })
  })

  it('offers all of a short catalogue to who names nothing, and leaves out how nothing can be paid', async () => {
    await world.sells(true, { minorPerStar: 100 })
    await world.describe('Kurs', { kind: 'physical' })
    await world.says('fiyatlar ne kadar?')
    const [offer] = await world.said()
    expect(offer?.text).toContain('Kitap: <b>₺200</b>\nKurs: <b>₺900</b>')
    expect(offer?.labels).toEqual(['Satın al', 'Bize yazın'])
  })

  it('does not offer the same twice within a day', async () => {
    await world.sells(true, { minorPerStar: 100 })
    await world.says('Kitap fiyatı?')
    expect(await world.says('Kitap fiyatı?', NOON + 23 * HOUR_MS)).toBe(false)
    expect(await world.says('Kurs fiyatı?', NOON + 23 * HOUR_MS)).toBe(true)
    expect(await world.says('Kitap fiyatı?', NOON + 25 * HOUR_MS)).toBe(true)
    expect(await world.said()).toHaveLength(3)
  })

  it.each(['Merhaba, nasılsınız?', 'Kitap almak istemiyorum', 'siparişim nerede kaldı'])(
    'leaves "%s" to others',
    async (text) => {
      await world.sells(true, { minorPerStar: 100 })
      expect(await world.says(text)).toBe(false)
      expect(await run()).toBeUndefined()
    },
  )

  it('keeps still while a person has the conversation in hand', async () => {
    await world.sells(true, { minorPerStar: 100 })
    await world.says('Merhaba')
    const conversation = await world.conversation()
    await world.within((tx) => handOverConversation(tx, conversation?.id ?? 0, 'asked', NOON))
    expect(await world.says('Kitap almak istiyorum')).toBe(false)
    expect(await world.said()).toEqual([])
  })

  it('says nothing once the package has no funnel any more', async () => {
    await world.sells(true, { minorPerStar: 100 })
    await db.updateTable('subscription').set({ package: 'starter' }).where('tenant_id', '=', world.tenantId).execute()
    expect(await world.says('Kitap almak istiyorum')).toBe(false)
    expect(await world.buys('Kitap')).toEqual({ kind: 'off' })
  })

  it('knows no price but the catalogue’s: what costs nothing and what is gone is not offered', async () => {
    await world.sells(true, { minorPerStar: 100 })
    await world.catalogue([{ name: 'Kurs', priceMinor: 0, currency: 'TRY' }])
    expect(await world.says('Kurs ve Kitap almak istiyorum')).toBe(false)
    expect(await world.said()).toEqual([])
  })
})

describe('followUpSilence', () => {
  beforeEach(() => world.sells(true, { minorPerStar: 100 }))
  const reminders = async () => (await world.said()).filter(({ text }) => text.includes('Acelesi yok'))

  it('reminds nobody while reminders are off', async () => {
    await world.says('Kitap fiyatı?')
    await silence(NOON + 2 * DAY_MS)
    expect(await reminders()).toEqual([])
  })

  it('reminds once after a silent day, with the way out beside it, and twice at most', async () => {
    await world.within((tx) => setReminders(tx, { name: 'standard', isOn: true }, owner))
    await world.says('Kitap fiyatı?')
    await silence(NOON + 23 * HOUR_MS)
    expect(await reminders()).toHaveLength(0)
    await silence(NOON + 25 * HOUR_MS)
    const [first] = await reminders()
    expect(first?.labels).toEqual(['Satın al', 'Bize yazın', 'Mesajları durdur'])
    for (let day = 2; day < 20; day += 1) await silence(NOON + day * 26 * HOUR_MS - (day % 2) * HOUR_MS)
    expect(await reminders()).toHaveLength(2)
    expect(await run()).toMatchObject({ stage: 'lost' })
  })

  it('waits out quiet hours', async () => {
    await world.within((tx) => setReminders(tx, { name: 'standard', isOn: true, hours: 11 }, owner))
    await world.says('Kitap fiyatı?')
    // 23:30 in Istanbul.
    await silence(NOON + 11.5 * HOUR_MS)
    expect(await reminders()).toEqual([])
    await silence(NOON + 20 * HOUR_MS)
    expect(await reminders()).toEqual([])
    // 09:00 in Istanbul.
    await silence(NOON + 21 * HOUR_MS)
    expect(await reminders()).toHaveLength(1)
  })

  it('keeps quiet where somebody owes them an answer, took over, or they opted out', async () => {
    await world.within((tx) => setReminders(tx, { name: 'standard', isOn: true }, owner))
    const at = NOON + 30 * HOUR_MS
    await world.says('Kitap fiyatı?')
    await world.says('Bir de kargo nasıl?', NOON + HOUR_MS)
    await silence(at)
    expect(await reminders()).toEqual([])
    const other = await world.addPerson('Ali')
    await world.says('Kitap fiyatı?', NOON, other)
    await world.within((tx) => recordOptOut(tx, { contactId: other, source: 'command', at: NOON }))
    await silence(at)
    expect((await world.said(other)).filter(({ text }) => text.includes('Acelesi yok'))).toEqual([])
  })
})

describe('setFunnel', () => {
  const own = (to: string) => ({
    start: 'begin',
    stages: [
      {
        name: 'begin',
        kind: 'none',
        transitions: [
          { on: 'intent', to, does: 'offer', text: { tr: '{{name}}, {{product}} sizi bekliyor: {{price}}' } },
        ],
      },
      { name: to, kind: 'offered', transitions: [{ on: 'words', to: 'over', does: 'person' }] },
      { name: 'over', kind: 'lost', transitions: [] },
    ],
  })

  it('leads new people through the tenant’s own funnel, and lets who began in a version end in it', async () => {
    await world.within((tx) => setFunnel(tx, { name: 'vip', definition: own('shown') }, owner))
    await world.sells(true, { funnel: 'vip', minorPerStar: 100 })
    await world.says('Kitap almak istiyorum')
    expect((await world.said())[0]?.text).toContain('Ayşe, Kitap sizi bekliyor: ₺200')
    await world.within((tx) => setFunnel(tx, { name: 'vip', definition: own('presented') }, owner))
    const other = await world.addPerson('Ali')
    await world.says('Kurs almak istiyorum', NOON, other)
    expect(await world.says('Teşekkürler')).toBe(true)
    const runs = await world.within((tx) => listRuns(tx, {}, 10))
    expect(runs.map(({ version, stage }) => [version, stage])).toEqual([
      [2, 'presented'],
      [1, 'over'],
    ])
    expect(await world.conversation()).toMatchObject({ handOverReason: 'funnel' })
  })

  it('is for packages with custom funnels, and for who may edit sales', async () => {
    const shop = await createSalesWorld(db, { package: 'professional' })
    const keep = (definition: unknown, actor = owner) =>
      shop.within((tx) => setFunnel(tx, { name: 'vip', definition }, actor))
    await expect(keep(own('shown'))).rejects.toMatchObject({
      code: 'package_feature',
      params: { liftedBy: 'enterprise' },
    })
    await shop.within((tx) => setReminders(tx, { name: 'standard', isOn: true }, owner))
    const agent = { by: 'member:2', access: { kind: 'member', role: 'agent' }, at: NOON } as const
    await expect(keep(own('shown'), agent)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(shop.sells(true, {}, agent)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(shop.describe('Kitap', { stars: 1 }, agent)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(
      world.within((tx) => setFunnel(tx, { name: 'standard', definition: own('shown') }, owner)),
    ).rejects.toMatchObject({ code: 'funnel_standard' })
    const poor = await createSalesWorld(db, { package: 'starter' })
    await expect(poor.sells()).rejects.toMatchObject({ code: 'package_feature', params: { liftedBy: 'professional' } })
  })

  it('sells nothing under a name the catalogue does not have', async () => {
    await expect(world.describe('Uçak', { stars: 1 })).rejects.toMatchObject({ code: 'product_not_in_catalogue' })
  })
})
