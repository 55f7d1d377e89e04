import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant, createUserAccount } from '#server/testing/factories.ts'

import { touchContact } from '../touch-contact.ts'
import { type TelegramImportOptions, importTelegramExport } from './import-telegram-export.ts'

const LONG_MESSAGE = `{"name":"x","type":"private_group","id":5,"messages":[{"id":1,"text":"${'x'.repeat(100_000_000)}"}]}`
const fixture = (name: string) => fileURLToPath(new URL(`../../../testing/fixtures/${name}.json`, import.meta.url))
const GROUP = fixture('telegram-export-group')
const ACCOUNT = fixture('telegram-export-account')
const GROUP_ID = -1_001_876_543_210
const [ISIL, AHMED, OMER, DELETED] = [610_000_001, 610_000_002, 610_000_003, 610_000_004]

let db: Db
let tenantId: number
const clock = new ManualClock(NOON)
const folder = mkdtempSync(join(tmpdir(), 'gavatcore-export-'))

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  tenantId = await createTenant(db)
})

const run = (path: string, options: TelegramImportOptions = {}) =>
  importTelegramExport({ db, clock }, tenantId, path, options)
const people = () =>
  db
    .selectFrom('contact as c')
    .innerJoin('contact_feature as f', 'f.contact_id', 'c.id')
    .selectAll('f')
    .select(['c.telegram_id', 'c.first_name', 'c.source'])
    .where('c.tenant_id', '=', tenantId)
    .orderBy('c.telegram_id')
    .execute()
const messages = () =>
  db.selectFrom('message').selectAll().where('tenant_id', '=', tenantId).orderBy('telegram_message_id').execute()
const everything = async () =>
  JSON.stringify([
    await people(),
    await messages(),
    await db.selectFrom('contact_event').selectAll().where('tenant_id', '=', tenantId).orderBy('id').execute(),
    await db.selectFrom('contact_chat').selectAll().where('tenant_id', '=', tenantId).orderBy('contact_id').execute(),
  ])
let serial = 0
const written = (content: string | Buffer): string => {
  const path = join(folder, `result-${(serial += 1)}.json`)
  writeFileSync(path, content)
  return path
}

describe('importTelegramExport', () => {
  test('reads the export of one group: who wrote, when, what, who joined and who left', async () => {
    expect(await run(GROUP)).toEqual({
      file: 'telegram-export-group.json',
      dryRun: false,
      chats: 1,
      people: 4,
      messages: 8,
      firstAt: 1_772_434_800_000,
      lastAt: 1_772_704_800_000,
      created: 4,
      newMessages: 7,
      joins: 2,
      leaves: 1,
      reactions: 2,
      skippedBots: 1,
      unreadable: 1,
      unnamed: 2,
    })
    const [isil, ahmed, omer, deleted] = await people()
    expect(
      [isil, ahmed, omer, deleted].map((p) => [p?.telegram_id, p?.first_name, p?.inbound_count, p?.reaction_count]),
    ).toEqual([
      [ISIL, 'Işıl Çağlar', 1, 1],
      [AHMED, 'أحمد السيد', 1, 1],
      [OMER, 'Ömer Şahin', 3, 0],
      [DELETED, '', 1, 0],
    ])
    expect(omer?.price_intent_at).toEqual([new Date(1_772_478_600_000)])
    // 19:10 UTC on Monday is ten past ten at night in Istanbul.
    expect([omer?.hour_counts[22], omer?.weekday_counts[0]]).toEqual([1, 2])
    expect(ahmed?.first_seen_at).toEqual(new Date(1_772_435_100_000))
    expect(ahmed?.member_since).toBeNull()
    expect(omer?.member_since).toEqual(new Date(1_772_435_160_000))
    expect(omer?.source).toBe(`chat:${GROUP_ID}`)

    expect((await messages()).map((m) => [m.telegram_message_id, m.kind, m.direction, m.text])).toEqual([
      [4, 'text', 'in', 'Merhaba, fiyatı ne kadar? 🙂'],
      [5, 'link', 'in', 'انظر هنا https://example.com/fiyat 🔥'],
      [6, 'photo', 'in', null],
      [7, 'voice', 'in', null],
      [8, 'text', 'in', 'Kurallar sabit mesajda'],
      [10, 'sticker', 'in', null],
      [13, 'text', 'in', 'satır\u000bsonu'],
    ])
    const chat = await db.selectFrom('chat').selectAll().where('tenant_id', '=', tenantId).executeTakeFirstOrThrow()
    expect(chat).toMatchObject({ telegram_id: GROUP_ID, kind: 'supergroup', title: 'Çarşı Sohbet 💬' })
  })

  test('reacts at the instant the reaction was made, though the file tells local time only', async () => {
    await run(GROUP)
    const reactions = await db
      .selectFrom('contact_event')
      .select(['at', 'detail'])
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', 'reaction')
      .orderBy('at')
      .execute()
    expect(reactions.map((r) => [r.at.getTime(), r.detail])).toEqual([
      [1_772_478_690_000, { chatId: GROUP_ID, messageId: 4, label: '👍' }],
      [1_772_478_720_000, { chatId: GROUP_ID, messageId: 4, label: '👍' }],
    ])
  })

  test('a second import changes nothing at all', async () => {
    await run(GROUP)
    const before = await everything()
    expect(await run(GROUP)).toMatchObject({ created: 0, newMessages: 0, joins: 0, leaves: 0, reactions: 0 })
    expect(await everything()).toBe(before)
  })

  test('a message that the live feed brought first is not counted again', async () => {
    const accountId = await createAccount(db, tenantId)
    await inTenant(db, tenantId, (tx) =>
      touchContact(tx, {
        accountId,
        at: 1_772_478_600_000 + 0.9 * SECOND_MS,
        kind: 'group_message',
        messageId: 4,
        text: 'Merhaba, fiyatı ne kadar? 🙂',
        chat: { telegramId: GROUP_ID, kind: 'supergroup', title: 'Yeni Ad' },
        person: { telegramId: OMER, firstName: 'Ömer', lastName: 'Şahin', isPremium: true, isBot: false },
      }),
    )
    expect(await run(GROUP)).toMatchObject({ created: 3, newMessages: 6 })
    const omer = (await people()).find((p) => p.telegram_id === OMER)
    expect(omer).toMatchObject({ inbound_count: 3, first_name: 'Ömer' })
    const { title } = await db
      .selectFrom('chat')
      .select('title')
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow()
    expect(title).toBe('Yeni Ad')
  })

  test('reads the export of a whole account, whose owner is no contact and whose words are outbound', async () => {
    const accountId = await createUserAccount(db, tenantId)
    await db.updateTable('account').set({ telegram_id: 620_000_001 }).where('id', '=', accountId).execute()
    expect(await run(ACCOUNT)).toMatchObject({
      chats: 4,
      people: 3,
      created: 4,
      newMessages: 6,
      joins: 2,
      unnamed: 0,
      unreadable: 0,
    })
    expect((await people()).map((p) => [p.telegram_id, p.first_name, p.inbound_count, p.outbound_count])).toEqual([
      [620_000_002, 'Zeynep', 1, 1],
      [620_000_003, 'Yazmayan', 0, 1],
      [620_000_004, 'Can', 1, 0],
      [620_000_005, 'Rehberdeki', 0, 0],
    ])
    const rows = await messages()
    expect(
      rows.map((m) => [
        m.telegram_message_id,
        m.chat_id,
        m.direction,
        m.account_id === accountId,
        m.contact_id !== null,
      ]),
    ).toEqual([
      [1, -1_001_555_555_555, 'in', true, false],
      [101, 620_000_002, 'in', true, true],
      [102, 620_000_002, 'out', true, true],
      [103, 620_000_003, 'out', true, true],
      [107, -712_345_678, 'in', true, true],
      [108, -712_345_678, 'out', true, false],
    ])
    // Neither reachable nor consenting: a history permits nothing.
    const reach = await db.selectFrom('contact_account').selectAll().where('tenant_id', '=', tenantId).execute()
    const consents = await db.selectFrom('contact_consent').selectAll().where('tenant_id', '=', tenantId).execute()
    expect([reach, consents]).toEqual([[], []])
    const before = await everything()
    await run(ACCOUNT)
    expect(await everything()).toBe(before)
  })

  test('finds out the owner of a single private chat, and takes a word for the owner of a group', async () => {
    const chat = JSON.stringify({
      name: 'Zeynep',
      type: 'personal_chat',
      id: 5_001,
      messages: [
        {
          id: 1,
          type: 'message',
          date: '2026-04-01T20:00:00',
          date_unixtime: '1775062800',
          from: 'Ben',
          from_id: 'user5002',
          text: 'selam',
        },
      ],
    })
    expect(await run(written(chat))).toMatchObject({ created: 1 })
    expect((await people()).map((p) => [p.telegram_id, p.outbound_count])).toEqual([[5_001, 1]])
    tenantId = await createTenant(db)
    await run(GROUP, { ownTelegramId: ISIL })
    expect((await people()).map((p) => p.telegram_id)).toEqual([AHMED, OMER, DELETED])
  })

  test('reads local dates of old exports in the tenant’s zone, or the one given', async () => {
    const old = JSON.stringify({
      name: 'Eski',
      type: 'private_supergroup',
      id: 77,
      messages: [{ id: 1, type: 'message', date: '2020-07-01T12:00:00', from: 'Ali', from_id: 5_005, text: 'a' }],
    })
    await run(written(old))
    expect((await messages())[0]?.at).toEqual(new Date('2020-07-01T09:00:00Z'))
    tenantId = await createTenant(db)
    await run(written(old), { timeZone: 'America/New_York' })
    expect((await messages())[0]?.at).toEqual(new Date('2020-07-01T16:00:00Z'))
  })

  test('a dry run counts and writes nothing', async () => {
    expect(await run(GROUP, { dryRun: true })).toMatchObject({ dryRun: true, people: 4, messages: 8, created: 0 })
    expect(await people()).toEqual([])
  })

  test('events are told at the time of the import, not of the history', async () => {
    await run(GROUP)
    const events = await db
      .selectFrom('domain_event')
      .select(['type', 'at'])
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(events.length).toBeGreaterThan(0)
    expect(new Set(events.map((e) => e.type))).toEqual(new Set(['contact.changed', 'contact.created']))
    expect(events.every((e) => e.at.getTime() === NOON)).toBe(true)
  })

  test.each([
    ['an HTML export', '<!DOCTYPE html><html>', 'import_json_broken'],
    ['JSON of something else', '{"hello": "world"}', 'import_no_telegram_export'],
    ['messages of no chat', '{"messages": [{"id": 1}]}', 'import_no_telegram_export'],
    ['an export that was cut off', readFileSync(GROUP).subarray(0, 4_000), 'import_json_cut_off'],
    ['a binary file', Buffer.from([0x50, 0x4b, 3, 4]), 'import_binary_file'],
    ['an empty file', '', 'import_file_empty'],
    ['a list', ' [{"id": 1}]', 'import_no_telegram_export'],
    ['a message of a hundred megabytes', LONG_MESSAGE, 'import_json_too_long'],
  ])('refuses %s before anything is written', async (_, content, code) => {
    await expect(run(written(content))).rejects.toMatchObject({ kind: 'invalid', code, params: { field: 'file' } })
    expect(await people()).toEqual([])
    expect(await messages()).toEqual([])
  })

  test('refuses a time zone that does not exist, even where no date needs it', async () => {
    const refused = run(GROUP, { timeZone: 'Mars/Phobos' })
    await expect(refused).rejects.toMatchObject({ code: 'time_zone_unknown', params: { value: 'Mars/Phobos' } })
  })

  test('goes on after a message that is no JSON, and counts it', async () => {
    const text = readFileSync(GROUP, 'utf8').replace('"from": "Ömer Şahin"', '"from" "Ömer Şahin"')
    expect(await run(written(text))).toMatchObject({ unreadable: 2, newMessages: 6 })
  })
})
