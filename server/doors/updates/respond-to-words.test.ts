import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { addRule } from '#server/modules/automations/index.ts'
import { setReplyMode } from '#server/modules/conversations/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { ayse, messageUpdate } from './update-factories.suite.ts'
import { createUpdatesWorld } from './updates-world.suite.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const mehmet = { ...ayse, id: 502, first_name: 'Mehmet' }
const zeynep = { ...ayse, id: 503, first_name: 'Zeynep' }
const PEOPLE = [ayse, mehmet, zeynep]
const owner = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: NOON } as const
const rule = (word: string, text: string, more: object = {}) => ({
  name: word,
  trigger: { kind: 'keyword', words: [word] },
  actions: [{ kind: 'reply', texts: [{ locale: 'tr', text }] }],
  ...more,
})

/** An account with rules, one of them twice a day at most, that owes an answer to everything else. */
const scene = async () => {
  const world = await createUpdatesWorld(db)
  const { tenantId, accountId } = world
  await inTenant(db, tenantId, async (tx) => {
    await setReplyMode(tx, { accountId, mode: 'ai' }, { by: 'test', at: NOON })
    for (const given of [rule('kargo', 'Yolda', { maxPerDay: 2 }), rule('patla', 'Bomba')])
      await addRule(tx, { accountId, given }, owner)
  })
  const answersTo = async (telegramId: number) => {
    const rows = await db
      .selectFrom('delivery')
      .select([sql<string>`content ->> 'text'`.as('text')])
      .where('tenant_id', '=', tenantId)
      .where('chat_id', '=', telegramId)
      .orderBy('id')
      .execute()
    return rows.map(({ text }) => text)
  }
  const outcome = async () => {
    const conversations = await db
      .selectFrom('conversation as c')
      .innerJoin('contact as p', (join) =>
        join.onRef('p.id', '=', 'c.contact_id').onRef('p.tenant_id', '=', 'c.tenant_id'),
      )
      .leftJoin('answer_turn as t', (join) =>
        join.onRef('t.conversation_id', '=', 'c.id').onRef('t.tenant_id', '=', 'c.tenant_id'),
      )
      .select(['p.telegram_id', 'c.state', 'c.turn', 'c.opened_turn', 'c.last_turn_by', 'c.unread_count'])
      .select(['t.state as turn_state', 't.revision'])
      .where('c.tenant_id', '=', tenantId)
      .orderBy('p.telegram_id')
      .execute()
    const events = await db.selectFrom('conversation_event').select('kind').where('tenant_id', '=', tenantId).execute()
    const answers: (readonly string[])[] = []
    for (const { id } of PEOPLE) answers.push(await answersTo(id))
    return { conversations, answers, events: events.length }
  }
  return { ...world, outcome, answersTo }
}

describe('respondToWords', () => {
  it('does for people whose words are applied together what it does for them one by one', async () => {
    const said = fc.record({
      who: fc.constantFrom(...PEOPLE),
      text: fc.constantFrom('kargo', 'merhaba', '/menu', 'DUR', ' '),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(said, { minLength: 2, maxLength: 9 }), async (all) => {
        const updates = () => all.map(({ who, text }) => messageUpdate(text, { person: who }))
        const together = await scene()
        await together.process(...updates())
        const apart = await scene()
        for (const update of updates()) await apart.process(update)
        expect(await together.outcome()).toEqual(await apart.outcome())
      }),
      { numRuns: 12 },
    )
  })

  it('answers two messages of one person in their order, with those of others between them', async () => {
    const world = await scene()
    await world.process(
      messageUpdate('patla', { person: ayse }),
      messageUpdate('kargo', { person: mehmet }),
      messageUpdate('kargo', { person: ayse }),
    )
    expect(await world.answersTo(ayse.id)).toEqual(['Bomba', 'Yolda'])
    expect(await world.answersTo(mehmet.id)).toEqual(['Yolda'])
    expect((await world.outcome()).conversations).toMatchObject([
      { turn: 4, last_turn_by: 'automatic' },
      { turn: 2, last_turn_by: 'automatic' },
    ])
  })

  it('answers everybody once around one whose answer cannot be written, who waits alone', async () => {
    const world = await scene()
    await sql`create function refuse_bomb() returns trigger language plpgsql as $$ begin
      if new.content ->> 'text' = 'Bomba' then raise exception 'boom'; end if; return new; end $$`.execute(db)
    await sql`create trigger bomb before insert on delivery for each row execute function refuse_bomb()`.execute(db)
    const updates = [
      messageUpdate('kargo', { person: ayse }),
      messageUpdate('patla', { person: mehmet }),
      messageUpdate('kargo', { person: zeynep }),
      messageUpdate('merhaba', { person: mehmet }),
    ]
    try {
      await world.process(...updates)
      expect((await world.inbox()).map((row) => row.state)).toEqual(['done', 'new', 'done', 'new'])
      expect((await world.outcome()).answers).toEqual([['Yolda'], [], ['Yolda']])
      expect((await world.outcome()).conversations.map(({ telegram_id }) => telegram_id)).toEqual([ayse.id, zeynep.id])
    } finally {
      await sql`drop trigger bomb on delivery`.execute(db)
      await sql`drop function refuse_bomb()`.execute(db)
    }
    await world.laneFor(world.tenantId, world.accountId).drain()
    expect((await world.inbox()).map((row) => row.state)).toEqual(['done', 'done', 'done', 'done'])
    expect((await world.outcome()).answers).toEqual([['Yolda'], ['Bomba'], ['Yolda']])
  })
})
