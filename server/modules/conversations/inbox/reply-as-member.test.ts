import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { handOverConversation } from './hand-over-conversation.ts'
import { createInboxWorld, minutes } from './inbox-world.suite.ts'
import { markAnswered } from './mark-answered.ts'
import { recordTakeover } from './record-takeover.ts'
import { upsertInbound } from './upsert-inbound.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)

describe('replyAsMember', () => {
  it('queues what was typed, escaped, for the contact who then has the word', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    const deliveryId = await world.reply(id, '  2 < 3 & <b>evet</b>  ')
    const [delivery] = await world.deliveries()
    expect(delivery).toMatchObject({
      id: deliveryId,
      account_id: world.accountId,
      contact_id: world.contactId,
      chat_id: world.telegramId,
      source: 'reply',
      message_class: 'reply',
      is_human: true,
      written_by: `member:${world.ayla.id}`,
      content: { text: '2 &lt; 3 &amp; &lt;b&gt;evet&lt;/b&gt;' },
    })
    expect(await world.read(id)).toMatchObject({
      state: 'waiting',
      answerDueAt: null,
      unreadCount: 0,
      lastTurnBy: `member:${world.ayla.id}`,
    })
  })

  it('silences the model for half an hour, or as long as the account is set, and takes back what it had queued', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.aiReply('planned')
    await world.aiReply('reserved')
    await world.reply(id, 'Merhaba')
    expect((await world.deliveries()).filter((row) => row.is_ai).map((row) => [row.state, row.reason])).toEqual([
      ['cancelled', 'ai_silenced'],
      ['reserved', null],
    ])
    expect((await world.read(id)).aiPausedUntil).toBe(world.now() + minutes(30))
    await world.setAccount({ aiPauseMinutes: 90 })
    await world.reply(id, 'Bir şey daha', { isSure: true })
    expect((await world.read(id)).aiPausedUntil).toBe(world.now() + minutes(90))
  })

  it('tells the second of two who answer who was first, and takes the answer of one who is sure', async () => {
    const world = await createInboxWorld(db)
    const { id, turn } = await world.write()
    await world.reply(id, 'Ben bakıyorum', { seenTurn: turn })
    const late = { seenTurn: turn, actor: world.asMember(world.burak) }
    const moved = { code: 'conversation_moved', params: { by: `member:${world.ayla.id}`, who: 'member', name: 'Ayla' } }
    await expect(world.reply(id, 'Ben de', late)).rejects.toMatchObject(moved)
    await expect(world.reply(id, 'Ben de', { actor: late.actor })).rejects.toMatchObject(moved)
    expect(await world.deliveries()).toHaveLength(1)
    await world.reply(id, 'Ben de', { ...late, isSure: true })
    expect(await world.deliveries()).toHaveLength(2)
  })

  it('tells of words of the contact, the owner or a model that were not seen', async () => {
    const world = await createInboxWorld(db)
    const { id, turn } = await world.write()
    await world.write('Bir de kargo?')
    const answer = () => world.reply(id, 'Var', { seenTurn: turn })
    await expect(answer()).rejects.toMatchObject({ code: 'conversation_moved', params: { who: 'contact' } })
    await world.within((tx) => markAnswered(tx, id, world.now()))
    await expect(answer()).rejects.toMatchObject({ params: { who: 'automatic' } })
    const { accountId, contactId } = world
    await world.within((tx) => recordTakeover(tx, { accountId, contactId, at: world.now() }))
    await expect(answer()).rejects.toMatchObject({ params: { who: 'owner' } })
  })

  it('lets one of ten who answer at the same moment through', async () => {
    const world = await createInboxWorld(db)
    const { id, turn } = await world.write()
    const tries = Array.from({ length: 10 }, (_, i) =>
      world.reply(id, `Yanıt ${i}`, { seenTurn: turn, actor: world.asMember(i % 2 ? world.ayla : world.burak) }),
    )
    const ends = await Promise.allSettled(tries)
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1)
    for (const end of ends)
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'conversation_moved' })
    expect(await world.deliveries()).toHaveLength(1)
    expect((await world.read(id)).turn).toBe(turn + 1)
  })

  it.each([
    ['', 0],
    [' \n ', 0],
    ['😀'.repeat(4_097), 4_097],
  ])('refuses a text of no or too many characters', async (text, length) => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await expect(world.reply(id, text)).rejects.toMatchObject({
      code: 'text_length',
      params: { field: 'text', max: 4_096, length },
    })
    await world.reply(id, '😀'.repeat(4_096))
  })

  it('writes to nobody who blocked the account, asked for silence or was erased', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    const answer = () => world.reply(id, 'Merhaba')
    await world.setReach('blocked')
    await expect(answer()).rejects.toMatchObject({ code: 'contact_blocked' })
    await world.setReach('reachable')
    await world.suppress()
    await expect(answer()).rejects.toMatchObject({ code: 'contact_stopped' })
    world.advance(minutes(1))
    await world.write('Yine de sorayım')
    await answer()
    await world.erase()
    await expect(answer()).rejects.toMatchObject({ kind: expect.stringMatching(/not_found|conflict/) as string })
  })

  it('keeps out whoever may not answer, and whoever belongs to somebody else', async () => {
    const world = await createInboxWorld(db)
    const other = await createInboxWorld(db)
    const { id } = await world.write()
    for (const role of ['analyst', 'billing'] as const)
      await expect(
        world.reply(id, 'Selam', { actor: { ...world.actor(), access: { kind: 'member', role } } }),
      ).rejects.toMatchObject({ kind: 'forbidden', params: { action: 'conversations.reply' } })
    await expect(
      world.reply(id, 'Selam', { actor: { ...world.actor(), access: { kind: 'nobody' } } }),
    ).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(other.reply(id, 'Selam')).rejects.toMatchObject({ kind: 'not_found' })
    expect(await world.deliveries()).toEqual([])
  })
})

describe('upsertInbound', () => {
  it('is due for an answer from the oldest unanswered message on, and opens a new stretch after a close', async () => {
    const world = await createInboxWorld(db)
    const first = world.now()
    const { id } = await world.write()
    world.advance(minutes(10))
    await world.write('?')
    expect(await world.read(id)).toMatchObject({
      state: 'open',
      answerDueAt: first + minutes(60),
      unreadCount: 2,
      openedAt: first,
    })
    await world.reply(id, 'Buyurun')
    world.advance(minutes(5))
    await world.write('Teşekkürler')
    expect(await world.read(id)).toMatchObject({
      answerDueAt: world.now() + minutes(60),
      openedAt: first,
      unreadCount: 1,
    })
    expect(await world.eventKinds(id)).toEqual(['opened'])
  })

  it('gives a message that is told of late its full time', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.reply(id, 'Buyurun')
    const { accountId, contactId } = world
    await world.within((tx) =>
      upsertInbound(tx, { accountId, contactId, messageId: 1, at: world.now() - minutes(5_000) }),
    )
    expect((await world.read(id)).answerDueAt).toBe(world.now() + minutes(60))
  })
})

describe('handOverConversation', () => {
  it('opens the conversation for a person, tells once, and withdraws what the model had queued', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.aiReply('planned')
    await world.within((tx) => markAnswered(tx, id, world.now()))
    await world.within((tx) => handOverConversation(tx, id, 'asked', world.now()))
    await world.within((tx) => handOverConversation(tx, id, 'sensitive', world.now()))
    expect(await world.read(id)).toMatchObject({
      state: 'open',
      handOverReason: 'asked',
      answerDueAt: world.now() + minutes(60),
    })
    expect(await world.emitted('conversation.handed_over')).toEqual([{ conversationId: id, reason: 'asked' }])
    expect((await world.deliveries()).map((row) => row.state)).toEqual(['cancelled'])
  })
})

describe('markAnswered', () => {
  it('leaves a conversation that a person is asked for open', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.within((tx) => handOverConversation(tx, id, 'asked', world.now()))
    await world.within((tx) => markAnswered(tx, id, world.now()))
    expect(await world.read(id)).toMatchObject({ state: 'open', lastOutboundAt: world.now(), lastTurnBy: 'contact' })
  })

  it('gives the contact the word and keeps unread what no person saw', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.within((tx) => markAnswered(tx, id, world.now()))
    expect(await world.read(id)).toMatchObject({ state: 'waiting', answerDueAt: null, unreadCount: 1 })
  })
})

describe('recordTakeover', () => {
  it('begins a conversation that the owner began, with the model silent', async () => {
    const world = await createInboxWorld(db)
    const { accountId, contactId } = world
    await world.within((tx) => recordTakeover(tx, { accountId, contactId, at: world.now() }))
    const found = await world.find()
    expect(found).toMatchObject({ state: 'waiting', lastTurnBy: 'owner', aiPausedUntil: world.now() + minutes(30) })
  })
})
