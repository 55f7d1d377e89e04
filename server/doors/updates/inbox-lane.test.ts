import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Lease } from '#server/db/lease.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { listParkedUpdates, replayParkedUpdates } from '#server/modules/accounts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createAccount, createTenant } from '#server/testing/factories.ts'

import { ayse, callbackUpdate, messageUpdate, supergroup } from './update-factories.suite.ts'
import { type UpdatesWorld, createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: UpdatesWorld

/** Somebody else's by now. */
const staleLease = (tenantId: number, accountId: number): Lease => ({
  tenantId,
  accountId,
  purpose: 'updates',
  holder: 'ended',
  fence: 1,
})

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  world = await createUpdatesWorld(db)
})

describe('receiveUpdates', () => {
  it('stores an update once, however often it is delivered', async () => {
    const update = messageUpdate('merhaba')
    await world.receive(update)
    await world.receive(update, update)
    expect(await world.inbox()).toHaveLength(1)
    expect(world.counts).toEqual({ stored: 1, duplicate: 2, from_bot: 0, malformed: 0 })
  })

  it('counts what has no update number, and stores none of it', async () => {
    await world.receive({}, [], 'x', null, { update_id: 'x' }, { update_id: 1e300 }, messageUpdate('merhaba'))
    expect(await world.inbox()).toHaveLength(1)
    expect(world.counts).toEqual({ stored: 1, duplicate: 0, from_bot: 0, malformed: 6 })
  })

  it('drops messages of bots, its own included, before they are stored', async () => {
    await world.receive(
      messageUpdate('bip', { person: { ...ayse, is_bot: true } }),
      callbackUpdate('1.menu', { person: { ...ayse, is_bot: true } }),
    )
    expect(await world.inbox()).toEqual([])
    expect(world.counts['from_bot']).toBe(2)
  })

  it('stores text that the database could not hold as it is', async () => {
    await world.process(messageUpdate('a\u0000b \ud800 c'), messageUpdate(String.raw`C:\u0000\ud800`))
    expect((await world.inbox()).map((row) => row.state)).toEqual(['done', 'done'])
    const rows = await db.selectFrom('message').select('text').where('tenant_id', '=', world.tenantId).execute()
    expect(new Set(rows.map((row) => row.text))).toEqual(new Set([String.raw`C:\u0000\ud800`, 'ab \ufffd c']))
  })
})

describe('InboxLane', () => {
  it('makes a person who writes known, reachable, and their message kept', async () => {
    await world.process(messageUpdate('fiyat nedir?'))
    expect(await world.findAyse()).toMatchObject({ first_name: 'Ayşe', language_code: 'tr' })
    expect(
      await db.selectFrom('contact_account').select('reachability').where('tenant_id', '=', world.tenantId).execute(),
    ).toEqual([{ reachability: 'reachable' }])
    expect(
      await db.selectFrom('message').select(['text', 'direction']).where('tenant_id', '=', world.tenantId).execute(),
    ).toEqual([{ text: 'fiyat nedir?', direction: 'in' }])
  })

  it('applies each update once, in their order', async () => {
    const updates = ['bir', 'iki', 'üç'].map((text) => messageUpdate(text))
    await world.process(...updates.toReversed(), ...updates)
    const rows = await db
      .selectFrom('message')
      .select('text')
      .where('tenant_id', '=', world.tenantId)
      .orderBy('id')
      .execute()
    expect(rows.map((row) => row.text)).toEqual(['bir', 'iki', 'üç'])
  })

  it('ignores what the product does nothing with, and says so', async () => {
    const { message, update_id } = messageUpdate('düzeltme')
    await world.process({ update_id, edited_message: message }, { update_id: update_id + 1, poll: {} })
    expect(await world.inbox()).toMatchObject([
      { state: 'ignored', error: 'nothing is done with edited_message' },
      { state: 'ignored', kind: 'unknown' },
    ])
  })

  it('parks an update that is not built as Telegram builds them, applies the others, and takes it again on demand', async () => {
    const bad = { update_id: 1, message: { chat: 'nonsense', from: ayse } }
    await world.process(bad, messageUpdate('merhaba'))
    expect(await world.inbox()).toMatchObject([{ state: 'parked', kind: 'message' }, { state: 'done' }])
    const [parked] = await inTenant(db, world.tenantId, (tx) => listParkedUpdates(tx, 10))
    expect(parked).toMatchObject({ accountId: world.accountId, updateId: 1, attempts: 1 })
    expect(parked?.error).toContain('update_malformed')
    await db
      .updateTable('update_inbox')
      .set({ payload: JSON.stringify(messageUpdate('onarıldı', { id: 1 })) })
      .where('account_id', '=', world.accountId)
      .where('update_id', '=', 1)
      .execute()
    expect(await inTenant(db, world.tenantId, (tx) => replayParkedUpdates(tx, { accountId: world.accountId }))).toBe(1)
    await world.lane.drain()
    expect((await world.inbox()).map((row) => row.state)).toEqual(['done', 'done'])
  })

  it('never quotes what somebody wrote in the note of a parked update', async () => {
    await world.process({ update_id: 1, message: { message_id: 'gizli mektup', text: 'gizli mektup' } })
    expect(JSON.stringify(await inTenant(db, world.tenantId, (tx) => listParkedUpdates(tx, 10)))).not.toContain('gizli')
  })

  it('holds up the queue of a failing update and no other', async () => {
    const other = { ...ayse, id: 502, first_name: 'Mehmet' }
    await sql`create function refuse_bomb() returns trigger language plpgsql as $$ begin
      if new.text = 'bomba' then raise exception 'boom'; end if; return new; end $$`.execute(db)
    await sql`create trigger bomb before insert on message for each row execute function refuse_bomb()`.execute(db)
    try {
      await world.process(messageUpdate('bomba'), messageUpdate('sonra'), messageUpdate('merhaba', { person: other }))
      const texts = async () =>
        (await db.selectFrom('message').select('text').where('tenant_id', '=', world.tenantId).execute()).map(
          (row) => row.text,
        )
      expect(await texts()).toEqual(['merhaba'])
      expect((await world.inbox()).map((row) => row.state)).toEqual(['new', 'new', 'done'])
    } finally {
      await sql`drop trigger bomb on message`.execute(db)
      await sql`drop function refuse_bomb()`.execute(db)
    }
    await world.laneFor(world.tenantId, world.accountId).drain()
    expect((await world.inbox()).map((row) => row.state)).toEqual(['done', 'done', 'done'])
  })

  it('applies hundreds of group messages around one that cannot be applied, each once and in their order', async () => {
    const said = Array.from({ length: 900 }, (_, i) => ({
      ...messageUpdate(`söz ${i}`, { id: i + 1, chat: supergroup, person: { ...ayse, id: 2_000 + (i % 7) } }),
    }))
    const bad = { update_id: 450, message: { message_id: 'x', chat: supergroup, from: ayse } }
    await world.process(...said.slice(0, 449), bad, ...said.slice(450))
    const parked = await inTenant(db, world.tenantId, (tx) => listParkedUpdates(tx, 10))
    expect(parked.map(({ updateId }) => updateId)).toEqual([450])
    const rows = await db
      .selectFrom('message')
      .select('text')
      .where('tenant_id', '=', world.tenantId)
      .orderBy('id')
      .execute()
    expect(rows.map(({ text }) => text)).toEqual(said.filter((_, i) => i !== 449).map((one) => one.message.text))
    const counted = await db
      .selectFrom('contact_chat')
      .select((e) => e.fn.sum<string>('message_count').as('count'))
      .where('tenant_id', '=', world.tenantId)
      .executeTakeFirstOrThrow()
    expect(Number(counted.count)).toBe(899)
  })

  it('writes nothing once its lease is lost', async () => {
    await world.receive(messageUpdate('merhaba'))
    const { tenantId, accountId } = world
    const lost = world.laneFor(tenantId, accountId, { lease: staleLease(tenantId, accountId) })
    await expect(lost.drain()).rejects.toThrow('lease_lost')
    expect(await world.findAyse()).toBeUndefined()
    expect((await world.inbox()).map((row) => row.state)).toEqual(['new'])
  })

  it('keeps tenants apart: the same person is two contacts', async () => {
    const other = await createTenant(db)
    const otherAccount = await createAccount(db, other)
    await world.process(messageUpdate('merhaba'))
    await world.receiveFor({ tenantId: other, accountId: otherAccount }, [messageUpdate('selam')])
    await world.laneFor(other, otherAccount).drain()
    const rows = await db
      .selectFrom('contact')
      .select('tenant_id')
      .where('telegram_id', '=', ayse.id)
      .where('tenant_id', 'in', [world.tenantId, other])
      .execute()
    expect(rows.map((row) => row.tenant_id).toSorted((a, b) => a - b)).toEqual([world.tenantId, other])
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
        await world.process(...numbered, good)
        const open = (await world.inbox()).filter((row) => row.state === 'new')
        expect(open).toEqual([])
        expect((await world.inbox()).find((row) => row.update_id === good.update_id)?.state).toBe('done')
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
