import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createTranslator } from '#server/base/translate.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { listParkedUpdates, replayParkedUpdates } from '#server/modules/accounts/index.ts'
import { createReply } from '#server/modules/delivery/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import type { CallbackAnswer } from './apply-updates.ts'
import { InboxLane } from './inbox-lane.ts'
import { receiveUpdates } from './receive-updates.ts'
import {
  ayse,
  callbackUpdate,
  memberUpdate,
  messageUpdate,
  ownMemberUpdate,
  supergroup,
} from './update-factories.suite.ts'

let db: Db
let clock: ManualClock
let tenantId: number
let accountId: number
let toasts: CallbackAnswer[]
let counts: Record<string, number>
let lane: InboxLane

const translators = new Map(['tr', 'en', 'ru', 'ar'].map((locale) => [locale, createTranslator(locale as 'tr', 'bot')]))

const laneFor = (tenant: number, account: number, requireLease: () => Promise<void> = async () => {}) =>
  new InboxLane(
    {
      db,
      clock,
      log: silentLogger,
      translator: (locale) => translators.get(locale) ?? String,
      answerCallback: async (_account, answer) => void toasts.push(answer),
    },
    { tenantId: tenant, accountId: account, requireLease },
  )

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  clock = new ManualClock(NOON)
  toasts = []
  counts = {}
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  lane = laneFor(tenantId, accountId)
})

const receiveDeps = () => ({
  db,
  clock,
  log: silentLogger,
  count: (outcome: string, amount: number) => void (counts[outcome] = (counts[outcome] ?? 0) + amount),
})
const receive = (...updates: unknown[]) => receiveUpdates(receiveDeps(), { tenantId, accountId }, updates)
const process = async (...updates: unknown[]) => {
  await receive(...updates)
  await lane.drain()
}
const inbox = () =>
  db
    .selectFrom('update_inbox')
    .select(['update_id', 'state', 'kind', 'error'])
    .where('account_id', '=', accountId)
    .orderBy('update_id')
    .execute()
const findAyse = () =>
  db
    .selectFrom('contact')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('telegram_id', '=', ayse.id)
    .executeTakeFirst()
const replies = async () => {
  const rows = await db
    .selectFrom('delivery')
    .select(['id', 'content', 'source', 'message_class'])
    .where('tenant_id', '=', tenantId)
    .where('source', '=', 'system')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    ...(row.content as { text: string; buttons: { text: string; action: string }[][] }),
  }))
}
const consents = async () => {
  const rows = await db
    .selectFrom('contact_consent')
    .select(['purpose', 'granted'])
    .where('tenant_id', '=', tenantId)
    .orderBy('purpose')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.purpose, row.granted]))
}
/** Presses the button of the newest reply whose action begins so. */
const press = async (action: string) => {
  const newest = (await replies()).at(-1)
  const button = newest?.buttons.flat().find((b) => b.action.split(':')[0] === action)
  if (!newest || !button) throw new Error(`the newest reply has no button ${action}`)
  await process(callbackUpdate(`${newest.id.toString(36)}.${button.action}`))
}

describe('receiveUpdates', () => {
  it('stores an update once, however often it is delivered', async () => {
    const update = messageUpdate('merhaba')
    await receive(update)
    await receive(update, update)
    expect(await inbox()).toHaveLength(1)
    expect(counts).toEqual({ stored: 1, duplicate: 2, from_bot: 0, malformed: 0 })
  })

  it('drops messages of bots, its own included, before they are stored', async () => {
    await receive(
      messageUpdate('bip', { person: { ...ayse, is_bot: true } }),
      callbackUpdate('1.menu', { person: { ...ayse, is_bot: true } }),
    )
    expect(await inbox()).toEqual([])
    expect(counts['from_bot']).toBe(2)
  })

  it('stores text that the database could not hold as it is', async () => {
    await process(messageUpdate('a\u0000b \ud800 c'))
    expect((await inbox()).map((row) => row.state)).toEqual(['done'])
  })
})

describe('InboxLane', () => {
  it('makes a person who writes known, reachable, and their message kept', async () => {
    await process(messageUpdate('fiyat nedir?'))
    expect(await findAyse()).toMatchObject({ first_name: 'Ayşe', language_code: 'tr' })
    expect(
      await db.selectFrom('contact_account').select('reachability').where('tenant_id', '=', tenantId).execute(),
    ).toEqual([{ reachability: 'reachable' }])
    expect(
      await db.selectFrom('message').select(['text', 'direction']).where('tenant_id', '=', tenantId).execute(),
    ).toEqual([{ text: 'fiyat nedir?', direction: 'in' }])
  })

  it('applies each update once, in their order', async () => {
    const updates = ['bir', 'iki', 'üç'].map((text) => messageUpdate(text))
    await process(...updates.toReversed(), ...updates)
    const rows = await db.selectFrom('message').select('text').where('tenant_id', '=', tenantId).orderBy('id').execute()
    expect(rows.map((row) => row.text)).toEqual(['bir', 'iki', 'üç'])
  })

  it('ignores what the product does nothing with, and says so', async () => {
    const { message, update_id } = messageUpdate('düzeltme')
    await process({ update_id, edited_message: message }, { update_id: update_id + 1, poll: {} })
    expect(await inbox()).toMatchObject([
      { state: 'ignored', error: 'nothing is done with edited_message' },
      { state: 'ignored', kind: 'unknown' },
    ])
  })

  it('parks an update that is not built as Telegram builds them, applies the others, and takes it again on demand', async () => {
    const bad = { update_id: 1, message: { chat: 'nonsense', from: ayse } }
    await process(bad, messageUpdate('merhaba'))
    expect(await inbox()).toMatchObject([{ state: 'parked', kind: 'message' }, { state: 'done' }])
    const [parked] = await inTenant(db, tenantId, (tx) => listParkedUpdates(tx, 10))
    expect(parked).toMatchObject({ accountId, updateId: 1, attempts: 1 })
    expect(parked?.error).toContain('update_malformed')
    await db
      .updateTable('update_inbox')
      .set({ payload: JSON.stringify(messageUpdate('onarıldı', { id: 1 })) })
      .where('account_id', '=', accountId)
      .where('update_id', '=', 1)
      .execute()
    expect(await inTenant(db, tenantId, (tx) => replayParkedUpdates(tx, { accountId }))).toBe(1)
    await lane.drain()
    expect((await inbox()).map((row) => row.state)).toEqual(['done', 'done'])
  })

  it('never quotes what somebody wrote in the note of a parked update', async () => {
    await process({ update_id: 1, message: { message_id: 'gizli mektup', text: 'gizli mektup' } })
    expect(JSON.stringify(await inTenant(db, tenantId, (tx) => listParkedUpdates(tx, 10)))).not.toContain('gizli')
  })

  it('holds up the queue of a failing update and no other', async () => {
    const other = { ...ayse, id: 502, first_name: 'Mehmet' }
    await sql`create function refuse_bomb() returns trigger language plpgsql as $$ begin
      if new.text = 'bomba' then raise exception 'boom'; end if; return new; end $$`.execute(db)
    await sql`create trigger bomb before insert on message for each row execute function refuse_bomb()`.execute(db)
    try {
      await process(messageUpdate('bomba'), messageUpdate('sonra'), messageUpdate('merhaba', { person: other }))
      const texts = async () =>
        (await db.selectFrom('message').select('text').where('tenant_id', '=', tenantId).execute()).map(
          (row) => row.text,
        )
      expect(await texts()).toEqual(['merhaba'])
      expect((await inbox()).map((row) => row.state)).toEqual(['new', 'new', 'done'])
    } finally {
      await sql`drop trigger bomb on message`.execute(db)
      await sql`drop function refuse_bomb()`.execute(db)
    }
    await laneFor(tenantId, accountId).drain()
    expect((await inbox()).map((row) => row.state)).toEqual(['done', 'done', 'done'])
  })

  it('writes nothing once its lease is lost', async () => {
    await receive(messageUpdate('merhaba'))
    const lost = laneFor(tenantId, accountId, async () => {
      throw new AppError('conflict', 'lease_lost')
    })
    await expect(lost.drain()).rejects.toThrow('lease_lost')
    expect(await findAyse()).toBeUndefined()
    expect((await inbox()).map((row) => row.state)).toEqual(['new'])
  })

  it('keeps tenants apart: the same person is two contacts', async () => {
    const other = await createTenant(db)
    const otherAccount = await createAccount(db, other)
    await process(messageUpdate('merhaba'))
    await receiveUpdates(receiveDeps(), { tenantId: other, accountId: otherAccount }, [messageUpdate('selam')])
    await laneFor(other, otherAccount).drain()
    const rows = await db
      .selectFrom('contact')
      .select('tenant_id')
      .where('telegram_id', '=', ayse.id)
      .where('tenant_id', 'in', [tenantId, other])
      .execute()
    expect(rows.map((row) => row.tenant_id).toSorted((a, b) => a - b)).toEqual([tenantId, other])
  })

  it('neither crashes nor stalls on any JSON: every update ends, and a good one behind it is applied', async () => {
    const kinds = [
      'message',
      'callback_query',
      'my_chat_member',
      'chat_member',
      'chat_join_request',
      'message_reaction',
      'edited_message',
      '__proto__',
      'constructor',
    ]
    const body = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
      fc.record(
        {
          message_id: fc.oneof(fc.integer(), fc.string()),
          date: fc.oneof(fc.integer(), fc.double(), fc.constant('x')),
          from: fc.oneof(
            fc.constant(ayse),
            fc.record({ id: fc.oneof(fc.maxSafeInteger(), fc.string()), first_name: fc.string() }),
          ),
          chat: fc.oneof(
            fc.constant(supergroup),
            fc.record({ id: fc.maxSafeInteger(), type: fc.constantFrom('private', 'group', 'x') }),
          ),
          text: fc.string({ unit: 'binary' }),
          data: fc.string(),
          id: fc.string(),
          user: fc.constant(ayse),
          new_reaction: fc.array(fc.jsonValue()),
          new_chat_members: fc.array(fc.oneof(fc.constant(ayse), fc.jsonValue())),
          old_chat_member: fc.record({ status: fc.string(), user: fc.constant(ayse) }),
          new_chat_member: fc.record({ status: fc.string(), user: fc.constant(ayse) }),
        },
        { requiredKeys: [] },
      ),
    )
    const anyUpdate = fc.oneof(
      fc.jsonValue() as fc.Arbitrary<unknown>,
      fc.tuple(fc.constantFrom(...kinds), body).map(([kind, value]): unknown => Object.fromEntries([[kind, value]])),
    )
    let nextId = 1
    await fc.assert(
      fc.asyncProperty(fc.array(anyUpdate, { maxLength: 8 }), async (raw) => {
        const numbered = raw.map((value) =>
          typeof value === 'object' && value !== null ? { ...value, update_id: (nextId += 1) } : value,
        )
        const good = messageUpdate('sağlam', { id: (nextId += 1), person: { ...ayse, id: 90_000 + nextId } })
        await process(...numbered, good)
        const open = (await inbox()).filter((row) => row.state === 'new')
        expect(open).toEqual([])
        expect((await inbox()).find((row) => row.update_id === good.update_id)?.state).toBe('done')
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})

describe('commands', () => {
  it('greets on /start, says who writes, why and how to stop, and asks for consent', async () => {
    await process(messageUpdate('/start kampanya-7'))
    const [greeting] = await replies()
    expect(greeting?.text).toContain('Merhaba Ayşe')
    for (const part of ['Deneme', '/stop', '/gizlilik', '/sil']) expect(greeting?.text).toContain(part)
    expect(greeting?.buttons.flat().map((b) => b.action.split(':')[0])).toEqual([
      'consent_yes',
      'consent_no',
      'menu',
      'privacy',
    ])
    expect(await findAyse()).toMatchObject({ source: 'start:kampanya-7' })
    expect(await consents()).toEqual({})
  })

  it('records consent with the version of the very text that was shown and the update that proves it', async () => {
    await process(messageUpdate('/start'))
    await press('consent_yes')
    expect(await consents()).toEqual({ marketing: true })
    const [entry] = await db.selectFrom('consent_ledger').selectAll().where('tenant_id', '=', tenantId).execute()
    expect(entry).toMatchObject({ purpose: 'marketing', granted: true, source: 'bot', account_id: accountId })
    expect(entry?.text_version).toMatch(/^marketing-[0-9a-f]{12}$/)
    expect(entry?.evidence_update_id).toBeGreaterThan(0)
    expect(toasts).toHaveLength(1)
  })

  it('takes "no" for an answer', async () => {
    await process(messageUpdate('/start'))
    await press('consent_no')
    expect(await consents()).toEqual({ marketing: false })
  })

  it('asks for night hours apart from marketing', async () => {
    await process(messageUpdate('/menu'))
    await press('night')
    await press('night_yes')
    expect(await consents()).toEqual({ night_hours: true })
  })

  it.each(['/stop', '/dur', 'DUR', 'iptal', 'İPTAL!', 'ret', 'Unsubscribe', '/stop@deneme_bot'])(
    'stops at once on %j',
    async (text) => {
      await process(messageUpdate('/start'))
      await press('consent_yes')
      const contact = await findAyse()
      await db
        .insertInto('delivery')
        .values({
          tenant_id: tenantId,
          account_id: accountId,
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
      await process(messageUpdate(text))
      expect(await consents()).toMatchObject({ marketing: false })
      expect(await findAyse()).toMatchObject({ suppressed_reason: 'opted_out' })
      expect(
        await db
          .selectFrom('delivery')
          .select('state')
          .where('tenant_id', '=', tenantId)
          .where('dedupe_key', '=', 'planned')
          .executeTakeFirst(),
      ).toEqual({ state: 'cancelled' })
    },
  )

  it('confirms a stop once', async () => {
    await process(messageUpdate('/stop'), messageUpdate('DUR'), messageUpdate('/stop'))
    expect((await replies()).map((reply) => reply.text)).toEqual([
      expect.stringContaining('kampanya mesajı gönderilmeyecek'),
    ])
  })

  it('obeys the order of a stop and a yes', async () => {
    await process(messageUpdate('/start'))
    const yes = (await replies())[0]
    const data = `${yes?.id.toString(36) ?? ''}.${yes?.buttons.flat()[0]?.action ?? ''}`
    await process(callbackUpdate(data), messageUpdate('/stop'))
    expect(await consents()).toMatchObject({ marketing: false })
    clock = new ManualClock(NOON + 60_000)
    lane = laneFor(tenantId, accountId)
    await process(callbackUpdate(data))
    expect(await consents()).toMatchObject({ marketing: true })
    expect((await findAyse())?.suppressed_at).toBeNull()
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
    await process(messageUpdate(command))
    expect((await replies()).map((reply) => reply.text)).toEqual([expect.stringContaining(expected)])
  })

  it('marks who asked for a person', async () => {
    await process(messageUpdate('/insan'))
    expect((await findAyse())?.tags).toEqual(['needs-human'])
  })

  it('shows people what is kept about them', async () => {
    await process(messageUpdate('bir'), messageUpdate('iki'), messageUpdate('/verilerim'))
    const text = (await replies()).at(-1)?.text
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
    await process(messageUpdate('/privacy', { person: { ...ayse, language_code: language } }))
    expect((await replies())[0]?.text).toContain(title)
  })

  it('does not let a name break the markup', async () => {
    await process(messageUpdate('/start', { person: { ...ayse, first_name: '<b>&' } }))
    expect((await replies())[0]?.text).toContain('&lt;b&gt;&amp;')
  })

  it('answers a redelivered command once', async () => {
    const update = messageUpdate('/menu')
    await process(update)
    await process(update)
    expect(await replies()).toHaveLength(1)
  })

  it('leaves a message that only begins like a command alone', async () => {
    await process(
      messageUpdate('/starting up'),
      messageUpdate('durum nedir'),
      messageUpdate('/'),
      messageUpdate('/bilinmeyen'),
    )
    expect(await replies()).toEqual([])
    expect((await findAyse())?.suppressed_at).toBeNull()
  })

  it('forgets a person who confirms /sil, and shows that without sending anything', async () => {
    await process(messageUpdate('çok özel bir şey'), messageUpdate('/sil'))
    const before = (await replies()).length
    await press('erase_yes')
    expect((await findAyse()) ?? null).toBeNull()
    expect(toasts.at(-1)?.text).toContain('silindi')
    expect(await replies()).toHaveLength(before)
    const rows = await db.selectFrom('message').select('text').where('tenant_id', '=', tenantId).execute()
    expect(JSON.stringify(rows)).not.toContain('özel')
    const stored = await db.selectFrom('update_inbox').select('payload').where('account_id', '=', accountId).execute()
    expect(JSON.stringify(stored)).not.toContain('özel')
  })

  it('keeps everything when /sil is not confirmed', async () => {
    await process(messageUpdate('/sil'))
    await press('erase_no')
    expect(await findAyse()).toBeDefined()
    expect((await replies()).at(-1)?.text).toContain('Hiçbir şey silinmedi')
  })
})

describe('presses and responses', () => {
  const sendCommercial = async (contactId: number) => {
    const row = await db
      .insertInto('delivery')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        contact_id: contactId,
        chat_id: ayse.id,
        source: 'strategy',
        message_class: 'commercial',
        content: JSON.stringify({ text: 'kampanya' }),
        is_outreach: true,
        state: 'sent',
        due_at: toDate(NOON - 1_000),
        dedupe_key: 'sent',
        planned_at: toDate(NOON - 1_000),
        reserved_at: toDate(NOON - 1_000),
        finished_at: toDate(NOON - 900),
        telegram_message_id: 5,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    return row.id
  }
  const outcome = () =>
    db
      .selectFrom('delivery')
      .select(['responded_at', 'clicked_at', 'opted_out_at'])
      .where('tenant_id', '=', tenantId)
      .where('dedupe_key', '=', 'sent')
      .executeTakeFirstOrThrow()

  it('credits a message to the delivery it answers', async () => {
    await sendCommercial(await createContact(db, tenantId, { telegramId: ayse.id, accountId }))
    await process(messageUpdate('ilgileniyorum', { date: NOON / 1_000 }))
    expect(await outcome()).toMatchObject({ responded_at: expect.any(Date), clicked_at: null })
  })

  it("credits a press to the delivery whose button it is, also where the action is the tenant's own", async () => {
    const id = await sendCommercial(await createContact(db, tenantId, { telegramId: ayse.id, accountId }))
    await process(callbackUpdate(`${id.toString(36)}.katalog`))
    expect(await outcome()).toMatchObject({ responded_at: expect.any(Date), clicked_at: expect.any(Date) })
    expect(toasts).toMatchObject([{ text: null }])
    expect(await replies()).toEqual([])
  })

  it('counts a stop as the opt-out of the delivery and not as a response to it', async () => {
    const id = await sendCommercial(await createContact(db, tenantId, { telegramId: ayse.id, accountId }))
    await process(callbackUpdate(`${id.toString(36)}.stop`))
    expect(await outcome()).toMatchObject({ responded_at: null, opted_out_at: expect.any(Date) })
  })

  it('says that a button it does not know no longer works', async () => {
    await process(callbackUpdate('Ω'))
    expect(toasts).toMatchObject([{ text: expect.stringContaining('/menu') }])
  })

  it("does not credit a press to somebody else's delivery", async () => {
    const stranger = await createContact(db, tenantId, { accountId })
    const id = await sendCommercial(stranger)
    await process(callbackUpdate(`${id.toString(36)}.menu`))
    expect(await outcome()).toMatchObject({ responded_at: null })
  })
})

describe('memberships', () => {
  it('learns of a block and of its end', async () => {
    const reach = async () =>
      (await db.selectFrom('contact_account').select('reachability').where('tenant_id', '=', tenantId).execute()).map(
        (row) => row.reachability,
      )
    await process(messageUpdate('merhaba'), ownMemberUpdate('kicked'))
    expect(await reach()).toEqual(['blocked'])
    await process(ownMemberUpdate('member'))
    expect(await reach()).toEqual(['reachable'])
  })

  it('knows the groups the account is in, with its rights', async () => {
    await process(ownMemberUpdate('administrator', { chat: supergroup }))
    const rows = await db
      .selectFrom('chat_account')
      .innerJoin('chat', 'chat.id', 'chat_account.chat_id')
      .select(['title', 'status', 'rights'])
      .where('chat_account.tenant_id', '=', tenantId)
      .execute()
    expect(rows).toEqual([
      { title: 'Müşteriler', status: 'administrator', rights: { can_manage_chat: true, can_invite_users: false } },
    ])
    await process(ownMemberUpdate('kicked', { chat: supergroup }))
    expect(await db.selectFrom('chat_account').select('status').where('tenant_id', '=', tenantId).execute()).toEqual([
      { status: 'kicked' },
    ])
  })

  it('follows people into and out of groups', async () => {
    const status = async () =>
      (await db.selectFrom('contact_chat').select('status').where('tenant_id', '=', tenantId).execute()).map(
        (row) => row.status,
      )
    await process(memberUpdate('left', 'member'))
    expect(await status()).toEqual(['member'])
    await process(memberUpdate('member', 'kicked'))
    expect(await status()).toEqual(['kicked'])
    await process(memberUpdate('kicked', 'left'))
    expect((await inbox()).at(-1)).toMatchObject({ state: 'ignored', error: 'membership unchanged' })
  })

  it('answers no command in a group', async () => {
    await process(messageUpdate('/menu', { chat: supergroup }), messageUpdate('stop', { chat: supergroup }))
    expect(await replies()).toEqual([])
    expect((await findAyse())?.suppressed_at).toBeNull()
    expect(
      await db.selectFrom('contact_chat').select('message_count').where('tenant_id', '=', tenantId).execute(),
    ).toEqual([{ message_count: 2 }])
  })

  it('remembers the new id of a group that became a supergroup', async () => {
    const group = { id: -42, type: 'group', title: 'Eski' }
    await process(ownMemberUpdate('member', { chat: group }))
    await process({
      update_id: 999_999,
      message: { message_id: 1, date: 0, chat: group, migrate_to_chat_id: -1_00_42 },
    })
    expect(await db.selectFrom('chat').select('migrated_to_id').where('tenant_id', '=', tenantId).execute()).toEqual([
      { migrated_to_id: -1_00_42 },
    ])
  })
})

describe('createReply', () => {
  it('is given everything a reply needs', async () => {
    await process(messageUpdate('/menu'))
    const contact = await findAyse()
    const row = await db.selectFrom('delivery').selectAll().where('tenant_id', '=', tenantId).executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      contact_id: contact?.id,
      chat_id: ayse.id,
      account_id: accountId,
      source: 'system',
      message_class: 'reply',
    })
    const again = {
      accountId,
      contactId: contact?.id ?? 0,
      chatId: ayse.id,
      text: 'x',
      source: 'system',
      messageClass: 'reply',
      dedupeKey: row.dedupe_key,
      at: NOON,
    } as const
    expect(await inTenant(db, tenantId, (tx) => createReply(tx, again))).toBeNull()
  })
})
