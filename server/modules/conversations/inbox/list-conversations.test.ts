import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { addTags } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact } from '#server/testing/factories.ts'

import { createInboxWorld, minutes } from './inbox-world.suite.ts'
import { countConversations, listConversations } from './list-conversations.ts'
import { type ConversationFilter, pageOf } from './list.store.ts'
import { noteConversation } from './note-conversation.ts'
import { showConversation } from './show-conversation.ts'
import { handOverConversation } from './hand-over-conversation.ts'
import { upsertInbound } from './upsert-inbound.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)

type World = Awaited<ReturnType<typeof createInboxWorld>>

const MANY = 4_000

/** Conversations of as many contacts, one a minute, a tenth of them open, the newest last. */
const fill = async (world: World) => {
  await sql`
    with people as (
      insert into contact (tenant_id, telegram_id, first_name, first_seen_at, created_at, tags)
      select ${world.tenantId}, 1000000 + n, 'Kişi ' || n, now(), now(), case when n % 50 = 0 then '{vip}'::text[] else '{}' end
      from generate_series(1, ${MANY}::int) n returning id, telegram_id - 1000000 as n
    )
    insert into conversation (tenant_id, account_id, contact_id, state, closed_at, opened_at, last_inbound_at, turn,
      unread_count, answer_due_at, assigned_to)
    select ${world.tenantId}, ${world.accountId}, id, case when n % 10 = 0 then 'open' else 'closed' end,
      case when n % 10 = 0 then null else to_timestamp(${NOON} / 1000.0) end, to_timestamp(${NOON} / 1000.0 - 1000000 + n * 60),
      to_timestamp(${NOON} / 1000.0 - 1000000 + n * 60), 1, case when n % 20 = 0 then 1 else 0 end,
      case when n % 10 = 0 then to_timestamp(${NOON} / 1000.0 - 990000 + n * 60) end, case when n % 40 = 0 then ${world.ayla.id}::bigint end
    from people`.execute(db)
  await sql`analyze conversation`.execute(db)
}

describe('listConversations', () => {
  let world: World
  beforeAll(async () => {
    world = await createInboxWorld(db)
    await fill(world)
  })

  const list = (filter: ConversationFilter, page: { cursor?: string | null; limit?: number } = {}) =>
    world.within((tx) => listConversations(tx, filter, page, world.actor()))
  const walk = async (filter: ConversationFilter) => {
    const ids: number[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(filter, { limit: 150, cursor })
      ids.push(...page.conversations.map((row) => row.id))
      cursor = page.nextCursor
    } while (cursor !== null)
    return ids
  }

  it.each([
    ['open ones', { state: 'open' }, 400],
    ['a member’s', { assignedTo: 1 }, 100],
    ['nobody’s', { assignedTo: null }, 300],
    ['unread ones', { isUnread: true }, 200],
    ['overdue ones', { overdueAt: NOON }, 400],
    ['those of a tag', { tag: 'vip', state: 'open' }, 80],
    ['those of an account that is none', { accountId: 9_999_999 }, 0],
  ] as const)('pages through %s, each once', async (_, filter, count) => {
    const given = 'assignedTo' in filter && filter.assignedTo !== null ? { assignedTo: world.ayla.id } : filter
    const ids = await walk(given)
    expect(ids).toHaveLength(count)
    expect(new Set(ids).size).toBe(count)
  })

  it('narrows to a segment that contacts hold, by rule or by hand', async () => {
    const [newest] = (await list({ state: 'open' }, { limit: 1 })).conversations
    await db
      .insertInto('segment_assignment')
      .values({
        tenant_id: world.tenantId,
        contact_id: newest?.contactId ?? 0,
        hot_lead: 90,
        hot_lead_since: new Date(NOON),
        rule_revision: 1,
        inputs: sql`'{}'`,
        assessed_at: new Date(NOON),
      })
      .execute()
    expect(await walk({ segment: 'HOT_LEAD' })).toEqual([newest?.id])
    expect(await walk({ segment: 'LURKER' })).toEqual([])
  })

  it('shows the newest first, and of the overdue those that wait longest', async () => {
    const { conversations } = await list({ state: 'open' }, { limit: 3 })
    expect(conversations.map((row) => row.firstName)).toEqual(['Kişi 4000', 'Kişi 3990', 'Kişi 3980'])
    const overdue = await list({ overdueAt: NOON }, { limit: 2 })
    expect(overdue.conversations.map((row) => row.firstName)).toEqual(['Kişi 10', 'Kişi 20'])
  })

  it.each([
    ['everything', {}],
    ['a state', { state: 'closed' }],
    ['a member', { assignedTo: 7 }],
    ['nobody', { assignedTo: null }],
    ['the overdue', { overdueAt: NOON }],
    ['the unread', { isUnread: true }],
    ['an account', { accountId: 1, state: 'open' }],
  ] as const)('finds a page of %s by an index in its order', async (_, filter) => {
    const { rows } = await world.within((tx) =>
      sql<{ 'QUERY PLAN': string }>`explain ${pageOf(tx, filter, { at: NOON, id: 5 }, 51)}`.execute(tx),
    )
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toMatch(/Index Scan using conversation_/)
    expect(plan).not.toMatch(/Seq Scan|Sort/)
  })

  it('counts what stands where in one pass', async () => {
    const counts = await world.within((tx) => countConversations(tx, { at: NOON }, world.actor()))
    expect(counts).toEqual({
      states: { open: 400, waiting: 0, snoozed: 0, closed: 3_600 },
      unassigned: 300,
      unread: 200,
      overdue: 400,
      handedOver: 0,
    })
  })

  it('shows names to agents alone, and nothing to whoever may not look', async () => {
    const { conversations } = await list({}, { limit: 1 })
    expect(conversations[0]).toMatchObject({ firstName: 'Kişi 4000', telegramId: null, username: null })
    const billing = { access: { kind: 'member', role: 'billing' } } as const
    await expect(world.within((tx) => listConversations(tx, {}, {}, billing))).rejects.toMatchObject({
      kind: 'forbidden',
    })
    const other = await createInboxWorld(db)
    expect((await other.within((tx) => listConversations(tx, {}, {}, other.actor()))).conversations).toEqual([])
  })
})

describe('showConversation', () => {
  it('tells who said what on both sides, what did not leave, and what happened, page by page', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write('Kargom nerede?')
    world.advance(minutes(1))
    const answer = await world.reply(id, 'Yolda')
    await world.endDelivery(answer, 'sent')
    await db
      .insertInto('message')
      .values({
        tenant_id: world.tenantId,
        at: new Date(world.now()),
        contact_id: world.contactId,
        account_id: world.accountId,
        chat_id: world.telegramId ?? 0,
        direction: 'out',
        delivery_id: answer,
        text: 'Yolda',
      })
      .execute()
    world.advance(minutes(1))
    await world.aiReply('planned')
    await world.within((tx) => handOverConversation(tx, id, 'asked', world.now()))
    world.advance(minutes(1))
    await world.within((tx) => noteConversation(tx, { conversationId: id, text: 'Aradım' }, world.actor()))
    const show = (page: { cursor?: string | null; limit?: number }) =>
      world.within((tx) => showConversation(tx, id, page, world.actor()))
    const { entries, line, nextCursor } = await show({})
    expect(nextCursor).toBeNull()
    expect(line).toMatchObject({ lastText: 'Yolda', lastTextIsInbound: false, unreadCount: 0 })
    expect(entries.map((entry) => [entry.type, entry.author.kind, 'text' in entry ? entry.text : null])).toEqual([
      ['event', 'member', 'Aradım'],
      ['delivery', 'ai', 'Yapay zekâ yanıtı'],
      ['event', 'automatic', null],
      ['message', 'member', 'Yolda'],
      ['event', 'contact', null],
      ['message', 'contact', 'Kargom nerede?'],
    ])
    expect(entries[1]).toMatchObject({ state: 'cancelled', reason: 'ai_silenced' })
    expect(entries[3]?.author).toEqual({ kind: 'member', id: world.ayla.id, name: 'Ayla' })
    const walked: number[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof show>> = await show({ cursor, limit: 2 })
      walked.push(...page.entries.map((entry) => entry.at))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(walked).toEqual(entries.map((entry) => entry.at))
  })

  it('keeps two accounts of one contact apart, and strangers out', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write('Özel')
    const contact = await createContact(db, world.tenantId, { accountId: world.accountId })
    const other = await world.within((tx) =>
      upsertInbound(tx, { accountId: world.accountId, contactId: contact, messageId: 1, at: world.now() }),
    )
    await world.within((tx) => addTags(tx, { contactIds: [contact], tags: ['vip'], at: world.now() }))
    const shown = await world.within((tx) => showConversation(tx, other.id, {}, world.actor()))
    expect(shown.entries.map((entry) => entry.type)).toEqual(['event'])
    const stranger = await createInboxWorld(db)
    await expect(stranger.within((tx) => showConversation(tx, id, {}, stranger.actor()))).rejects.toMatchObject({
      kind: 'not_found',
    })
    const analyst = { access: { kind: 'member', role: 'analyst' } } as const
    await expect(world.within((tx) => showConversation(tx, id, {}, analyst))).rejects.toMatchObject({
      kind: 'forbidden',
    })
  })
})
