import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'
import { type GroupsWorld, createGroupsWorld, ownerAt } from '#server/testing/groups-world.ts'

import { SILENT_MEMBERS, findBlindness } from './blindness.rules.ts'
import { getChatProfile } from './get-chat-profile.ts'
import { addListing, removeListing, searchDirectory } from './keep-directory.ts'
import { linkedNames, parseListingName } from './own-link.rules.ts'
import { refreshChats } from './refresh-chats.ts'
import { spotOwnLinks } from './spot-own-links.ts'

let db: Db
let world: GroupsWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createGroupsWorld(db)
})

const profile = () => world.run((tx) => getChatProfile(tx, world.chatId, world.clock.now()))

describe('findBlindness', () => {
  const bot = { kind: 'bot', status: 'member', readsAllMessages: false, changedAt: NOON - 10 * DAY_MS } as const
  const hearing = { kind: 'supergroup', memberCount: SILENT_MEMBERS + 1, heard: 0, now: NOON } as const

  it('finds privacy mode where no account of the tenant sees what is written', () => {
    expect(findBlindness({ ...hearing, places: [bot] })).toBe('privacy_mode')
    expect(findBlindness({ ...hearing, heard: 3, places: [bot] })).toBe('privacy_mode')
    expect(findBlindness({ ...hearing, heard: 3, places: [bot, { ...bot, status: 'administrator' }] })).toBeNull()
    expect(findBlindness({ ...hearing, heard: 3, places: [{ ...bot, readsAllMessages: true }] })).toBeNull()
  })

  it('finds silence in a large group that was joined long enough ago', () => {
    const seeing = { ...bot, readsAllMessages: true } as const
    expect(findBlindness({ ...hearing, places: [seeing] })).toBe('silent')
    expect(findBlindness({ ...hearing, memberCount: 5, places: [seeing] })).toBeNull()
    expect(findBlindness({ ...hearing, places: [{ ...seeing, changedAt: NOON - DAY_MS }] })).toBeNull()
    expect(findBlindness({ ...hearing, kind: 'channel', places: [bot] })).toBeNull()
    expect(findBlindness({ ...hearing, places: [{ ...bot, status: 'left' }] })).toBeNull()
  })
})

describe('refreshChats', () => {
  it('asks about members, administrators, own rights and privacy mode, and again only after hours', async () => {
    await world.addMember(1, 'creator')
    await world.addMember(2)
    expect(await refreshChats(world.deps, world.tenantId)).toBe(1)
    expect(await profile()).toMatchObject({
      memberCount: 3,
      administratorCount: 1,
      profileFault: null,
      places: [{ status: 'administrator', readsAllMessages: false, isInstalled: true }],
    })
    expect(await refreshChats(world.deps, world.tenantId)).toBe(0)
    await world.clock.advance(6 * HOUR_MS)
    expect(await refreshChats(world.deps, world.tenantId)).toBe(1)
  })

  it('learns whether an administrator added the account, and forgets who it was', async () => {
    await world.addMember(1, 'administrator')
    await world.addMember(2)
    for (const [by, isInstalled] of [
      [1, true],
      [2, false],
    ] as const) {
      await world.place('left', { at: world.clock.now() })
      await world.place('member', { at: world.clock.now() + 1, by })
      expect((await profile()).places).toMatchObject([{ status: 'member', isInstalled: null }])
      await db.updateTable('chat').set({ profile_checked_at: null }).where('id', '=', world.chatId).execute()
      await world.clock.advance(HOUR_MS)
      await refreshAsMember()
      expect((await profile()).places).toMatchObject([{ isInstalled }])
      const rows = await db.selectFrom('chat_account').select('added_by').where('chat_id', '=', world.chatId).execute()
      expect(rows).toEqual([{ added_by: null }])
    }
  })

  const refreshAsMember = () =>
    refreshChats(
      {
        ...world.deps,
        moderation: {
          ...world.deps.moderation,
          getStanding: async () => ({ kind: 'done', value: { status: 'member', isMember: true, rights: {} } }),
        },
      },
      world.tenantId,
    )

  it('learns that the account was put out, and writes the fault down', async () => {
    world.telegram.refuse(world.chat.telegramId, 'kicked')
    await refreshChats(world.deps, world.tenantId)
    expect(await profile()).toMatchObject({ profileFault: 'kicked', places: [{ status: 'kicked' }] })
  })

  it('follows a group that became a supergroup', async () => {
    const to = world.chat.telegramId - 5_000_000
    world.telegram.refuse(world.chat.telegramId, 'chat_migrated', to)
    await refreshChats(world.deps, world.tenantId)
    expect(await profile()).toMatchObject({ telegramId: to })
  })
})

describe('searchDirectory', () => {
  it('finds chats, entries of the tenant and where its own addresses were written', async () => {
    await db.updateTable('account').set({ username: 'meydan_bot' }).where('id', '=', world.accountId).execute()
    const message = { contactId: 1, chatTelegramId: world.chat.telegramId, messageId: 1, updateId: 1, hasLink: true }
    const seen = (text: string, at: number) => world.run((tx) => spotOwnLinks(tx, [{ ...message, text, at }]))
    await seen('bakın t.me/Meydan_bot ve https://t.me/baska_bot', NOON)
    await seen('bakın t.me/Meydan_bot ve https://t.me/baska_bot', NOON)
    await seen('yine t.me/meydan_bot?start=x', NOON + 1_000)
    await world.run((tx) => addListing(tx, { name: 'https://t.me/Komsular', note: 'komşu grup' }, ownerAt(NOON)))
    const all = await world.run((tx) => searchDirectory(tx, null))
    expect(all.sightings).toMatchObject([{ username: 'meydan_bot', count: 2, chatTitle: 'Meydan' }])
    expect(all.listings).toMatchObject([{ username: 'komsular', note: 'komşu grup', title: null }])
    expect(all.chats).toMatchObject([{ title: 'Meydan' }])
    const none = await world.run((tx) => searchDirectory(tx, '100%'))
    expect([none.chats, none.listings, none.sightings]).toEqual([[], [], []])
    await world.run((tx) => removeListing(tx, '@komsular', ownerAt(NOON)))
    await expect(world.run((tx) => removeListing(tx, '@komsular', ownerAt(NOON)))).rejects.toThrow(/not_found/)
    expect(world.telegram.messages).toEqual([])
  })

  it('takes down what Telegram says of a public group, and nothing that cannot be one', async () => {
    world.telegram.addChat({ chatId: -77, kind: 'supergroup', title: 'Komşular', username: 'komsular' })
    const add = (name: string, actor: Parameters<typeof addListing>[2] = ownerAt(NOON)) =>
      world.run((tx) => addListing(tx, { name, note: '' }, actor))
    expect(await add('@komsular')).toMatchObject({ username: 'komsular', title: null })
    await refreshChats(world.deps, world.tenantId)
    expect((await world.run((tx) => searchDirectory(tx, 'komşu'))).listings).toMatchObject([
      { title: 'Komşular', kind: 'supergroup' },
    ])
    await expect(add('iki kelime')).rejects.toThrow(/listing_name/)
    const agent = { ...ownerAt(NOON), access: { kind: 'member', role: 'agent' } } as const
    await expect(add('@komsular', agent)).rejects.toThrow(/not_allowed/)
  })
})

describe('linkedNames', () => {
  it('reads public names out of addresses, and no pages', () => {
    expect(linkedNames('t.me/Abcd https://telegram.me/s/efgh_1 t.me/joinchat t.me/ab t.me/+xyz')).toEqual([
      'abcd',
      'efgh_1',
    ])
    expect(parseListingName(' @Abcd ')).toBe('abcd')
    expect(parseListingName('t.me/+gizli')).toBeNull()
  })
})
