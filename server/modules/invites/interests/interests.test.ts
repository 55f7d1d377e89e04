import { beforeAll, describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { createPhraseReader, eraseContact, recordConsent } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import {
  getInterests,
  listChatInterests,
  refreshInterests,
  setChatInterests,
  setInterests,
  sumContactInterests,
  sumInterests,
} from '../index.ts'
import { createInviteWorld, owner } from '../invite-world.suite.ts'
import { DEFAULT_INTERESTS } from './interest.rules.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async () => {
  const world = await createInviteWorld(db)
  const refresh = () => refreshInterests(world.deps, world.tenantId)
  const of = (contactId: number) => world.run((tx) => sumContactInterests(tx, contactId, world.clock.now()))
  return { ...world, refresh, of }
}

describe('the product’s own words', () => {
  const read = createPhraseReader(DEFAULT_INTERESTS.groups)

  it.each([
    ['Bu elbisenin FİYATI nedir?', ['curious', 'price_seeker']],
    ['How much is the large one?', ['price_seeker']],
    ['Сколько стоит доставка?', ['potential_customer', 'price_seeker']],
    ['بكم هذا؟ أريد شراء', ['potential_customer', 'price_seeker']],
    ['Selam herkese, günaydın', ['social']],
    ['Sipariş vermek istiyorum', ['potential_customer']],
    ['Tamam', []],
    ['', []],
  ])('reads %j in four languages', (text, interests) => {
    expect(read(text)).toEqual(interests)
  })
})

describe('refreshInterests', () => {
  it('counts what somebody’s own messages speak of, and reads them again only when there is more', async () => {
    const { person, wrote, refresh, of, run, clock } = await scene()
    const guest = await person()
    await wrote(guest.id, ['Fiyat nedir?', 'indirim var mı', 'Merhaba'])
    await wrote(guest.id, ['ne kadar'], 25)
    expect(await refresh()).toBe(1)
    expect(await of(guest.id)).toEqual([
      { interest: 'price_seeker', count: 2 },
      { interest: 'curious', count: 1 },
      { interest: 'potential_customer', count: 1 },
    ])
    await clock.advance(1)
    expect(await refresh()).toBe(0)
    await wrote(guest.id, ['kampanya?'])
    await clock.advance(1)
    expect([await refresh(), (await of(guest.id))[0]?.count]).toEqual([1, 3])
    expect((await run((tx) => sumInterests(tx, clock.now())))[0]).toEqual({
      interest: 'price_seeker',
      messages: 3,
      people: 1,
    })
  })

  it('reads nobody who did not allow marketing, and forgets who takes it back or is erased', async () => {
    const { person, wrote, refresh, of, run, accountId } = await scene()
    const [shy, open, erased] = [await person({ consents: [] }), await person(), await person()]
    for (const { id } of [shy, open, erased]) await wrote(id, ['fiyat?'])
    expect(await refresh()).toBe(2)
    expect(await of(shy.id)).toEqual([])
    await run((tx) => eraseContact(tx, erased.id, { by: 'contact', at: NOON }))
    expect(await of(erased.id)).toEqual([])
    await run((tx) =>
      recordConsent(tx, {
        contactId: open.id,
        purpose: 'marketing',
        granted: false,
        textVersion: 't',
        source: 'bot',
        accountId,
        updateId: 1,
        at: NOON,
      }),
    )
    await refresh()
    expect(await of(open.id)).toEqual([])
  })

  it('reads everything anew by the tenant’s own words', async () => {
    const { person, wrote, refresh, of, run } = await scene()
    const guest = await person()
    await wrote(guest.id, ['Balık tutmayı severim', 'fiyat?'])
    await refresh()
    await run((tx) => setInterests(tx, [{ name: 'fishing', words: ['balık*'] }], owner()))
    expect(await refresh()).toBe(1)
    expect(await of(guest.id)).toEqual([{ interest: 'fishing', count: 1 }])
  })

  it('lets evidence go with the texts it came from', async () => {
    const { person, wrote, refresh, tenantId, clock } = await scene()
    await wrote((await person()).id, ['fiyat?'])
    await refresh()
    await clock.advance(91 * DAY_MS)
    await refresh()
    expect(await db.selectFrom('contact_interest').selectAll().where('tenant_id', '=', tenantId).execute()).toEqual([])
  })
})

describe('setInterests', () => {
  it('keeps each change as a version, and begins with the product’s words', async () => {
    const { run } = await scene()
    expect((await run(getInterests)).version).toBe(0)
    const set = (name: string) => run((tx) => setInterests(tx, [{ name, words: [' balık* ', 'balık*'] }], owner()))
    expect(await set('fishing')).toEqual({ version: 1, groups: [{ name: 'fishing', words: ['balık*'] }] })
    expect((await set('sea')).version).toBe(2)
    expect((await run(getInterests)).groups[0]?.name).toBe('sea')
  })

  it.each([
    ['no group', [], 'interest_groups'],
    ['a name with a space', [{ name: 'a b', words: ['xx'] }], 'interest_name'],
    [
      'a name twice',
      [
        { name: 'ab', words: ['xx'] },
        { name: 'ab', words: ['yy'] },
      ],
      'interest_name',
    ],
    ['no words', [{ name: 'ab', words: [] }], 'interest_words'],
    ['a word of one letter', [{ name: 'ab', words: ['a*'] }], 'interest_word'],
    ['a word that is a book', [{ name: 'ab', words: ['x'.repeat(61)] }], 'interest_word'],
  ])('refuses %s', async (_what, groups, code) => {
    const { run } = await scene()
    await expect(run((tx) => setInterests(tx, groups, owner()))).rejects.toMatchObject({ kind: 'invalid', code })
  })

  it('is for who may change settings', async () => {
    const { run, chatId } = await scene()
    const agent = owner(NOON, { kind: 'member', role: 'agent' })
    const groups = [{ name: 'fishing', words: ['balık*'] }]
    await expect(run((tx) => setInterests(tx, groups, agent))).rejects.toMatchObject({ kind: 'forbidden' })
    const chat = { chatId, interests: ['social'] }
    await expect(run((tx) => setChatInterests(tx, chat, agent))).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

describe('setChatInterests', () => {
  it('says what a chat is for, and takes it back', async () => {
    const { run, chatId } = await scene()
    const set = (interests: readonly string[], id = chatId) =>
      run((tx) => setChatInterests(tx, { chatId: id, interests }, owner()))
    await set(['social', 'curious', 'social'])
    expect(await run(listChatInterests)).toEqual([{ chatId, title: 'Müşteriler', interests: ['social', 'curious'] }])
    await expect(set(['fishing'])).rejects.toMatchObject({ code: 'unknown_word' })
    await expect(set(['social'], 9e9)).rejects.toMatchObject({ kind: 'not_found' })
    await set([])
    expect(await run(listChatInterests)).toEqual([])
  })
})
