import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import { recordOptOut } from '../record-opt-out.ts'
import { type CsvImportOptions, importCsv } from './import-csv.ts'

let db: Db
let tenantId: number
let serial = 0
const folder = mkdtempSync(join(tmpdir(), 'gavatcore-import-'))
const clock = new ManualClock(NOON)

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  tenantId = await createTenant(db)
})

const file = (content: string | Uint8Array): string => {
  serial += 1
  const path = join(folder, `kişiler-${serial}.csv`)
  writeFileSync(path, content)
  return path
}
const run = (path: string, options: CsvImportOptions = {}) => importCsv({ db, clock }, tenantId, path, options)
const stored = () => db.selectFrom('contact').selectAll().where('tenant_id', '=', tenantId).orderBy('id').execute()
const windows1254 = (text: string): Buffer => {
  const turkish: Record<string, number> = {
    Ğ: 0xd0,
    ğ: 0xf0,
    İ: 0xdd,
    ı: 0xfd,
    Ş: 0xde,
    ş: 0xfe,
    Ç: 0xc7,
    ç: 0xe7,
    Ö: 0xd6,
    ö: 0xf6,
    Ü: 0xdc,
    ü: 0xfc,
  }
  return Buffer.from(text.split('').map((c) => turkish[c] ?? c.charCodeAt(0)))
}

describe('importCsv', () => {
  test('reads Turkish headers, semicolons, dates and tags as Turkish Excel writes them', async () => {
    const path = file(
      windows1254(
        'Telegram ID;Kullanıcı Adı;Ad;Soyad;Etiketler;Kayıt Tarihi;Premium\r\n700000001;@isil_cag;Işıl;Çağ;VIP, Eski müşteri;31.12.2024 23:30;evet\r\n',
      ),
    )
    const result = await run(path, { tags: ['aktarım'] })
    expect(result).toMatchObject({
      encoding: 'windows-1254',
      delimiter: ';',
      rows: 1,
      created: 1,
      invalid: 0,
      errorsPath: null,
    })
    expect(result.columns).toEqual({
      'Telegram ID': 'telegramId',
      'Kullanıcı Adı': 'username',
      Ad: 'firstName',
      Soyad: 'lastName',
      Etiketler: 'tags',
      'Kayıt Tarihi': 'firstSeenAt',
      Premium: 'isPremium',
    })
    expect(await stored()).toEqual([
      expect.objectContaining({
        telegram_id: 700_000_001,
        username: 'isil_cag',
        first_name: 'Işıl',
        last_name: 'Çağ',
        tags: ['aktarım', 'eski müşteri', 'vip'],
        is_premium: true,
        first_seen_at: new Date('2024-12-31T20:30:00Z'),
      }),
    ])
  })

  test.each([
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffid,ad\n700000002,Ayşe Gül\n'), 'utf-8'],
    ['UTF-16 little endian with a mark', Buffer.from('\ufeffid\tad\n700000002\tAyşe Gül\n', 'utf16le'), 'utf-16le'],
    [
      'UTF-16 big endian with a mark',
      Buffer.from('\ufeffid\tad\n700000002\tAyşe Gül\n', 'utf16le').swap16(),
      'utf-16be',
    ],
    ['UTF-16 without a mark', Buffer.from('id|ad\n700000002|Ayşe Gül\n', 'utf16le'), 'utf-16le'],
    ['windows-1254', windows1254('id;ad\n700000002;Ayşe Gül\n'), 'windows-1254'],
  ])('reads %s', async (_, bytes, encoding) => {
    expect(await run(file(bytes))).toMatchObject({ encoding, created: 1 })
    expect((await stored())[0]).toMatchObject({ telegram_id: 700_000_002, first_name: 'Ayşe Gül' })
  })

  test('falls back to windows-1254 when the first Turkish letter comes late in the file', async () => {
    const rows = [...Array(9_000).keys()].map((i) => `${710_000_000 + i},Ali`).join('\n')
    const result = await run(file(Buffer.concat([Buffer.from(`id,ad\n${rows}\n`), windows1254('719999999,Ayşegül\n')])))
    expect(result).toMatchObject({ encoding: 'windows-1254', created: 9_001 })
  })

  test('gives nobody consent, makes nobody reachable, tells the segments', async () => {
    await run(file('id\n700000003\n700000004\n'))
    const ids = (await stored()).map((c) => c.id)
    expect(await db.selectFrom('contact_consent').selectAll().where('contact_id', 'in', ids).execute()).toEqual([])
    expect(await db.selectFrom('contact_account').selectAll().where('contact_id', 'in', ids).execute()).toEqual([])
    expect(
      await db.selectFrom('contact_feature').select('contact_id').where('contact_id', 'in', ids).execute(),
    ).toHaveLength(2)
    const events = await db
      .selectFrom('domain_event')
      .select(['type', 'payload'])
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(events).toEqual([
      { type: 'contact.changed', payload: { contactIds: ids } },
      { type: 'contact.created', payload: { contactIds: ids } },
    ])
  })

  test('lists each row it leaves out with line, field and reason, and imports the others', async () => {
    const path = file(
      [
        'id,username,dil,saat dilimi,son görülme,premium',
        '700000010,ok_user,tr,Europe/Istanbul,2026-05-01,hayır',
        'abc,,,,,',
        ',,,,,',
        '777000,,,,,',
        ',price_bot,,,,',
        '700000011,a,,,,',
        '700000012,,türkçe,,,',
        '700000013,,,Mars/Phobos,,',
        '700000014,,,,1970-01-01,',
        '700000015,,,,31.02.2026,',
        '700000016,,,,2999-01-01,',
        '700000017,,,,,belki',
        '7.0E+9,,,,,',
        '700000018,,,,,,fazla',
        '"=cmd|calc",,,,,',
        '700000019,,,,,',
      ].join('\n'),
    )
    const result = await run(path)
    expect(result).toMatchObject({ rows: 15, created: 2, invalid: 13, errorsPath: `${path}.errors.csv` })
    expect(result.errors.map((e) => [e.line, e.field, e.reason])).toEqual([
      [3, 'telegramId', 'telegram_id_invalid'],
      [5, 'telegramId', 'official_account'],
      [6, 'username', 'bot_account'],
      [7, 'username', 'username_invalid'],
      [8, 'languageCode', 'language_invalid'],
      [9, 'timeZone', 'time_zone_unknown'],
      [10, 'lastSeenAt', 'date_implausible'],
      [11, 'lastSeenAt', 'date_invalid'],
      [12, 'lastSeenAt', 'date_implausible'],
      [13, 'isPremium', 'yes_or_no_expected'],
      [14, 'telegramId', 'telegram_id_invalid'],
      [15, 'column 7', 'too_many_cells'],
      [16, 'telegramId', 'telegram_id_invalid'],
    ])
    const lines = readFileSync(`${path}.errors.csv`, 'utf8').trim().split('\n')
    expect(lines).toHaveLength(14)
    expect(lines[0]).toBe('line,field,reason,value')
    expect(lines[1]).toBe('3,telegramId,telegram_id_invalid,abc')
    expect(lines[13]).toBe("16,telegramId,telegram_id_invalid,'=cmd|calc")
  })

  test('knows people again by id, then by user name, and only fills what was missing', async () => {
    const known = await createContact(db, tenantId, { telegramId: 700_000_020, firstName: 'Gerçek Ad', tags: ['eski'] })
    await db
      .updateTable('contact')
      .set({ username: 'by_name' })
      .where('id', '=', await createContact(db, tenantId, { telegramId: 700_000_021 }))
      .execute()
    const result = await run(
      file(
        'id,username,ad,dil,etiket\n700000020,yeni_ad,Dosyadaki,tr,yeni\n,BY_NAME,,en,\n,only_name,Adlı,,\n700000022,only_name,,,\n',
      ),
    )
    expect(result).toMatchObject({ created: 1, updated: 2, unchanged: 1 })
    const rows = await stored()
    expect(rows).toHaveLength(3)
    expect(rows.find((r) => r.id === known)).toMatchObject({
      first_name: 'Gerçek Ad',
      username: 'yeni_ad',
      language_code: 'tr',
      tags: ['eski', 'yeni'],
    })
    expect(rows.find((r) => r.telegram_id === 700_000_021)).toMatchObject({ language_code: 'en' })
    expect(rows.find((r) => r.telegram_id === 700_000_022)).toMatchObject({ username: 'only_name', first_name: 'Adlı' })
    // A later file names the id of somebody known by name alone.
    await run(file('username\nlate_id\n'))
    await run(file('id,username\n700000023,late_id\n'))
    expect((await stored()).filter((r) => r.username === 'late_id')).toEqual([
      expect.objectContaining({ telegram_id: 700_000_023 }),
    ])
  })

  test('a dry run foretells the counts and writes nothing', async () => {
    await createContact(db, tenantId, { telegramId: 700_000_030 })
    const path = file('id,ad\n700000030,A\n700000031,B\n700000031,B\nx,C\n')
    const foretold = await run(path, { dryRun: true })
    expect(foretold).toMatchObject({ dryRun: true, rows: 4, created: 1, invalid: 1, errorsPath: null })
    expect(await stored()).toHaveLength(1)
    expect(await db.selectFrom('domain_event').select('id').where('tenant_id', '=', tenantId).execute()).toEqual([])
    expect(() => readFileSync(`${path}.errors.csv`)).toThrow(/ENOENT/)
    expect(await run(path)).toMatchObject({ created: foretold.created, invalid: foretold.invalid })
  })

  test('keeps unknown columns as attributes, drops them, or refuses them by name, as told', async () => {
    const path = file('id,Doğum Yeri,Boş\n700000040,Bursa,\n')
    await expect(run(path)).rejects.toMatchObject({
      kind: 'invalid',
      code: 'import_columns_unknown',
      params: { field: 'columns', columns: 'Doğum Yeri, Boş' },
    })
    expect(await stored()).toEqual([])
    await run(path, { unknownColumns: 'attributes' })
    expect((await stored())[0]?.attributes).toEqual({ 'Doğum Yeri': 'Bursa' })
    expect((await run(path, { unknownColumns: 'ignore' })).unchanged).toBe(1)
  })

  test('takes a mapping over its own guesses and refuses one that makes no sense', async () => {
    const path = file('no,kime\n700000050,Veli\n')
    expect(await run(path, { mapping: { No: 'telegramId', kime: 'firstName' } })).toMatchObject({ created: 1 })
    await expect(run(path, { mapping: { yok: 'telegramId' } })).rejects.toMatchObject({
      code: 'import_column_missing',
      params: { column: 'yok' },
    })
    await expect(run(path, { mapping: { no: 'telegramId', kime: 'shoeSize' } })).rejects.toMatchObject({
      code: 'import_field_unknown',
      params: { value: 'shoeSize' },
    })
    await expect(run(path, { mapping: { no: '-', kime: 'firstName' } })).rejects.toMatchObject({
      code: 'import_identity_missing',
    })
    await expect(run(path, { mapping: { no: 'telegramId', kime: 'telegramId' } })).rejects.toMatchObject({
      code: 'import_column_twice',
    })
  })

  test('keeps people off who asked to be left alone, also by a name from before', async () => {
    const named = await createContact(db, tenantId, { telegramId: 700_000_060 })
    await inTenant(db, tenantId, (tx) => recordOptOut(tx, { contactId: named, source: 'command', at: NOON }))
    await db.updateTable('contact').set({ telegram_id: null }).where('id', '=', named).execute()
    await run(file('id,ad\n700000060,Geri Gelen\n700000061,Yeni\n'))
    const rows = await stored()
    expect(rows.find((r) => r.telegram_id === 700_000_060)?.suppressed_reason).toBe('opted_out')
    expect(rows.find((r) => r.telegram_id === 700_000_061)?.suppressed_reason).toBeNull()
  })

  test('another tenant’s import of the same file makes contacts of its own', async () => {
    const path = file('id\n700000070\n')
    await run(path)
    tenantId = await createTenant(db)
    expect(await run(path)).toMatchObject({ created: 1 })
  })

  describe('refuses, before anything is written,', () => {
    const cases: readonly (readonly [string, string | Uint8Array, CsvImportOptions, string, object])[] = [
      ['an empty file', '', {}, 'import_file_empty', { field: 'file' }],
      ['a spreadsheet', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 1]), {}, 'import_binary_file', { kind: 'xlsx' }],
      [
        'a binary file',
        Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 7) % 5)),
        {},
        'import_binary_file',
        { kind: 'unknown' },
      ],
      [
        'an unknown encoding',
        'id\n1\n',
        { encoding: 'klingon' },
        'import_encoding_unknown',
        { field: 'encoding', value: 'klingon' },
      ],
      [
        'a file that is not in the encoding it is said to be in',
        windows1254('id,ad\n1,Ş\n'),
        { encoding: 'utf-8' },
        'import_encoding_wrong',
        { field: 'encoding', byte: 9 },
      ],
      [
        'a quote that is never closed',
        'id,ad\n700000080,"Ali\n700000081,Veli\n',
        {},
        'import_quote_not_closed',
        { line: 2 },
      ],
      ['a line that never ends', `id,ad\n700000082,${'x'.repeat(1_100_000)}\n`, {}, 'import_row_too_long', { line: 2 }],
      ['a delimiter of two characters', 'id\n1\n', { delimiter: ';;' }, 'import_delimiter', { field: 'delimiter' }],
      ['tags that are too long', 'id\n1\n', { tags: ['x'.repeat(99)] }, 'tag_length', { field: 'tags' }],
    ]
    test.each(cases)('%s', async (_, content, options, code, params) => {
      await expect(run(file(content), options)).rejects.toMatchObject({ code, params: expect.objectContaining(params) })
      expect(await stored()).toEqual([])
    })

    test('a file that is not there, and a folder', async () => {
      await expect(run(join(folder, 'yok.csv'))).rejects.toMatchObject({
        kind: 'invalid',
        code: 'import_file_missing',
        params: { file: 'yok.csv' },
      })
      await expect(run(folder)).rejects.toMatchObject({ code: 'import_file_unreadable', params: { reason: 'EISDIR' } })
    })

    test('a file that changes while it is read', async () => {
      const path = file(`id\n${[...Array(3_000).keys()].map((i) => 720_000_000 + i).join('\n')}\n`)
      let touched = false
      const onProgress = () => {
        if (!touched) appendFileSync(path, '720009999\n')
        touched = true
      }
      await expect(importCsv({ db, clock, onProgress }, tenantId, path)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'import_file_changed',
      })
    })
  })

  test('for any file, a second run changes nothing, and two halves come to the same as the whole', async () => {
    const row = fc.record({
      id: fc.option(fc.integer({ min: 730_000_000, max: 730_000_015 }), { nil: null }),
      name: fc.option(fc.constantFrom('first_one', 'Second_2', 'third_3x'), { nil: null }),
      ad: fc.constantFrom('', 'Ada', 'Şule', 'Ömer'),
      etiket: fc.constantFrom('', 'a', 'b', 'a|c'),
    })
    const text = (rows: readonly { id: number | null; name: string | null; ad: string; etiket: string }[]) =>
      `id,username,ad,etiket\n${rows.map((r) => [r.id ?? '', r.name ?? '', r.ad, r.etiket].join(',')).join('\n')}\n`
    const shape = async () =>
      (await stored())
        .map((c) => [c.telegram_id, c.username?.toLowerCase() ?? null, c.tags.join()])
        .map(String)
        .sort()
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 25 }), async (rows) => {
        tenantId = await createTenant(db)
        const path = file(text(rows))
        const first = await run(path)
        const before = await stored()
        expect(first.created).toBe(before.length)
        expect(first.created + first.updated + first.unchanged + first.invalid).toBe(first.rows)
        expect(await run(path)).toMatchObject({ created: 0, updated: 0, invalid: first.invalid })
        expect(await stored()).toEqual(before)
        expect(new Set(before.map((c) => c.telegram_id ?? `@${c.username?.toLowerCase()}`)).size).toBe(before.length)
        const whole = await shape()
        if (rows.some((r) => r.name !== null)) return
        tenantId = await createTenant(db)
        const cut = Math.ceil(rows.length / 2)
        await run(file(text(rows.slice(0, cut))))
        await run(file(text(rows.slice(cut))))
        expect(await shape()).toEqual(whole)
      }),
      { numRuns: 40 },
    )
  })
})
