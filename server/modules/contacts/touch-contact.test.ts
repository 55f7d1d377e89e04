import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import type { ContactActivity, Person } from './contact.rules.ts'
import { engagementScore } from './engagement.rules.ts'
import { touchContact, touchContacts } from './touch-contact.ts'

let db: Db
let tenantId: number
let accountId: number
let telegramId = 5_000

const person = (more: Partial<Person> = {}): Person => ({
  telegramId,
  firstName: 'Işıl',
  lastName: 'Çağlar',
  username: 'isil_caglar',
  languageCode: 'tr',
  isPremium: false,
  isBot: false,
  ...more,
})
const activity = (more: Partial<ContactActivity> = {}): ContactActivity => ({
  accountId,
  person: person(),
  at: NOON,
  kind: 'message',
  text: 'merhaba',
  messageId: 1,
  ...more,
})
const group = { telegramId: -1_001_234_567_890, kind: 'supergroup', title: 'Sohbet 💬' } as const

const touch = (a: ContactActivity) => inTenant(db, tenantId, (tx) => touchContact(tx, a))
const touchAll = (list: ContactActivity[], history = false) =>
  inTenant(db, tenantId, (tx) => touchContacts(tx, list, { history }))
const featureOf = (contactId: number) =>
  db.selectFrom('contact_feature').selectAll().where('contact_id', '=', contactId).executeTakeFirstOrThrow()
const contactOf = (id: number) => db.selectFrom('contact').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const eventTypes = async (tenant = tenantId) =>
  (
    await db
      .selectFrom('domain_event')
      .select(['type', 'payload'])
      .where('tenant_id', '=', tenant)
      .orderBy('id')
      .execute()
  ).map((e) => e.type)
const id = async (result: Promise<{ contactId: number } | null>): Promise<number> => {
  const touched = await result
  if (!touched) throw new Error('nobody was touched')
  return touched.contactId
}

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  telegramId += 1
})

describe('touchContact', () => {
  test('makes a contact of somebody who starts the bot, reachable through it, with the source of the deep link', async () => {
    const touched = await touch(activity({ kind: 'started', startPayload: 'insta_bio', text: '/start insta_bio' }))
    expect(touched?.created).toBe(true)
    const contact = await contactOf(touched?.contactId ?? 0)
    expect(contact).toMatchObject({
      telegram_id: telegramId,
      first_name: 'Işıl',
      last_name: 'Çağlar',
      username: 'isil_caglar',
      source: 'start:insta_bio',
      first_seen_at: new Date(NOON),
    })
    const reach = await db.selectFrom('contact_account').selectAll().where('contact_id', '=', contact.id).execute()
    expect(reach).toEqual([
      expect.objectContaining({
        account_id: accountId,
        reachability: 'reachable',
        started_at: new Date(NOON),
        start_payload: 'insta_bio',
      }),
    ])
    expect(await featureOf(contact.id)).toMatchObject({ inbound_count: 1, account_count: 1, engagement_mass: 1 })
    expect(await eventTypes()).toEqual(['contact.changed', 'contact.created', 'contact.answered'])
    const timeline = await db
      .selectFrom('contact_event')
      .select(['kind', 'detail'])
      .where('contact_id', '=', contact.id)
      .execute()
    expect(timeline).toEqual([{ kind: 'started', detail: { accountId, messageId: 1, startPayload: 'insta_bio' } }])
  })

  test('counts messages by local hour and weekday and keeps the text', async () => {
    const contactId = await id(touch(activity({ at: NOON, text: 'fiyatı ne kadar?' })))
    await touch(activity({ at: NOON + 3 * HOUR_MS, messageId: 2, text: 'tamam' }))
    const feature = await featureOf(contactId)
    // 2026-06-01 is a Monday; 09:00 UTC is noon in Istanbul.
    expect(feature.hour_counts[12]).toBe(1)
    expect(feature.hour_counts[15]).toBe(1)
    expect(feature.weekday_counts).toEqual([2, 0, 0, 0, 0, 0, 0])
    expect(feature.price_intent_at).toEqual([new Date(NOON)])
    expect(feature.inbound_count).toBe(2)
    const texts = await db
      .selectFrom('message')
      .select(['text', 'direction', 'chat_id'])
      .where('contact_id', '=', contactId)
      .orderBy('id')
      .execute()
    expect(texts).toEqual([
      { text: 'fiyatı ne kadar?', direction: 'in', chat_id: telegramId },
      { text: 'tamam', direction: 'in', chat_id: telegramId },
    ])
  })

  test('uses the contact’s own time zone where there is one', async () => {
    const contactId = await id(touch(activity()))
    await db.updateTable('contact').set({ time_zone: 'America/New_York' }).where('id', '=', contactId).execute()
    await touch(activity({ messageId: 2 }))
    const { hour_counts } = await featureOf(contactId)
    expect([hour_counts[12], hour_counts[5]]).toEqual([1, 1])
  })

  test('lets engagement fade by half in a week and empties it on a block', async () => {
    const contactId = await id(touch(activity()))
    await touch(activity({ at: NOON + 7 * DAY_MS, messageId: 2 }))
    const before = await featureOf(contactId)
    expect(before.engagement_mass).toBeCloseTo(1.5, 9)
    expect(
      engagementScore(before.engagement_mass, before.engagement_at?.getTime() ?? null, NOON + 7 * DAY_MS),
    ).toBeCloseTo(22.1, 1)
    await touch(activity({ kind: 'blocked', at: NOON + 8 * DAY_MS }))
    expect((await featureOf(contactId)).engagement_mass).toBe(0)
    expect(await eventTypes()).toContain('contact.blocked')
    const reach = () =>
      db
        .selectFrom('contact_account')
        .select('reachability')
        .where('contact_id', '=', contactId)
        .executeTakeFirstOrThrow()
    expect((await reach()).reachability).toBe('blocked')
    await touch(activity({ kind: 'message', at: NOON + 7 * DAY_MS + HOUR_MS, messageId: 3 }))
    expect((await reach()).reachability).toBe('blocked')
    await touch(activity({ kind: 'unblocked', at: NOON + 9 * DAY_MS }))
    expect((await reach()).reachability).toBe('reachable')
  })

  test('follows a changed name but rewrites the contact at most once a minute for being seen', async () => {
    const contactId = await id(touch(activity()))
    await touch(activity({ at: NOON + 30_000, messageId: 2 }))
    expect((await contactOf(contactId)).last_seen_at).toEqual(new Date(NOON))
    expect((await featureOf(contactId)).last_seen_at).toEqual(new Date(NOON + 30_000))
    await touch(
      activity({ at: NOON + 2 * MINUTE_MS, messageId: 3, person: person({ firstName: 'Işıl ✨', isPremium: true }) }),
    )
    expect(await contactOf(contactId)).toMatchObject({
      first_name: 'Işıl ✨',
      is_premium: true,
      last_seen_at: new Date(NOON + 2 * MINUTE_MS),
    })
    expect((await featureOf(contactId)).is_premium).toBe(true)
  })

  test('ignores bots, Telegram’s own accounts and impossible ids', async () => {
    expect(await touch(activity({ person: person({ isBot: true }) }))).toBeNull()
    for (const official of [777_000, 1_087_968_824, 136_817_688, 178_220_800]) {
      expect(await touch(activity({ person: person({ telegramId: official }) }))).toBeNull()
    }
    expect(await touch(activity({ person: person({ telegramId: -5 }) }))).toBeNull()
    expect(await touch(activity({ person: person({ telegramId: Number.NaN }) }))).toBeNull()
    const { n } = await db
      .selectFrom('contact')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow()
    expect(n).toBe(0)
  })

  test('stores what PostgreSQL could not: NUL and half surrogates are dropped', async () => {
    const contactId = await id(
      touch(activity({ text: 'a\u0000b\ud800c', person: person({ firstName: 'A\u0000y\udc00' }) })),
    )
    expect((await contactOf(contactId)).first_name).toBe('Ay\ufffd')
    const { text } = await db
      .selectFrom('message')
      .select('text')
      .where('contact_id', '=', contactId)
      .executeTakeFirstOrThrow()
    expect(text).toBe('ab\ufffdc')
  })

  test('gives an imported contact known by user name alone its id instead of a twin', async () => {
    const { id: imported } = await db
      .insertInto('contact')
      .values({
        tenant_id: tenantId,
        username: 'Isil_Caglar',
        first_seen_at: new Date(NOON),
        created_at: new Date(NOON),
        tags: ['eski'],
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    expect(await id(touch(activity()))).toBe(imported)
    expect(await contactOf(imported)).toMatchObject({ telegram_id: telegramId, tags: ['eski'], first_name: 'Işıl' })
  })

  test('counts one message once when two accounts of the tenant see it in the same group', async () => {
    const other = await createAccount(db, tenantId)
    const seen = activity({ kind: 'group_message', chat: group, messageId: 77 })
    const contactId = await id(touch(seen))
    await touch({ ...seen, accountId: other, at: NOON + 999 })
    expect((await featureOf(contactId)).inbound_count).toBe(1)
    const membership = await db
      .selectFrom('contact_chat')
      .selectAll()
      .where('contact_id', '=', contactId)
      .executeTakeFirstOrThrow()
    expect(membership).toMatchObject({ message_count: 1, status: 'member', joined_at: new Date(NOON) })
    // Private chats count their messages per account: the same number is another message.
    await touch(activity({ messageId: 5 }))
    await touch(activity({ messageId: 5, accountId: other }))
    expect(await featureOf(contactId)).toMatchObject({ inbound_count: 3, account_count: 2 })
  })

  test('knows members, leavers and how many chats somebody is active in', async () => {
    const chats = [1, 2, 3, 4].map(
      (n) =>
        ({ telegramId: -1_000_000_000_000 - n - telegramId * 10, kind: 'supergroup', title: `Grup ${n}` }) as const,
    )
    const contactId = await id(
      touch(activity({ kind: 'joined_chat', chat: chats[0] ?? group, at: NOON - 20 * DAY_MS })),
    )
    expect(await eventTypes()).toContain('contact.joined_group')
    expect(await featureOf(contactId)).toMatchObject({ member_since: new Date(NOON - 20 * DAY_MS) })
    for (const [i, chat] of chats.entries())
      await touch(activity({ kind: 'group_message', chat, messageId: 10 + i, at: NOON + i * 1_000 }))
    await touch(activity({ kind: 'group_message', chat: chats[0] ?? group, messageId: 20, at: NOON + 9_000 }))
    const feature = await featureOf(contactId)
    expect(feature.chat_active_at.map((d) => d.getTime() - NOON)).toEqual([9_000, 3_000, 2_000, 1_000])
    expect(feature.group_message_at).toHaveLength(5)
    for (const chat of chats) await touch(activity({ kind: 'left_chat', chat, at: NOON + DAY_MS }))
    expect((await featureOf(contactId)).member_since).toBeNull()
    const left = await db
      .selectFrom('contact_chat')
      .select(['status', 'left_at'])
      .where('contact_id', '=', contactId)
      .execute()
    expect(left.every((row) => row.status === 'left' && row.left_at?.getTime() === NOON + DAY_MS)).toBe(true)
  })

  test('two transactions that meet the same stranger make one contact', async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, i) => id(touch(activity({ messageId: i + 1, at: NOON + i })))),
    )
    expect(new Set(ids).size).toBe(1)
    expect(await featureOf(ids[0] ?? 0)).toMatchObject({ inbound_count: 8 })
  })
})

describe('touchContacts', () => {
  test('comes to the same as one by one', async () => {
    const kinds = ['started', 'message', 'button', 'group_message', 'reaction', 'group_message', 'message'] as const
    const script = (base: number): ContactActivity[] =>
      [...Array(30).keys()].map((i) => {
        const kind = kinds[i % kinds.length] ?? 'message'
        return {
          accountId,
          at: NOON + i * 50 * MINUTE_MS,
          kind,
          messageId: i + 1,
          text: i % 5 === 0 ? 'ne kadar' : 'selam',
          person: person({ telegramId: base + (i % 4), firstName: `Kişi ${i % 4}` }),
          ...(kind === 'group_message' && { chat: group }),
        }
      })
    const [single, batch] = [900_000 + telegramId * 10, 950_000 + telegramId * 10]
    const shape = async (base: number) =>
      (
        await db
          .selectFrom('contact_feature as f')
          .innerJoin('contact as c', 'c.id', 'f.contact_id')
          .selectAll('f')
          .where('c.telegram_id', '>=', base)
          .where('c.telegram_id', '<', base + 4)
          .orderBy('c.telegram_id')
          .execute()
      ).map((row) => ({ ...row, contact_id: 0, engagement_mass: row.engagement_mass.toFixed(9) }))
    for (const a of script(single)) await touch(a)
    // The second script happens in another group, or its messages would be the same ones.
    await touchAll(script(batch).map((a) => (a.chat ? { ...a, chat: { ...group, telegramId: -1_001_999 } } : a)))
    expect(await shape(batch)).toEqual(await shape(single))
  })

  test('answers in the order of the activities, with null for nobody', async () => {
    const results = await touchAll([
      activity(),
      activity({ person: person({ isBot: true }) }),
      activity({ messageId: 2 }),
    ])
    expect(results.map((r) => r !== null)).toEqual([true, false, true])
    expect(results[0]?.contactId).toBe(results[2]?.contactId)
  })

  test('history leaves names, reachability and answers alone and is counted once however often it is told', async () => {
    const contactId = await id(touch(activity()))
    const past = [
      activity({
        at: NOON - 90 * DAY_MS,
        messageId: 100,
        accountId: null,
        kind: 'group_message',
        chat: group,
        person: person({ firstName: 'Eski Ad' }),
      }),
      activity({ at: NOON - 80 * DAY_MS, messageId: 101, accountId: null, kind: 'reaction', chat: group, label: '👍' }),
      activity({ at: NOON - 95 * DAY_MS, messageId: 99, accountId: null, kind: 'joined_chat', chat: group }),
    ]
    await touchAll(past, true)
    const first = await featureOf(contactId)
    expect(first).toMatchObject({
      inbound_count: 2,
      reaction_count: 1,
      first_seen_at: new Date(NOON - 95 * DAY_MS),
      member_since: new Date(NOON - 95 * DAY_MS),
    })
    expect((await contactOf(contactId)).first_name).toBe('Işıl')
    await touchAll(past, true)
    expect(await featureOf(contactId)).toEqual(first)
    expect((await eventTypes()).filter((t) => t === 'contact.answered')).toHaveLength(1)
  })

  test('shows another tenant nothing', async () => {
    await touch(activity({ kind: 'group_message', chat: group }))
    await touch(activity({ kind: 'started', messageId: 2 }))
    const stranger = await createTenant(db)
    const tables = [
      'contact',
      'contact_account',
      'contact_feature',
      'contact_chat',
      'contact_event',
      'message',
      'chat',
    ] as const
    for (const table of tables) {
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
      expect([table, await count(tenantId)]).not.toEqual([table, 0])
      expect([table, await count(stranger)]).toEqual([table, 0])
    }
  })
})
