import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { touchContact } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { findChat, getChat } from './find-chat.ts'
import { type GroupChat, type MemberAnswer, rightsOf } from './group.rules.ts'
import { isChatMember } from './is-chat-member.ts'
import { listChats } from './list-chats.ts'
import { recordChat, recordChatMigration } from './record-chat.ts'
import { isChatAdministrator, recordOwnMembership } from './record-own-membership.ts'

let db: Db
let tenantId: number
let accountId: number
let serial = 0

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  serial += 1
})

const inTx = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const group = (more: Partial<GroupChat> = {}): GroupChat => ({
  telegramId: -1_002_000_000_000 - serial * 100,
  kind: 'supergroup',
  title: 'Mahalle 🏘️',
  username: null,
  ...more,
})
const record = (chat: GroupChat, memberCount?: number) =>
  inTx((tx) => recordChat(tx, { chat, at: NOON, ...(memberCount !== undefined && { memberCount }) }))
const own = (chat: GroupChat, status: 'administrator' | 'member' | 'left' | 'kicked', at: number) =>
  inTx((tx) => recordOwnMembership(tx, { accountId, chat, own: { status, rights: { can_invite_users: true } }, at }))
const says = (telegramId: number, chat: GroupChat, kind: 'group_message' | 'left_chat' = 'group_message', at = NOON) =>
  inTx((tx) =>
    touchContact(tx, {
      accountId,
      at,
      kind,
      messageId: Math.floor(at / 1_000) % 1_000_000,
      chat,
      person: { telegramId, firstName: 'Can', lastName: '', isPremium: false, isBot: false },
    }),
  )
const memberships = () =>
  db.selectFrom('contact_chat').selectAll().where('tenant_id', '=', tenantId).orderBy('contact_id').execute()

describe('recordChat', () => {
  test('keeps one row per chat and takes over what Telegram says now', async () => {
    const id = await record(group(), 12)
    expect(await record(group({ title: 'Yeni Ad', username: 'mahalle' }))).toBe(id)
    expect(await inTx((tx) => getChat(tx, id))).toMatchObject({
      title: 'Yeni Ad',
      username: 'mahalle',
      memberCount: 12,
      knownMembers: 0,
      addedAt: NOON,
    })
    await expect(inTx((tx) => getChat(tx, 999_999_999))).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('recordOwnMembership', () => {
  test('believes the newest word on what an account is in a chat', async () => {
    await own(group(), 'administrator', NOON)
    await own(group(), 'member', NOON - 1)
    expect(await inTx((tx) => isChatAdministrator(tx, accountId, group().telegramId))).toBe(true)
    await own(group(), 'kicked', NOON + 1)
    expect(await inTx((tx) => isChatAdministrator(tx, accountId, group().telegramId))).toBe(false)
    expect(
      rightsOf({ status: 'administrator', can_invite_users: true, can_be_edited: false, is_anonymous: true }),
    ).toEqual({ can_invite_users: true, can_be_edited: false })
  })
})

describe('recordChatMigration', () => {
  test('takes members, activity and accounts along, once however often it is said', async () => {
    const old = group({ telegramId: -500_000 - serial, kind: 'group' })
    await own(old, 'administrator', NOON)
    await says(90_000_001, old)
    await says(90_000_002, old, 'group_message', NOON + 1_000)
    const before = await memberships()
    for (let i = 0; i < 2; i += 1) await inTx((tx) => recordChatMigration(tx, old.telegramId, group().telegramId))
    const chat = await inTx((tx) => findChat(tx, { telegramId: old.telegramId }))
    expect(chat).toMatchObject({
      telegramId: group().telegramId,
      kind: 'supergroup',
      title: 'Mahalle 🏘️',
      knownMembers: 2,
    })
    expect(await memberships()).toEqual(before.map((m) => ({ ...m, chat_id: chat?.id })))
    expect(await inTx((tx) => isChatAdministrator(tx, accountId, group().telegramId))).toBe(true)
    expect((await inTx((tx) => listChats(tx))).chats.map((c) => c.id)).toEqual([chat?.id])
    await says(90_000_001, group(), 'group_message', NOON + MINUTE_MS)
    expect((await memberships()).map((m) => m.message_count)).toEqual([2, 1])
  })

  test('of a group nobody knows does nothing', async () => {
    await inTx((tx) => recordChatMigration(tx, -1, -2))
    expect((await inTx((tx) => listChats(tx))).chats).toEqual([])
  })
})

describe('listChats', () => {
  test('pages by title, narrows by kind and by the account that is in them', async () => {
    for (const n of [3, 1, 2]) await record(group({ telegramId: group().telegramId - n, title: `Grup ${n}` }))
    await own(group({ kind: 'channel', title: 'Kanal' }), 'member', NOON)
    const titles: string[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof listChats>> = await inTx((tx) => listChats(tx, {}, { limit: 2, cursor }))
      titles.push(...page.chats.map((c) => c.title))
      cursor = page.nextCursor
    } while (cursor)
    expect(titles).toEqual(['Grup 1', 'Grup 2', 'Grup 3', 'Kanal'])
    expect((await inTx((tx) => listChats(tx, { kind: 'channel' }))).chats.map((c) => c.title)).toEqual(['Kanal'])
    expect((await inTx((tx) => listChats(tx, { accountId }))).chats.map((c) => c.title)).toEqual(['Kanal'])
    await own(group({ kind: 'channel', title: 'Kanal' }), 'left', NOON + 1)
    expect((await inTx((tx) => listChats(tx, { accountId }))).chats).toEqual([])
    await expect(inTx((tx) => listChats(tx, {}, { cursor: 'x' }))).rejects.toMatchObject({ code: 'cursor_unreadable' })
    await expect(inTx((tx) => listChats(tx, {}, { limit: 0 }))).rejects.toMatchObject({ code: 'limit_out_of_range' })
  })
})

describe('isChatMember', () => {
  const scene = async (answer: MemberAnswer) => {
    const chatId = await record(group())
    const contactId = await createContact(db, tenantId, { telegramId: 91_000_000 + serial })
    const clock = new ManualClock(NOON)
    const asked: number[][] = []
    const answers = { now: answer }
    const directory = {
      findMember: (...question: [number, number, number]) => {
        asked.push(question)
        return Promise.resolve(answers.now)
      },
    }
    const ask = () => isChatMember({ db, clock, directory }, { tenantId, accountId, chatId, contactId })
    return { ask, asked, answers, clock, contactId, telegramId: 91_000_000 + serial }
  }

  test('asks Telegram once and believes the answer for ten minutes', async () => {
    const { ask, asked, answers, clock, telegramId } = await scene('restricted')
    expect(await ask()).toBe(true)
    answers.now = 'left'
    expect(await ask()).toBe(true)
    expect(asked).toEqual([[accountId, group().telegramId, telegramId]])
    await clock.advance(11 * MINUTE_MS)
    expect(await ask()).toBe(false)
    expect(asked).toHaveLength(2)
    const kinds = await db
      .selectFrom('contact_event')
      .select('detail')
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', 'membership')
      .orderBy('id')
      .execute()
    expect(kinds.map((k) => (k.detail as { status: string }).status)).toEqual(['member', 'left'])
  })

  test('does not ask where an administrator has been told within a day', async () => {
    const { ask, asked, clock, telegramId } = await scene('member')
    await own(group(), 'administrator', NOON)
    await says(telegramId, group(), 'group_message', NOON)
    await clock.advance(DAY_MS - MINUTE_MS)
    expect(await ask()).toBe(true)
    await says(telegramId, group(), 'left_chat', NOON + DAY_MS - 2 * MINUTE_MS)
    expect(await ask()).toBe(false)
    expect(asked).toEqual([])
    await clock.advance(2 * DAY_MS)
    expect(await ask()).toBe(true)
    expect(asked).toHaveLength(1)
  })

  test('says that it does not know when nobody can tell, and keeps nothing', async () => {
    const { ask, contactId } = await scene(null)
    expect(await ask()).toBeNull()
    expect(await memberships()).toEqual([])
    await db
      .updateTable('contact')
      .set({ telegram_id: null, username: 'adsiz_kisi' })
      .where('id', '=', contactId)
      .execute()
    expect(await ask()).toBeNull()
  })
})

describe('chats', () => {
  test('are invisible to another tenant', async () => {
    await own(group(), 'administrator', NOON)
    await says(92_000_000, group())
    const stranger = await createTenant(db)
    for (const table of ['chat', 'chat_account', 'contact_chat'] as const) {
      const count = (tenant: number) =>
        inTenant(
          db,
          tenant,
          async (tx) =>
            (
              await tx
                .selectFrom(table)
                .select((eb) => eb.fn.countAll<number>().as('n'))
                .executeTakeFirstOrThrow()
            ).n,
        )
      expect([table, await count(tenantId), await count(stranger)]).toEqual([table, 1, 0])
    }
    expect(await inTenant(db, stranger, (tx) => findChat(tx, { telegramId: group().telegramId }))).toBeNull()
  })
})
