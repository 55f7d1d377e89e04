import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { INVITE_LINK_STATES } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { eraseContact, exportContact, mergeContacts } from '#server/modules/contacts/index.ts'
import type { Access } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import {
  endInviteLink,
  findInviteByLink,
  listLinks,
  listTenantsWithInviteWork,
  makeInviteLinks,
  openInviteLink,
  recordJoins,
  reportInvites,
  setInviteSettings,
} from '../index.ts'
import { CHAT_TELEGRAM_ID, createInviteWorld, owner } from '../invite-world.suite.ts'
import { type KnownLink, nextForYes } from './link.rules.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

/** Somebody who said yes, with their link made. */
const accepted = async (over: Parameters<typeof createInviteWorld>[1] = {}) => {
  const world = await createInviteWorld(db, over)
  const guest = await world.person()
  const deliveryId = await world.invite(guest.id)
  const first = await world.answer(guest.id, deliveryId)
  const come = (kind: 'join_requested' | 'joined_chat' | 'left_chat', linkName: string | null, contactId = guest.id) =>
    world.run((tx) =>
      recordJoins(tx, [{ contactId, chatTelegramId: CHAT_TELEGRAM_ID, kind, linkName, at: world.clock.now() }]),
    )
  const joins = () =>
    db.selectFrom('invite_join').selectAll().where('tenant_id', '=', world.tenantId).orderBy('id').execute()
  const nameOf = async () => (await world.links())[0]?.name ?? ''
  return { ...world, guest, deliveryId, first, come, joins, nameOf }
}

describe('makeInviteLinks', () => {
  it('makes a link for one person, that runs out, and hands it over', async () => {
    const { first, makeLinks, links, place, replies } = await accepted()
    expect(first).toEqual({ kind: 'preparing' })
    expect([place.inviteLinks, await replies()]).toEqual([[], []])
    expect(await makeLinks()).toBe(1)
    const [link] = await links()
    expect(link).toMatchObject({ state: 'made', admission: 'limited', expires_at: toDate(NOON + 7 * DAY_MS) })
    expect(place.inviteLinks).toMatchObject([{ name: link?.name, url: link?.url, createsJoinRequest: false }])
    expect(link?.name).toMatch(/^gc-\d{1,18}$/)
    expect(await replies()).toEqual([`Buyurun: ${link?.url}`])
  })

  it('lets ask and be let in where the tenant says so', async () => {
    const { run, answer, person, invite, makeLinks, place } = await createInviteWorld(db)
    await run((tx) => setInviteSettings(tx, { admission: 'request' }, owner()))
    const guest = await person()
    await answer(guest.id, await invite(guest.id))
    await makeLinks()
    expect(place.inviteLinks).toMatchObject([{ createsJoinRequest: true }])
  })

  it('makes one link for one yes, however many workers there are and however often the button is pressed', async () => {
    const { answer, guest, deliveryId, makeLinks, links, place, replies } = await accepted()
    await Promise.all([1, 2, 3].map(() => answer(guest.id, deliveryId)))
    const made = await Promise.all([makeLinks(), makeLinks(), makeLinks(), makeLinks()])
    expect(made.reduce((a, b) => a + b)).toBe(1)
    expect([place.inviteLinks.length, (await links()).length, (await replies()).length]).toEqual([1, 1, 1])
    expect(await answer(guest.id, deliveryId)).toEqual({ kind: 'link', link: (await links())[0]?.url })
  })

  it('makes it again when its maker died, and ends the late one’s', async () => {
    const { tenantId, deps, clock, links, place, replies, makeLinks } = await accepted()
    let isLate = true
    const maker: typeof deps.maker = {
      ...deps.maker,
      async make(...call) {
        const result = await deps.maker.make(...call)
        // While the first waits for its answer, its time runs out and another worker does the work.
        if (isLate) {
          isLate = false
          await clock.advance(3 * MINUTE_MS)
          expect(await makeLinks()).toBe(1)
        }
        return result
      },
    }
    expect(await makeInviteLinks({ ...deps, maker }, tenantId)).toBe(0)
    expect(place.inviteLinks).toHaveLength(2)
    const [link] = await links()
    expect(place.revokedLinks.has(place.inviteLinks[0]?.url ?? '')).toBe(true)
    expect([link?.url, place.revokedLinks.size]).toEqual([place.inviteLinks[1]?.url, 1])
    expect(await replies()).toHaveLength(1)
  })

  it.each([
    ['Telegram asks to wait', { reason: 'flood_wait', retryAfterSeconds: 30 }],
    ['the connection is cut', { reason: 'connection_cut' }],
  ] as const)('tries again later when %s', async (_what, fault) => {
    const { telegram, tenantId, clock, makeLinks, links, replies } = await accepted()
    telegram.failNext({ chatId: CHAT_TELEGRAM_ID, ...fault })
    const work = () => asOperator(db, 'test', (tx) => listTenantsWithInviteWork(tx, clock.now()))
    expect(await makeLinks()).toBe(0)
    expect([(await links())[0]?.state, (await work()).includes(tenantId)]).toEqual(['wanted', false])
    await clock.advance(MINUTE_MS)
    expect((await work()).includes(tenantId)).toBe(true)
    expect([await makeLinks(), (await replies()).length]).toEqual([1, 1])
  })

  it('calls a colleague, with the reason kept, when the bot may not invite any more or the chat is gone', async () => {
    for (const [reason, spoil] of [
      ['no_admin_right', 'demote'],
      ['chat_not_found', 'remove'],
    ] as const) {
      const { place, telegram, guest, deliveryId, answer, makeLinks, links, replies, tagsOf } = await accepted()
      if (spoil === 'demote') place.members.clear()
      else telegram.refuse(CHAT_TELEGRAM_ID, 'chat_not_found')
      expect(await makeLinks()).toBe(0)
      expect((await links())[0]).toMatchObject({ state: 'failed', reason })
      expect(await replies()).toEqual(['Bir çalışanımız sizi içeri alacak.'])
      expect(await tagsOf(guest.id)).toEqual(['needs-human'])
      expect(await answer(guest.id, deliveryId)).toEqual({ kind: 'by_hand' })
    }
  })

  it('falls back to the public address where the chat has one', async () => {
    const { place, makeLinks, replies } = await accepted({ username: 'musteriler' })
    place.members.clear()
    await makeLinks()
    expect(await replies()).toEqual(['Buyurun: https://t.me/musteriler'])
  })

  it('gives up after five tries', async () => {
    const { telegram, clock, makeLinks, links, replies } = await accepted()
    telegram.refuse(CHAT_TELEGRAM_ID, 'server_error')
    for (let tries = 0; tries < 5; tries += 1) {
      await makeLinks()
      await clock.advance(HOUR_MS)
    }
    expect((await links())[0]).toMatchObject({ state: 'failed', reason: 'server_error', attempt_count: 5 })
    expect(await replies()).toHaveLength(1)
  })

  it('makes no link for somebody who was erased meanwhile, and ends one that was made', async () => {
    const early = await accepted()
    const erase = (world: typeof early) =>
      world.run((tx) => eraseContact(tx, world.guest.id, { by: 'contact', at: NOON }))
    await erase(early)
    expect([await early.makeLinks(), (await early.links())[0]?.state]).toEqual([0, 'revoked'])
    const late = await accepted()
    await late.makeLinks()
    await db
      .updateTable('delivery')
      .set({ state: 'cancelled', reason: 'expired', finished_at: toDate(NOON) })
      .where('tenant_id', '=', late.tenantId)
      .where('state', '=', 'planned')
      .execute()
    await erase(late)
    expect((await late.links())[0]).toMatchObject({ state: 'ending', contact_id: null })
    await late.endLinks()
    expect([(await late.links())[0]?.state, late.place.revokedLinks.size]).toEqual(['revoked', 1])
  })
})

describe('nextForYes', () => {
  const known = (more: Partial<KnownLink> = {}): KnownLink => ({
    state: 'made',
    url: 'u',
    expiresAt: NOON + 1,
    usedBy: 'nobody',
    ...more,
  })

  it('shows a link that lasts, makes one anew when it ran out or its person left, and calls a person otherwise', () => {
    expect(nextForYes(null, NOON)).toBe('make')
    expect(nextForYes(known(), NOON)).toBe('give')
    expect(nextForYes(known({ expiresAt: NOON }), NOON)).toBe('make')
    expect(nextForYes(known({ usedBy: 'owner' }), NOON)).toBe('make')
    expect(nextForYes(known({ usedBy: 'other' }), NOON)).toBe('by_hand')
    for (const state of ['failed', 'ending', 'revoked'] as const)
      expect(nextForYes(known({ state }), NOON)).toBe('by_hand')
  })

  it('never shows a link that cannot let the person in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...INVITE_LINK_STATES),
        fc.constantFrom('nobody', 'other', 'owner'),
        fc.integer({ min: -5, max: 5 }),
        (state, usedBy, ahead) => {
          if (nextForYes(known({ state, usedBy, expiresAt: NOON + ahead }), NOON) !== 'give') return
          expect([state, usedBy, ahead > 0]).toEqual(['made', 'nobody', true])
        },
      ),
    )
  })
})

describe('answerInvite', () => {
  it('makes a new link when the old one ran out, and calls a person when another used it', async () => {
    const { answer, guest, deliveryId, clock, makeLinks, links, place, come, nameOf, person } = await accepted()
    await makeLinks()
    await clock.advance(8 * DAY_MS)
    expect(await answer(guest.id, deliveryId)).toEqual({ kind: 'preparing' })
    await makeLinks()
    expect([place.inviteLinks.length, (await links()).length]).toEqual([2, 1])
    await come('joined_chat', await nameOf(), (await person()).id)
    expect(await answer(guest.id, deliveryId)).toEqual({ kind: 'by_hand' })
  })

  it('tells a member that they are in', async () => {
    const { tenantId, chatId, guest, deliveryId, answer } = await accepted()
    const row = { tenant_id: tenantId, contact_id: guest.id, chat_id: chatId, checked_at: toDate(NOON) }
    await db.insertInto('contact_chat').values(row).execute()
    expect(await answer(guest.id, deliveryId)).toEqual({ kind: 'member' })
  })
})

describe('endInviteLink', () => {
  it('ends a link at Telegram, and is for who may change campaigns', async () => {
    const { run, makeLinks, endLinks, links, place } = await accepted()
    await makeLinks()
    const [link] = await links()
    const end = (access?: Access) => run((tx) => endInviteLink(tx, link?.id ?? 0, owner(NOON, access)))
    await expect(end({ kind: 'member', role: 'agent' })).rejects.toMatchObject({ kind: 'forbidden' })
    const stranger = await createTenant(db)
    await expect(inTenant(db, stranger, (tx) => endInviteLink(tx, link?.id ?? 0, owner()))).rejects.toMatchObject({
      kind: 'not_found',
    })
    await end()
    await endLinks()
    expect([...place.revokedLinks]).toEqual([link?.url])
    expect((await links())[0]?.state).toBe('revoked')
    await expect(end()).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('counts a link as ended that Telegram knows no more, and tries again when Telegram is away', async () => {
    const { run, clock, telegram, makeLinks, endLinks, links } = await accepted()
    await makeLinks()
    await run(async (tx) => endInviteLink(tx, (await links())[0]?.id ?? 0, owner()))
    telegram.refuse(CHAT_TELEGRAM_ID, 'server_error')
    await endLinks()
    expect((await links())[0]?.state).toBe('ending')
    telegram.refuse(CHAT_TELEGRAM_ID, 'chat_not_found')
    await clock.advance(HOUR_MS)
    await endLinks()
    expect((await links())[0]).toMatchObject({ state: 'revoked', reason: 'chat_not_found' })
  })
})

describe('openInviteLink', () => {
  it('makes a link for anybody, whose joins are counted, and names what is missing', async () => {
    const { run, chatId, makeLinks, place, tenantId, come, person, replies } = await accepted()
    const open = (more: object = {}, actor = owner()) =>
      run((tx) => openInviteLink(tx, { chatId, campaignId: null, admission: 'open', lifeDays: 30, ...more }, actor))
    await open()
    await makeLinks()
    const opened = (await run((tx) => listLinks(tx, { limit: 10 })))[0]
    expect(opened).toMatchObject({ admission: 'open', state: 'made', contactId: null, joined: 0 })
    expect(place.inviteLinks).toHaveLength(2)
    expect(await replies()).toHaveLength(1)
    for (let n = 0; n < 2; n += 1) await come('joined_chat', opened?.name ?? '', (await person()).id)
    expect((await run((tx) => listLinks(tx, { chatId, limit: 1 })))[0]).toMatchObject({ joined: 2 })
    await expect(open({ lifeDays: 0 })).rejects.toMatchObject({ code: 'whole_number_expected' })
    await expect(open({ campaignId: 9e9 })).rejects.toMatchObject({ kind: 'not_found' })
    await expect(open({}, owner(NOON, { kind: 'nobody' }))).rejects.toMatchObject({ kind: 'forbidden' })
    await db.updateTable('chat_account').set({ rights: '{}' }).where('tenant_id', '=', tenantId).execute()
    await expect(open()).rejects.toMatchObject({ kind: 'unavailable', code: 'no_link_maker' })
  })
})

describe('findInviteByLink', () => {
  it('tells whose link it is, and nothing of links of others', async () => {
    const { run, guest, makeLinks, nameOf, tenantId } = await accepted()
    await makeLinks()
    const name = await nameOf()
    const find = (linkName: string | null, telegramId = guest.telegramId) =>
      run((tx) => findInviteByLink(tx, CHAT_TELEGRAM_ID, linkName, telegramId))
    expect(await find(name)).toMatchObject({ isPersonal: true, isForRequester: true, isOpen: true })
    expect(await find(name, 99)).toMatchObject({ isPersonal: true, isForRequester: false })
    for (const other of [null, 'Yaz kampanyası', 'gc-999999999']) expect(await find(other)).toBeNull()
    await db.updateTable('invite_link').set({ state: 'ending' }).where('tenant_id', '=', tenantId).execute()
    expect(await find(name)).toMatchObject({ isOpen: false })
  })
})

describe('recordJoins', () => {
  it('ties a request, a join and a leave to the link, once however often they are told', async () => {
    const { clock, makeLinks, come, nameOf, joins, deliveryId, guest } = await accepted()
    await makeLinks()
    const name = await nameOf()
    for (const kind of ['join_requested', 'joined_chat', 'left_chat'] as const) {
      await come(kind, name)
      await come(kind, name)
      await clock.advance(DAY_MS)
    }
    expect(await joins()).toMatchObject([
      {
        contact_id: guest.id,
        delivery_id: deliveryId,
        requested_at: toDate(NOON),
        approved_at: toDate(NOON + DAY_MS),
        joined_at: toDate(NOON + DAY_MS),
        left_at: toDate(NOON + 2 * DAY_MS),
      },
    ])
    await come('joined_chat', name)
    expect(await joins()).toMatchObject([{ left_at: null, joined_at: toDate(NOON + DAY_MS) }])
  })

  it('ties who comes by the public address to the invitation of the last thirty days, and nobody else', async () => {
    const { come, joins, deliveryId, person, clock } = await accepted({ username: 'musteriler' })
    await come('joined_chat', null, (await person()).id)
    expect(await joins()).toEqual([])
    await come('joined_chat', null)
    expect(await joins()).toMatchObject([{ delivery_id: deliveryId, link_id: null }])
    const later = await accepted()
    await later.clock.advance(31 * DAY_MS)
    await later.come('joined_chat', null)
    expect(await later.joins()).toEqual([])
    await clock.advance(1)
  })

  it('counts another person’s use of a link without crediting the invitation', async () => {
    const { come, joins, nameOf, person, makeLinks } = await accepted()
    await makeLinks()
    await come('joined_chat', await nameOf(), (await person()).id)
    expect(await joins()).toMatchObject([{ delivery_id: null }])
  })
})

describe('reportInvites', () => {
  it('follows invitations from yes to who is still in after seven days', async () => {
    const { run, clock, chatId, person, invite, come, makeLinks, nameOf, guest } = await accepted()
    await makeLinks()
    await come('joined_chat', await nameOf())
    const other = await person()
    await invite(other.id)
    const report = (by: 'chat' | 'person' | 'batch' | 'campaign', until = NOON + 1) =>
      run((tx) => reportInvites(tx, { by, since: NOON - DAY_MS, until, now: clock.now() }))
    expect(await report('chat')).toMatchObject([
      {
        key: chatId,
        name: 'Müşteriler',
        invited: 2,
        yes: 1,
        linked: 1,
        joined: 1,
        settled: 0,
        stayed: 0,
        stayShare: null,
      },
    ])
    await clock.advance(8 * DAY_MS)
    const [row] = await report('chat')
    expect(row).toMatchObject({ settled: 1, stayed: 1, joinShare: { ratio: 0.5 } })
    expect(row?.joinShare?.low).toBeGreaterThan(0.05)
    expect(row?.joinShare?.high).toBeLessThan(0.95)
    expect((await report('person')).map((each) => [each.key, each.joined])).toEqual([
      [guest.id, 1],
      [other.id, 0],
    ])
    expect(await report('batch')).toEqual([])
    await expect(report('chat', NOON - 2 * DAY_MS)).rejects.toMatchObject({ code: 'span_reversed' })
  })
})

describe('somebody with two records', () => {
  it('keeps their link, their yes and their coming when the records become one', async () => {
    const { run, makeLinks, come, nameOf, joins, links, guest, tenantId, deliveryId } = await accepted()
    await makeLinks()
    await come('joined_chat', await nameOf())
    const keepId = await createContact(db, tenantId)
    await db.updateTable('contact').set({ telegram_id: null }).where('id', '=', keepId).execute()
    await run((tx) => mergeContacts(tx, keepId, guest.id, NOON))
    expect(await joins()).toMatchObject([{ contact_id: keepId, delivery_id: deliveryId }])
    expect(await links()).toMatchObject([{ contact_id: keepId }])
    const { sections } = await run((tx) => exportContact(tx, keepId, NOON))
    expect([sections.acceptedInvites.length, sections.inviteLinks.length, sections.invitedJoins.length]).toEqual([
      1, 1, 1,
    ])
  })
})
