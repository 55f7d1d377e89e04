import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { recordConsent } from '#server/modules/contacts/index.ts'
import { setGroupIntensity, setInviteRatio, showsInvite } from '#server/modules/conversations/index.ts'
import { reserveSlots } from '#server/modules/delivery/guard/reserve-slots.ts'
import { recordInviteRefusal } from '#server/modules/invites/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact } from '#server/testing/factories.ts'

import { type PersonaWorld, actor, createPersonaWorld } from './persona-world.suite.ts'
import { ayse, messageUpdate } from './update-factories.suite.ts'

let db: Db
let world: PersonaWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  world = await createPersonaWorld(db)
})

describe('findWayIn', () => {
  const title = 'Müşteri <grubu>'
  const openGroup = async (more: { readonly username?: string | null; readonly status?: string } = {}) => {
    const { username = 'musteriler', status = 'administrator' } = more
    const group = { tenant_id: world.tenantId, telegram_id: -100, kind: 'supergroup', title, username }
    const { id } = await db
      .insertInto('chat')
      .values({ ...group, added_at: toDate(NOON) })
      .returning('id')
      .executeTakeFirstOrThrow()
    const place = { tenant_id: world.tenantId, chat_id: id, account_id: world.accountId, status }
    await db
      .insertInto('chat_account')
      .values({ ...place, changed_at: toDate(NOON) })
      .execute()
    return id
  }
  const optIn = async () => {
    await world.ask('/start')
    await world.press('consent_yes')
  }
  const ratio = (share: number) =>
    world.within((tx) => setInviteRatio(tx, { accountId: world.accountId, ratio: share }, actor))
  const shows = async (command: string) => {
    const { text, buttons } = await world.ask(command)
    const links = buttons.flat().filter((button) => 'url' in button)
    expect(text.includes('https://t.me/musteriler')).toBe(links.length === 1)
    return links.length === 1
  }
  /** The guard lets all of them leave, at the pace of one chat. */
  const leave = async () => {
    const { accountId } = world
    let left = 0
    for (const [i] of (await world.replies()).entries()) {
      const now = NOON + i * 2_000
      left += (await world.within((tx) => reserveSlots(tx, { accountId, now, limit: 100 }))).reserved.length
    }
    expect(left).toBe((await world.replies()).length)
  }
  const contactId = async () => (await world.findAyse())?.id ?? 0

  /** Ayşe, as one of the 70 in a hundred whom the largest package's share takes in. */
  beforeEach(async () => {
    for (;;) {
      const { tenantId, accountId } = world
      const id = await createContact(db, tenantId, { telegramId: ayse.id, accountId })
      const most = { inviteRatio: 0.7, groupPlacements: 3 }
      if (showsInvite(most, { accountId, contactId: id, placement: 'menu' })) return
      await db.deleteFrom('contact').where('tenant_id', '=', tenantId).execute()
    }
  })

  it('stands in an answer that leaves anyway, escaped, with a no and a way out, and counts as an invitation', async () => {
    const chatId = await openGroup()
    await optIn()
    const before = (await world.replies()).length
    const answer = await world.ask('/menu')
    expect(answer.text).toContain('<a href="https://t.me/musteriler">Müşteri &lt;grubu&gt;</a>')
    expect(answer.labels).toEqual(expect.arrayContaining(['Katıl: Müşteri <grubu>', 'Davet istemiyorum']))
    expect(await world.replies()).toHaveLength(before + 1)
    const row = await db.selectFrom('delivery').selectAll().where('id', '=', answer.id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ invite_chat_id: chatId, message_class: 'reply', is_outreach: false })
  })

  it('asks where a group has no address, and a yes leads to a link of the person’s own', async () => {
    await openGroup({ username: null })
    await optIn()
    expect((await world.ask('/menu')).labels).not.toContain('Evet, katılmak istiyorum')
    const rights = JSON.stringify({ can_invite_users: true })
    await db.updateTable('chat_account').set({ rights }).where('tenant_id', '=', world.tenantId).execute()
    const answer = await world.ask('/menu')
    expect(answer.text).toContain('<b>Müşteri &lt;grubu&gt;</b>')
    expect(answer.labels).toEqual(expect.arrayContaining(['Evet, katılmak istiyorum', 'Davet istemiyorum']))
    await world.press('invite_yes')
    const link = await db.selectFrom('invite_link').selectAll().where('delivery_id', '=', answer.id).executeTakeFirst()
    expect(link).toMatchObject({ state: 'wanted', giver_account_id: world.accountId, contact_id: await contactId() })
  })

  it('is shown once in thirty days, wherever it is asked', async () => {
    await openGroup()
    await optIn()
    expect([await shows('/menu'), await shows('/menu'), await shows('/start'), await shows('/fiyat')]).toEqual([
      true,
      false,
      false,
      false,
    ])
    await leave()
    world.advance(29 * DAY_MS)
    expect(await shows('/menu')).toBe(false)
    world.advance(2 * DAY_MS)
    expect(await shows('/menu')).toBe(true)
  })

  it('is never shown again to who pressed no', async () => {
    await openGroup()
    await optIn()
    await world.ask('/menu')
    await leave()
    expect((await world.pressLabel('Davet istemiyorum')).text).toContain('bir daha çağırmayacağız')
    world.advance(400 * DAY_MS)
    expect(await shows('/menu')).toBe(false)
  })

  it('is never shown to who has not allowed marketing, has withdrawn it, is there, or refused another account', async () => {
    const chatId = await openGroup()
    expect([await shows('/menu'), await shows('/start'), await shows('/fiyat')]).toEqual([false, false, false])
    await world.press('human')
    await world.ask('/start')
    await world.press('consent_yes')
    await world.process(messageUpdate('/stop'))
    expect(await shows('/menu')).toBe(false)
    world.advance(60_000)
    await world.ask('/start')
    await world.press('consent_yes')
    const membership = { tenant_id: world.tenantId, contact_id: await contactId(), chat_id: chatId }
    await db
      .insertInto('contact_chat')
      .values({ ...membership, checked_at: toDate(NOON) })
      .execute()
    expect(await shows('/menu')).toBe(false)
    await db.deleteFrom('contact_chat').where('tenant_id', '=', world.tenantId).execute()
    const refusal = { contactId: await contactId(), chatId, at: NOON }
    await world.within((tx) => recordInviteRefusal(tx, refusal))
    expect(await shows('/menu')).toBe(false)
  })

  it.each([
    ['one without a public address', { username: null }],
    ['one where the account is a member among others', { status: 'member' }],
    ['one the account was removed from', { status: 'kicked' }],
  ])('leads into no group that is not plainly the tenant’s to show: %s', async (_what, more) => {
    await openGroup(more)
    await optIn()
    expect(await shows('/menu')).toBe(false)
  })

  it('is shown in as many places as are set, and nowhere at a share of none', async () => {
    await openGroup()
    await optIn()
    const set = (intensity: 'none' | 'simple') =>
      world.within((tx) => setGroupIntensity(tx, { accountId: world.accountId, intensity }, actor))
    await set('none')
    expect(await shows('/menu')).toBe(false)
    await set('simple')
    expect([await shows('/start'), await shows('/fiyat')]).toEqual([false, false])
    await ratio(0)
    expect(await shows('/menu')).toBe(false)
    await ratio(0.7)
    expect(await shows('/menu')).toBe(true)
  })

  it('reaches the account’s share of many who allowed it and none of those who did not', async () => {
    await openGroup()
    await db.updateTable('subscription').set({ package: 'starter' }).where('tenant_id', '=', world.tenantId).execute()
    const people = Array.from({ length: 400 }, (_, i) => ({ ...ayse, id: 10_000 + i }))
    await world.process(...people.map((person) => messageUpdate('merhaba', { person })))
    const rows = await db
      .selectFrom('contact')
      .select(['id', 'telegram_id'])
      .where('tenant_id', '=', world.tenantId)
      .execute()
    const willing = rows.filter(({ telegram_id: id }) => (id ?? 0) % 2 === 0).map(({ id }) => id)
    const at = NOON
    await world.within(async (tx) => {
      for (const id of willing)
        await recordConsent(tx, {
          contactId: id,
          purpose: 'marketing',
          granted: true,
          textVersion: 'x',
          source: 'bot',
          accountId: world.accountId,
          at,
        })
    })
    const said = { date: NOON / 1_000 }
    await world.process(...people.map((person) => messageUpdate('/menu', { ...said, person })))
    await world.process(...people.map((person) => messageUpdate('/fiyat', { ...said, person })))
    const shown = await db
      .selectFrom('delivery')
      .select('contact_id')
      .where('tenant_id', '=', world.tenantId)
      .where('invite_chat_id', 'is not', null)
      .execute()
    const reached = shown.map(({ contact_id: id }) => id ?? 0)
    expect(new Set(reached).size).toBe(reached.length)
    expect(reached.filter((id) => !willing.includes(id))).toEqual([])
    // The share of the package, though a larger one was chosen: 200 people, three standard deviations.
    expect(Math.abs(reached.length / willing.length - 0.3)).toBeLessThan(0.1)
  })
})
