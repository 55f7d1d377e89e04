import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { sql } from 'kysely'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import type { ContactActivity } from './contact.rules.ts'
import { findContact } from './find-contact.ts'
import { findDuplicates } from './find-duplicates.ts'
import { getContactProfile } from './get-contact-profile.ts'
import { listContacts } from './list-contacts.ts'
import { listTimeline } from './list-timeline.ts'
import { mergeContacts } from './merge-contacts.ts'
import { recordConsent } from './record-consent.ts'
import { recordOrder } from './record-order.ts'
import { recordOptOut } from './record-opt-out.ts'
import { addTags, removeTags } from './tag-contacts.ts'
import { touchContact } from './touch-contact.ts'

let db: Db
let tenantId: number
let accountId: number
let telegramId = 40_000_000

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  telegramId += 10
})

const inTx = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const someone = (more: Partial<ContactActivity> = {}): ContactActivity => ({
  accountId,
  at: NOON,
  kind: 'message',
  messageId: 1,
  text: 'gizli bir söz',
  person: {
    telegramId,
    firstName: 'Şükran',
    lastName: 'Öztürk',
    username: 'sukran_oz',
    isPremium: false,
    isBot: false,
  },
  ...more,
})
const touch = async (a: ContactActivity) => {
  const touched = await inTx((tx) => touchContact(tx, a))
  if (!touched) throw new Error('nobody was touched')
  return touched.contactId
}

/** A contact known from an import by user name, with something of everything. */
const importedTwin = async (): Promise<number> => {
  const { id } = await db
    .insertInto('contact')
    .values({
      tenant_id: tenantId,
      username: 'SUKRAN_OZ',
      tags: ['eski'],
      attributes: '{"şehir":"Bursa"}',
      first_seen_at: new Date(NOON - 9 * DAY_MS),
      created_at: new Date(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('contact_feature')
    .values({
      tenant_id: tenantId,
      contact_id: id,
      first_seen_at: new Date(NOON - 9 * DAY_MS),
      inbound_count: 3,
      outbound_count: 2,
      engagement_mass: 2,
      engagement_at: new Date(NOON - 7 * DAY_MS),
      revenue_minor: 500,
    })
    .execute()
  return id
}

describe('findContact', () => {
  test('finds by id, Telegram id and user name in any of its spellings', async () => {
    const id = await touch(someone())
    for (const name of [{ id }, { telegramId }, { username: '@Sukran_OZ' }, { username: 'https://t.me/sukran_oz' }]) {
      expect((await inTx((tx) => findContact(tx, name)))?.id).toBe(id)
    }
    for (const name of [{ id: 999_999_999 }, { telegramId: 1 }, { username: 'x' }, { username: 'nobody_here' }]) {
      expect(await inTx((tx) => findContact(tx, name))).toBeNull()
    }
  })
})

describe('listContacts', () => {
  test('pages through everybody once, last seen first, never seen last', async () => {
    for (let i = 0; i < 7; i += 1)
      await createContact(db, tenantId, { telegramId: telegramId * 100 + i, at: NOON - Math.floor(i / 2) * DAY_MS })
    await db
      .updateTable('contact')
      .set({ last_seen_at: null })
      .where('tenant_id', '=', tenantId)
      .where('telegram_id', '>=', telegramId * 100 + 5)
      .execute()
    const seen: (number | null)[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof listContacts>> = await inTx((tx) =>
        listContacts(tx, {}, { limit: 2, cursor }),
      )
      seen.push(...page.contacts.map((c) => (c.telegramId ?? 0) - telegramId * 100))
      cursor = page.nextCursor
    } while (cursor)
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('finds people by the beginning of their names however they are typed', async () => {
    const id = await touch(someone())
    await createContact(db, tenantId, { firstName: 'Mehmet' })
    for (const text of ['şük', 'SUKRAN', 'sukran oz', 'Öztürk', 'ozturk', '@sukran', String(telegramId)]) {
      const { contacts } = await inTx((tx) => listContacts(tx, { text }))
      expect([text, contacts.map((c) => c.id)]).toEqual([text, [id]])
    }
    for (const text of ['kran', '%', '_', 'sukran yok', '12']) {
      expect((await inTx((tx) => listContacts(tx, { text }))).contacts).toEqual([])
    }
  })

  test('narrows by tag, reachability, consent and segment together', async () => {
    const id = await touch(someone())
    await touch(
      someone({
        person: { telegramId: telegramId + 1, firstName: 'Ali', lastName: '', isPremium: false, isBot: false },
      }),
    )
    await inTx((tx) => addTags(tx, { contactIds: [id], tags: ['VIP  Müşteri'], at: NOON }))
    await inTx((tx) =>
      recordConsent(tx, {
        contactId: id,
        purpose: 'marketing',
        granted: true,
        textVersion: '1',
        source: 'bot',
        at: NOON,
      }),
    )
    await sql`insert into segment_assignment (tenant_id, contact_id, hot_lead, hot_lead_since, rule_revision, inputs, assessed_at) values (${tenantId}, ${id}, 90, now(), 1, '{}', now())`.execute(
      db,
    )
    const { contacts } = await inTx((tx) =>
      listContacts(tx, {
        tag: 'vip müşteri',
        reachability: 'reachable',
        accountId,
        consent: 'marketing',
        segment: 'HOT_LEAD',
        text: 'ş',
      }),
    )
    expect(contacts.map((c) => c.id)).toEqual([id])
    expect((await inTx((tx) => listContacts(tx, { segment: 'COLD_LEAD' }))).contacts).toEqual([])
    expect((await inTx((tx) => listContacts(tx, { consent: 'night_hours' }))).contacts).toEqual([])
    expect((await inTx((tx) => listContacts(tx, { reachability: 'blocked' }))).contacts).toEqual([])
    expect((await inTx((tx) => listContacts(tx, { reachability: 'reachable' }))).contacts).toHaveLength(2)
  })

  test('refuses a cursor that is none and a page that is too long', async () => {
    for (const cursor of ['!!', 'e30', Buffer.from('["a"]').toString('base64url')]) {
      await expect(inTx((tx) => listContacts(tx, {}, { cursor }))).rejects.toMatchObject({
        kind: 'invalid',
        params: { field: 'cursor' },
      })
    }
    await expect(inTx((tx) => listContacts(tx, {}, { limit: 0 }))).rejects.toMatchObject({ code: 'limit_out_of_range' })
  })
})

describe('listTimeline', () => {
  test('tells messages, events and consents in one order, page by page', async () => {
    const id = await touch(someone({ kind: 'started', startPayload: 'x' }))
    await touch(someone({ messageId: 2 }))
    await touch(someone({ messageId: 3, at: NOON + 1, text: 'ikinci' }))
    await inTx((tx) => recordOptOut(tx, { contactId: id, source: 'stop_word', at: NOON + 2 }))
    const all = await inTx((tx) => listTimeline(tx, id))
    expect(all.entries.map((e) => [e.at - NOON, e.type])).toEqual([
      [2, 'consent'],
      [2, 'consent'],
      [2, 'event'],
      [1, 'message'],
      [0, 'event'],
      [0, 'message'],
    ])
    const paged: unknown[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof listTimeline>> = await inTx((tx) =>
        listTimeline(tx, id, { limit: 1, cursor }),
      )
      paged.push(...page.entries)
      cursor = page.nextCursor
    } while (cursor)
    expect(paged).toEqual(all.entries)
  })
})

describe('addTags', () => {
  test('stores each tag once in one spelling, tells who changed, and takes them off again', async () => {
    const id = await touch(someone())
    expect(await inTx((tx) => addTags(tx, { contactIds: [id], tags: ['İndirim', ' indirim '], at: NOON }))).toBe(1)
    expect(await inTx((tx) => addTags(tx, { contactIds: [id], tags: ['indirim'], at: NOON }))).toBe(0)
    expect((await inTx((tx) => findContact(tx, { id })))?.tags).toEqual(['indirim'])
    expect(await inTx((tx) => removeTags(tx, { contactIds: [id], tags: ['INDIRIM', 'İNDİRİM'], at: NOON }))).toBe(1)
    await expect(inTx((tx) => addTags(tx, { contactIds: [id], tags: ['  '], at: NOON }))).rejects.toMatchObject({
      code: 'tag_length',
    })
  })
})

describe('mergeContacts', () => {
  test('sums features, moves history and ledger, and leaves a pointer', async () => {
    const twin = await importedTwin()
    await db.updateTable('contact').set({ username: 'other_name' }).where('id', '=', twin).execute()
    const keep = await touch(someone())
    await db.updateTable('contact').set({ username: 'SUKRAN_OZ' }).where('id', '=', twin).execute()
    await inTx((tx) =>
      recordConsent(tx, {
        contactId: twin,
        purpose: 'marketing',
        granted: true,
        textVersion: '1',
        source: 'form',
        at: NOON,
      }),
    )
    await inTx((tx) =>
      recordConsent(tx, {
        contactId: keep,
        purpose: 'marketing',
        granted: false,
        textVersion: '1',
        source: 'bot',
        at: NOON + 5,
      }),
    )
    await db
      .insertInto('message')
      .values({ tenant_id: tenantId, at: new Date(NOON), contact_id: twin, chat_id: 5, direction: 'in', text: 'eski' })
      .execute()
    expect(await inTx((tx) => findDuplicates(tx))).toEqual([{ username: 'sukran_oz', contactIds: [keep, twin] }])

    await inTx((tx) => mergeContacts(tx, keep, twin, NOON + HOUR_MS))

    expect(await inTx((tx) => findDuplicates(tx))).toEqual([])
    expect((await inTx((tx) => findContact(tx, { id: twin })))?.id).toBe(keep)
    const profile = await inTx((tx) => getContactProfile(tx, keep, NOON))
    expect(profile).toMatchObject({
      outboundCount: 2,
      revenueMinor: 500,
      features: { inboundCount: 4, firstSeenAt: NOON - 9 * DAY_MS },
    })
    expect(profile.features.mass).toBeCloseTo(2, 9)
    expect(profile.contact.tags).toEqual(['eski'])
    expect(profile.consents).toEqual([
      { purpose: 'marketing', granted: false, changedAt: NOON + 5, source: 'bot', textVersion: '1' },
    ])
    const ledger = await db
      .selectFrom('consent_ledger')
      .select(['contact_id', 'source'])
      .where('tenant_id', '=', tenantId)
      .orderBy('id')
      .execute()
    expect(ledger).toEqual([
      { contact_id: twin, source: 'form' },
      { contact_id: keep, source: 'bot' },
      { contact_id: keep, source: 'form' },
    ])
    expect((await inTx((tx) => listTimeline(tx, keep))).entries.filter((e) => e.type === 'message')).toHaveLength(2)
    const gone = await db.selectFrom('contact').selectAll().where('id', '=', twin).executeTakeFirstOrThrow()
    expect(gone).toMatchObject({ merged_into_id: keep, username: null, first_name: '', tags: [] })
    const leftovers = await db
      .selectFrom('contact_feature')
      .select('contact_id')
      .where('contact_id', '=', twin)
      .execute()
    expect(leftovers).toEqual([])
  })

  test('a suppression of either side holds for both', async () => {
    const twin = await importedTwin()
    await db.updateTable('contact').set({ username: 'other_name' }).where('id', '=', twin).execute()
    const keep = await touch(someone())
    await inTx((tx) => recordOptOut(tx, { contactId: twin, source: 'member:1', at: NOON }))
    await inTx((tx) => mergeContacts(tx, keep, twin, NOON))
    expect((await inTx((tx) => findContact(tx, { id: keep })))?.suppressedReason).toBe('opted_out')
  })

  test('refuses two people, itself, the unknown and the merged', async () => {
    const [a, b] = [await createContact(db, tenantId), await createContact(db, tenantId)]
    await expect(inTx((tx) => mergeContacts(tx, a, b, NOON))).rejects.toMatchObject({ code: 'contacts_are_two_people' })
    await expect(inTx((tx) => mergeContacts(tx, a, a, NOON))).rejects.toMatchObject({ code: 'merge_same' })
    await expect(inTx((tx) => mergeContacts(tx, a, 999_999_999, NOON))).rejects.toMatchObject({ kind: 'not_found' })
    const twin = await importedTwin()
    await inTx((tx) => mergeContacts(tx, a, twin, NOON))
    await expect(inTx((tx) => mergeContacts(tx, b, twin, NOON))).rejects.toMatchObject({ code: 'contact_merged' })
  })
})

describe('recordOrder', () => {
  test('counts each order once, with its revenue and its weight in engagement', async () => {
    const contactId = await touch(someone())
    const order = { contactId, amountMinor: 49_900, reference: 'S-1', at: NOON }
    expect(await inTx((tx) => recordOrder(tx, order))).toBe(true)
    expect(await inTx((tx) => recordOrder(tx, order))).toBe(false)
    expect(await inTx((tx) => recordOrder(tx, { ...order, reference: 'S-2' }))).toBe(true)
    const profile = await inTx((tx) => getContactProfile(tx, contactId, NOON))
    expect(profile).toMatchObject({ orderCount: 2, revenueMinor: 99_800, lastPaidAt: NOON })
    expect(profile.features.mass).toBeCloseTo(11, 9)
    await expect(inTx((tx) => recordOrder(tx, { ...order, amountMinor: -1 }))).rejects.toMatchObject({
      kind: 'invalid',
      params: { field: 'amountMinor' },
    })
  })
})
