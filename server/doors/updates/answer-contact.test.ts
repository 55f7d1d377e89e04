import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createReply } from '#server/modules/delivery/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { ayse, callbackUpdate, messageUpdate } from './update-factories.suite.ts'
import { type UpdatesWorld, createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: UpdatesWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  world = await createUpdatesWorld(db)
})

describe('answerContact', () => {
  it('greets on /start, says who writes, why and how to stop, and asks for consent', async () => {
    await world.process(messageUpdate('/start kampanya-7'))
    const [greeting] = await world.replies()
    expect(greeting?.text).toContain('Merhaba Ayşe')
    for (const part of ['Deneme', '/stop', '/gizlilik', '/sil']) expect(greeting?.text).toContain(part)
    expect(greeting?.buttons.flat().map((b) => b.action.split(':')[0])).toEqual([
      'consent_yes',
      'consent_no',
      'menu',
      'privacy',
    ])
    expect(await world.findAyse()).toMatchObject({ source: 'start:kampanya-7' })
    expect(await world.consents()).toEqual({})
  })

  it('records consent with the version of the very text that was shown and the update that proves it', async () => {
    await world.process(messageUpdate('/start'))
    await world.press('consent_yes')
    expect(await world.consents()).toEqual({ marketing: true })
    const [entry] = await db.selectFrom('consent_ledger').selectAll().where('tenant_id', '=', world.tenantId).execute()
    expect(entry).toMatchObject({ purpose: 'marketing', granted: true, source: 'bot', account_id: world.accountId })
    expect(entry?.text_version).toMatch(/^marketing-[0-9a-f]{12}$/)
    expect(entry?.evidence_update_id).toBeGreaterThan(0)
    expect(world.toasts).toHaveLength(1)
  })

  it('takes "no" for an answer', async () => {
    await world.process(messageUpdate('/start'))
    await world.press('consent_no')
    expect(await world.consents()).toEqual({ marketing: false })
  })

  it('asks for night hours apart from marketing', async () => {
    await world.process(messageUpdate('/menu'))
    await world.press('night')
    await world.press('night_yes')
    expect(await world.consents()).toEqual({ night_hours: true })
  })

  it.each(['/stop', '/dur', 'DUR', 'iptal', 'İPTAL!', 'ret', 'Unsubscribe', '/stop@deneme_bot'])(
    'stops at once on %j',
    async (text) => {
      await world.process(messageUpdate('/start'))
      await world.press('consent_yes')
      const contact = await world.findAyse()
      await db
        .insertInto('delivery')
        .values({
          tenant_id: world.tenantId,
          account_id: world.accountId,
          contact_id: contact?.id ?? 0,
          chat_id: ayse.id,
          source: 'strategy',
          message_class: 'commercial',
          content: JSON.stringify({ text: 'kampanya' }),
          is_outreach: true,
          due_at: toDate(NOON),
          dedupe_key: 'planned',
          planned_at: toDate(NOON),
        })
        .execute()
      await world.process(messageUpdate(text))
      expect(await world.consents()).toMatchObject({ marketing: false })
      expect(await world.findAyse()).toMatchObject({ suppressed_reason: 'opted_out' })
      expect(
        await db
          .selectFrom('delivery')
          .select('state')
          .where('tenant_id', '=', world.tenantId)
          .where('dedupe_key', '=', 'planned')
          .executeTakeFirst(),
      ).toEqual({ state: 'cancelled' })
    },
  )

  it('confirms a stop once', async () => {
    await world.process(messageUpdate('/stop'), messageUpdate('DUR'), messageUpdate('/stop'))
    expect((await world.replies()).map((reply) => reply.text)).toEqual([
      expect.stringContaining('kampanya mesajı gönderilmeyecek'),
    ])
  })

  it('obeys the order of a stop and a yes', async () => {
    await world.process(messageUpdate('/start'))
    const yes = (await world.replies())[0]
    const data = `${yes?.id.toString(36) ?? ''}.${yes?.buttons.flat()[0]?.action ?? ''}`
    await world.process(callbackUpdate(data), messageUpdate('/stop'))
    expect(await world.consents()).toMatchObject({ marketing: false })
    world.advance(60_000)
    await world.process(callbackUpdate(data))
    expect(await world.consents()).toMatchObject({ marketing: true })
    expect((await world.findAyse())?.suppressed_at).toBeNull()
  })

  it.each([
    ['/fiyat', 'Fiyat sorunuz'],
    ['/menu', '/insan'],
    ['/insan', 'Bir çalışanımız'],
    ['/human', 'Bir çalışanımız'],
    ['/gizlilik', 'Veri sorumlusu'],
    ['/privacy@deneme_bot', 'Veri sorumlusu'],
    ['/verilerim', 'Hakkınızda tutulanlar'],
    ['/sil', 'geri alınamaz'],
  ])('answers %s', async (command, expected) => {
    await world.process(messageUpdate(command))
    expect((await world.replies()).map((reply) => reply.text)).toEqual([expect.stringContaining(expected)])
  })

  it('marks who asked for a person', async () => {
    await world.process(messageUpdate('/insan'))
    expect((await world.findAyse())?.tags).toEqual(['needs-human'])
  })

  it('shows people what is kept about them', async () => {
    await world.process(messageUpdate('bir'), messageUpdate('iki'), messageUpdate('/verilerim'))
    const text = (await world.replies()).at(-1)?.text
    expect(text).toContain('Ayşe Kaya')
    expect(text).toContain('sizden 3')
    expect(text).toContain('Kampanya izni: yok')
  })

  it.each([
    ['en-US', 'Privacy'],
    ['ru', 'Конфиденциальность'],
    ['ar', 'الخصوصية'],
    ['de', 'Gizlilik'],
  ])('answers a person whose language is %s in the nearest of ours', async (language, title) => {
    await world.process(messageUpdate('/privacy', { person: { ...ayse, language_code: language } }))
    expect((await world.replies())[0]?.text).toContain(title)
  })

  it('does not let a name break the markup', async () => {
    await world.process(messageUpdate('/start', { person: { ...ayse, first_name: '<b>&' } }))
    expect((await world.replies())[0]?.text).toContain('&lt;b&gt;&amp;')
  })

  it('answers a redelivered command once', async () => {
    const update = messageUpdate('/menu')
    await world.process(update)
    await world.process(update)
    expect(await world.replies()).toHaveLength(1)
  })

  it('leaves a message that only begins like a command alone', async () => {
    await world.process(
      messageUpdate('/starting up'),
      messageUpdate('durum nedir'),
      messageUpdate('/'),
      messageUpdate('/bilinmeyen'),
    )
    expect(await world.replies()).toEqual([])
    expect((await world.findAyse())?.suppressed_at).toBeNull()
  })

  it('forgets a person who confirms /sil, and shows that without sending anything', async () => {
    await world.process(messageUpdate('çok özel bir şey'), messageUpdate('/sil'))
    const before = (await world.replies()).length
    await world.press('erase_yes')
    expect((await world.findAyse()) ?? null).toBeNull()
    expect(world.toasts.at(-1)?.text).toContain('silindi')
    expect(await world.replies()).toHaveLength(before)
    const rows = await db.selectFrom('message').select('text').where('tenant_id', '=', world.tenantId).execute()
    expect(JSON.stringify(rows)).not.toContain('özel')
    const stored = await db
      .selectFrom('update_inbox')
      .select('payload')
      .where('account_id', '=', world.accountId)
      .execute()
    expect(JSON.stringify(stored)).not.toContain('özel')
  })

  it('keeps everything when /sil is not confirmed', async () => {
    await world.process(messageUpdate('/sil'))
    await world.press('erase_no')
    expect(await world.findAyse()).toBeDefined()
    expect((await world.replies()).at(-1)?.text).toContain('Hiçbir şey silinmedi')
  })
})

describe('createReply', () => {
  it('is given everything a reply needs', async () => {
    await world.process(messageUpdate('/menu'))
    const contact = await world.findAyse()
    const row = await db
      .selectFrom('delivery')
      .selectAll()
      .where('tenant_id', '=', world.tenantId)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      contact_id: contact?.id,
      chat_id: ayse.id,
      account_id: world.accountId,
      source: 'system',
      message_class: 'reply',
    })
    const again = {
      accountId: world.accountId,
      contactId: contact?.id ?? 0,
      chatId: ayse.id,
      text: 'x',
      source: 'system',
      messageClass: 'reply',
      dedupeKey: row.dedupe_key,
      at: NOON,
    } as const
    expect(await inTenant(db, world.tenantId, (tx) => createReply(tx, again))).toBeNull()
  })
})
