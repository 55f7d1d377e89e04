import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { removeMember } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { assignConversation, unassignMember } from './assign-conversation.ts'
import { changeAccountInboxSettings, changeInboxSettings } from './change-inbox-settings.ts'
import { closeConversation, closeForStop, reopenConversation } from './close-conversation.ts'
import { handOverConversation } from './hand-over-conversation.ts'
import { createInboxWorld, minutes } from './inbox-world.suite.ts'
import { markAnswered } from './mark-answered.ts'
import { markConversationRead, noteConversation } from './note-conversation.ts'
import { snoozeConversation } from './snooze-conversation.ts'
import { tickInbox } from './tick-inbox.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)

type World = Awaited<ReturnType<typeof createInboxWorld>>

const close = (world: World, id: number, seenTurn?: number) =>
  world.within((tx) => closeConversation(tx, { conversationId: id, seenTurn: seenTurn ?? null }, world.actor()))
const snooze = (world: World, id: number, ms: number, seenTurn?: number) =>
  world.within((tx) =>
    snoozeConversation(tx, { conversationId: id, until: world.now() + ms, seenTurn: seenTurn ?? null }, world.actor()),
  )
const assign = (world: World, id: number, memberId: number | null) =>
  world.within((tx) => assignConversation(tx, { conversationId: id, memberId }, world.actor()))

describe('closeConversation', () => {
  it('ends the stretch with nothing owed and the model free, and says so once', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.within((tx) => handOverConversation(tx, id, 'asked', world.now()))
    await world.aiReply('planned')
    expect(await close(world, id)).toBe(true)
    expect(await close(world, id)).toBe(false)
    expect(await world.read(id)).toMatchObject({
      state: 'closed',
      answerDueAt: null,
      handedOverAt: null,
      aiPausedUntil: null,
      unreadCount: 0,
      closedAt: world.now(),
    })
    expect((await world.deliveries()).map((row) => row.state)).toEqual(['cancelled'])
    expect(await world.emitted('conversation.closed')).toEqual([
      { conversationId: id, closedAt: world.now(), by: `member:${world.ayla.id}` },
    ])
    world.advance(minutes(1))
    await world.write('Bir şey daha')
    expect(await world.read(id)).toMatchObject({ state: 'open', openedAt: world.now() })
    expect(await world.eventKinds(id)).toEqual(['opened', 'handed_over', 'closed', 'opened'])
  })

  it('does not put away with it what the contact wrote and nobody saw', async () => {
    const world = await createInboxWorld(db)
    const { id, turn } = await world.write()
    await world.write('Acil!')
    const moved = { code: 'conversation_moved', params: { who: 'contact' } }
    await expect(close(world, id, turn)).rejects.toMatchObject(moved)
    await expect(snooze(world, id, minutes(5), turn)).rejects.toMatchObject(moved)
    await close(world, id, turn + 1)
  })
})

describe('closeForStop', () => {
  it('owes no answer to somebody who asked for silence, and leaves what was written afterwards open', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.within((tx) => closeForStop(tx, world.contactId, world.now() - 1))
    expect((await world.read(id)).state).toBe('open')
    await world.within((tx) => closeForStop(tx, world.contactId, world.now()))
    expect(await world.read(id)).toMatchObject({ state: 'closed', answerDueAt: null })
  })
})

describe('snoozeConversation', () => {
  it('comes back by itself, due only where the contact waits for a word', async () => {
    const [asked, answered] = [await createInboxWorld(db), await createInboxWorld(db)]
    const one = await asked.write()
    await snooze(asked, one.id, minutes(90))
    expect(await asked.read(one.id)).toMatchObject({ state: 'snoozed', answerDueAt: null })
    const other = await answered.write()
    await answered.reply(other.id, 'Bakıyorum')
    await snooze(answered, other.id, minutes(90))
    await tickInbox({ db }, asked.now() + minutes(89))
    expect((await asked.read(one.id)).state).toBe('snoozed')
    const { woken } = await tickInbox({ db }, asked.now() + minutes(95))
    expect(woken).toBe(2)
    expect(await asked.read(one.id)).toMatchObject({ state: 'open', answerDueAt: asked.now() + minutes(150) })
    expect(await answered.read(other.id)).toMatchObject({ state: 'open', answerDueAt: null })
    expect(await asked.eventKinds(one.id)).toEqual(['opened', 'snoozed', 'woken'])
  })

  it('comes back when the contact writes', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await snooze(world, id, DAY_MS)
    await world.write('Hâlâ bekliyorum')
    expect(await world.read(id)).toMatchObject({ state: 'open', snoozedUntil: null })
  })

  it('takes neither the past nor another year', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    for (const ms of [0, -1, 367 * DAY_MS])
      await expect(snooze(world, id, ms)).rejects.toMatchObject({ code: 'snooze_until', params: { field: 'until' } })
  })
})

describe('reopenConversation', () => {
  it('shows a closed one again, owing nothing where we spoke last', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.reply(id, 'Tamamdır')
    await close(world, id)
    world.advance(minutes(3))
    const reopen = () => world.within((tx) => reopenConversation(tx, id, world.actor()))
    expect(await reopen()).toBe(true)
    expect(await reopen()).toBe(false)
    expect(await world.read(id)).toMatchObject({ state: 'open', answerDueAt: null, openedAt: world.now() })
  })
})

describe('assignConversation', () => {
  it('gives it to who may answer, and takes it back when they leave or may not any more', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await assign(world, id, world.burak.id)
    expect((await world.read(id)).assignedTo).toBe(world.burak.id)
    await expect(assign(world, id, 999_999)).rejects.toMatchObject({ code: 'assignee', params: { field: 'memberId' } })
    const owner = { by: 'cli', access: { kind: 'member', role: 'owner' }, at: world.now() } as const
    await world.within((tx) => removeMember(tx, world.burak.id, owner))
    expect(await world.emitted('member.left')).toEqual([{ memberId: world.burak.id }])
    await expect(assign(world, id, world.burak.id)).rejects.toMatchObject({ code: 'assignee' })
    expect(await world.within((tx) => unassignMember(tx, world.burak.id, world.now()))).toBe(1)
    expect((await world.read(id)).assignedTo).toBeNull()
    expect(await world.eventKinds(id)).toEqual(['opened', 'assigned', 'assigned'])
  })
})

describe('noteConversation', () => {
  it('keeps a note for colleagues, and refuses an empty one and a stranger', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    const note = (text: string, actor = world.actor()) =>
      world.within((tx) => noteConversation(tx, { conversationId: id, text }, actor))
    expect(await note('Müdür arasın')).toBeGreaterThan(0)
    await expect(note('  ')).rejects.toMatchObject({ code: 'text_length' })
    await expect(note('x', { ...world.actor(), access: { kind: 'nobody' } })).rejects.toMatchObject({
      kind: 'forbidden',
    })
    expect(await world.eventKinds(id)).toEqual(['opened', 'note'])
  })
})

describe('markConversationRead', () => {
  it('leaves unread what came after what was seen', async () => {
    const world = await createInboxWorld(db)
    const { id, turn } = await world.write()
    await world.write('?')
    const seen = (seenTurn: number) =>
      world.within((tx) => markConversationRead(tx, { conversationId: id, seenTurn }, world.actor()))
    expect(await seen(turn)).toBe(false)
    expect((await world.read(id)).unreadCount).toBe(2)
    expect(await seen(turn + 1)).toBe(true)
    expect((await world.read(id)).unreadCount).toBe(0)
  })
})

describe('changeInboxSettings', () => {
  it('sets until when to answer and when silence closes, and keeps out who may not', async () => {
    const world = await createInboxWorld(db)
    const admin = { ...world.actor(), access: { kind: 'member', role: 'admin' } } as const
    await world.within((tx) => changeInboxSettings(tx, { answerWithinMinutes: 15, closeAfterDays: null }, admin))
    const { id } = await world.write()
    expect((await world.read(id)).answerDueAt).toBe(world.now() + minutes(15))
    await world.reply(id, 'Merhaba')
    expect((await world.read(id)).closesAt).toBeNull()
    await expect(
      world.within((tx) => changeInboxSettings(tx, { answerWithinMinutes: 0 }, admin)),
    ).rejects.toMatchObject({ params: { field: 'answerWithinMinutes' } })
    await expect(world.within((tx) => changeInboxSettings(tx, {}, world.actor()))).rejects.toMatchObject({
      kind: 'forbidden',
    })
    const { accountId } = world
    await expect(
      world.within((tx) => changeAccountInboxSettings(tx, { accountId, rating: 'stars' as 'off' }, admin)),
    ).rejects.toMatchObject({ code: 'unknown_word' })
    const other = await createInboxWorld(db)
    await expect(
      other.within((tx) => changeAccountInboxSettings(tx, { accountId, rating: 'emoji' }, admin)),
    ).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('tickInbox', () => {
  it('closes what silence ends, and never what the contact waits for', async () => {
    const [waiting, open] = [await createInboxWorld(db), await createInboxWorld(db)]
    const one = await waiting.write()
    await waiting.reply(one.id, 'Başka bir şey?')
    const other = await open.write()
    await tickInbox({ db }, waiting.now() + 7 * DAY_MS - 1)
    expect((await waiting.read(one.id)).state).toBe('waiting')
    await tickInbox({ db }, waiting.now() + 7 * DAY_MS)
    expect((await waiting.read(one.id)).state).toBe('closed')
    expect((await open.read(other.id)).state).toBe('open')
    expect(await waiting.emitted('conversation.closed')).toEqual([])
  })

  it('tells of an overrun once, and again of the next one', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    const overdue = async () => {
      await tickInbox({ db }, world.now())
      return (await world.emitted('conversation.overdue')).length
    }
    expect(await overdue()).toBe(0)
    world.advance(minutes(60))
    expect(await overdue()).toBe(1)
    world.advance(minutes(60))
    await world.write('Hey')
    expect(await overdue()).toBe(1)
    await world.reply(id, 'Kusura bakmayın')
    await world.write('Olsun')
    world.advance(minutes(60))
    expect(await overdue()).toBe(2)
  })

  it('opens again what a person answered with words that never left', async () => {
    const world = await createInboxWorld(db)
    const { id } = await world.write()
    await world.endDelivery(await world.reply(id, 'Merhaba'), 'sent')
    await tickInbox({ db }, world.now())
    expect((await world.read(id)).state).toBe('waiting')
    const lost = await world.reply(id, 'Orada mısınız?', { isSure: true })
    await close(world, id)
    await world.endDelivery(lost, 'refused', 'business_window_closed')
    world.advance(minutes(1))
    await tickInbox({ db }, world.now())
    await tickInbox({ db }, world.now())
    expect(await world.read(id)).toMatchObject({ state: 'open', answerDueAt: world.now() + minutes(60) })
    expect(await world.eventKinds(id)).toEqual(['opened', 'closed', 'opened', 'not_sent'])
  })
})

type Step = (world: World, id: number) => Promise<unknown>

/** Refusals are endings too; what is asked is only what they leave behind. */
const refused = (error: unknown) => {
  if (!(error instanceof Error && 'code' in error)) throw error
}

const STEPS: Readonly<Record<string, Step>> = {
  writes: (world) => world.write('Merhaba'),
  answers: (world, id) => world.reply(id, 'Buyurun', { isSure: true }),
  model: (world, id) => world.within((tx) => markAnswered(tx, id, world.now())),
  asks: (world, id) => world.within((tx) => handOverConversation(tx, id, 'asked', world.now())),
  snoozes: (world, id) => snooze(world, id, minutes(30)),
  closes: (world, id) => close(world, id),
  reopens: (world, id) => world.within((tx) => reopenConversation(tx, id, world.actor())),
  assigns: (world, id) => assign(world, id, world.burak.id),
  loses: async (world) => {
    const found = (await world.deliveries()).find((row) => row.is_human && row.state === 'planned')
    if (found) await world.endDelivery(found.id, 'failed', 'blocked')
  },
  waits: async (world) => {
    world.advance(minutes(45))
    await tickInbox({ db }, world.now())
  },
  forgets: async (world) => {
    world.advance(8 * DAY_MS)
    await tickInbox({ db }, world.now())
  },
  late: (world) => {
    world.advance(-minutes(20))
    return world.write('Geç gelen')
  },
}

describe('conversation', () => {
  it('is legal after any history: one stretch open at most, nothing owed before it began, nothing lost', async () => {
    const world = await createInboxWorld(db)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 12 }), async (names) => {
        await db.deleteFrom('conversation').where('tenant_id', '=', world.tenantId).execute()
        await db.deleteFrom('delivery').where('tenant_id', '=', world.tenantId).execute()
        const { id } = await world.write()
        for (const name of names) {
          await STEPS[name]?.(world, id).catch(refused)
          const found = await world.read(id)
          const kinds = await world.eventKinds(id)
          const stretches = kinds.filter((kind) => kind === 'opened' || kind === 'closed')
          // They take turns, and the last says where the conversation stands.
          expect(stretches.every((kind, i) => kind === (i % 2 === 0 ? 'opened' : 'closed'))).toBe(true)
          expect(stretches.at(-1) === 'closed').toBe(found.state === 'closed')
          if (found.answerDueAt !== null) expect(found.answerDueAt).toBeGreaterThan(found.openedAt)
          const owes = found.lastTurnBy === 'contact' && found.state === 'open'
          if (owes) expect(found.answerDueAt).not.toBeNull()
          if (found.state === 'waiting') expect(found.closesAt).not.toBeNull()
          if (name === 'writes' || name === 'late') expect(found.state).toBe('open')
        }
      }),
      { numRuns: 30, seed: 22 },
    )
  })

  it('loses no message of the contact to a close at the same moment', async () => {
    const world = await createInboxWorld(db)
    for (let round = 0; round < 8; round += 1) {
      const { id, turn } = await world.write()
      await Promise.allSettled([
        close(world, id, turn),
        world.write('Bir dakika!'),
        world.reply(id, 'Selam', { seenTurn: turn }),
      ])
      const found = await world.read(id)
      // Whoever came last won; what the contact wrote unseen is never behind a closed door.
      if (found.state === 'closed') expect(found.lastTurnBy).not.toBe('contact')
      const rows = await db.selectFrom('conversation').select('id').where('tenant_id', '=', world.tenantId).execute()
      expect(rows).toHaveLength(1)
      world.advance(minutes(1))
    }
  })
})
