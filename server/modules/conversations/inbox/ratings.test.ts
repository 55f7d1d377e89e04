import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { createTranslator } from '#server/base/translate.ts'
import { createDb } from '#server/db/pool.ts'
import { dropOldInboxTexts } from '#server/db/retention.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { askForRating } from './ask-for-rating.ts'
import { closeConversation } from './close-conversation.ts'
import type { RatingChoice } from './inbox-setting.rules.ts'
import { createInboxWorld, minutes } from './inbox-world.suite.ts'
import { awaitRatingComment, recordRating, takeRatingComments } from './record-rating.ts'
import { mayAsk, summarise } from './rating.rules.ts'
import { reportRatings } from './report-ratings.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)
const texts = createTranslator('tr', 'bot')

/** A contact who wrote, was answered by Ayla, and whose conversation she closed. */
const createRatedWorld = async (rating: RatingChoice) => {
  const world = await createInboxWorld(db)
  await world.setAccount({ rating })
  const { id } = await world.write()
  const wrote = () =>
    db
      .updateTable('contact_account')
      .set({ last_inbound_at: toDate(world.now()) })
      .where('contact_id', '=', world.contactId)
      .execute()
  await wrote()
  const answered = async () => {
    await world.endDelivery(await world.reply(id, 'Buyurun', { isSure: true }), 'sent')
  }
  const close = () => world.within((tx) => closeConversation(tx, { conversationId: id }, world.actor()))
  const ask = (closedAt = world.now()) =>
    world.within((tx) =>
      askForRating(tx, {
        conversationId: id,
        closedAt,
        by: `member:${world.burak.id}`,
        translator: () => texts,
        at: world.now(),
      }),
    )
  const question = async () => {
    const found = (await world.deliveries()).filter((row) => row.source === 'system').at(-1)
    if (!found) throw new Error('nobody was asked')
    return { id: found.id, ...(found.content as { text: string; buttons: { text: string; action: string }[][] }) }
  }
  const { contactId } = world
  const press = async (value: number, by = contactId) =>
    world.within(async (tx) =>
      recordRating(tx, { deliveryId: (await question()).id, contactId: by, value, at: world.now() }),
    )
  const report = (by: 'all' | 'member' | 'account' | 'answerer' = 'all') =>
    world.within((tx) => reportRatings(tx, { days: 30, by, at: world.now() + 1 }, world.actor()))
  return { ...world, id, wrote, answered, close, ask, question, press, report }
}

describe('askForRating', () => {
  it.each([
    ['emoji', ['rate:1', 'rate:3', 'rate:5']],
    ['points', ['rate:1', 'rate:2', 'rate:3', 'rate:4', 'rate:5']],
  ] as const)('asks one question with %s after a close, however often it is told of it', async (choice, actions) => {
    const world = await createRatedWorld(choice)
    await world.answered()
    await world.close()
    expect(await world.ask()).toBe(true)
    expect(await world.ask()).toBe(false)
    const { text, buttons } = await world.question()
    expect(text).toContain('Deneme ile görüşmeniz nasıldı?')
    expect(buttons.map((row) => row.map((button) => button.action))).toEqual([actions, ['rate_comment']])
    expect((await world.deliveries()).at(-1)).toMatchObject({ message_class: 'reply', is_human: false })
  })

  it('asks nobody where the account is not set so, or the conversation was opened again', async () => {
    const off = await createRatedWorld('off')
    await off.close()
    expect(await off.ask()).toBe(false)
    const reopened = await createRatedWorld('emoji')
    await reopened.close()
    await reopened.write('Bir şey daha')
    expect(await reopened.ask()).toBe(false)
  })

  it('asks nobody who was silent for a day, said stop, or was asked within thirty days', async () => {
    const world = await createRatedWorld('emoji')
    await world.close()
    const closedAt = world.now()
    world.advance(DAY_MS + 1)
    expect(await world.ask(closedAt)).toBe(false)
    await world.wrote()
    expect(await world.ask(closedAt)).toBe(true)
    await world.write()
    world.advance(29 * DAY_MS)
    await world.wrote()
    await world.close()
    expect(await world.ask()).toBe(false)
    world.advance(DAY_MS)
    await world.write()
    await world.wrote()
    await world.close()
    await world.suppress()
    expect(await world.ask()).toBe(false)
  })
})

describe('recordRating', () => {
  it('keeps one rating, changeable for a day, of who was asked alone', async () => {
    const world = await createRatedWorld('points')
    await world.answered()
    await world.close()
    await world.ask()
    expect(await world.press(5, world.contactId + 1)).toBe('unknown')
    expect(await world.press(9)).toBe('unknown')
    expect(await world.press(2)).toBe('rated')
    world.advance(DAY_MS)
    expect(await world.press(4)).toBe('rated')
    world.advance(1)
    expect(await world.press(1)).toBe('late')
    const { groups } = await world.report()
    expect(groups).toMatchObject([{ asked: 1, count: 1, average: 4, distribution: [0, 0, 0, 1, 0] }])
  })

  it('counts one of many presses at the same moment', async () => {
    const world = await createRatedWorld('points')
    await world.close()
    await world.ask()
    await Promise.all([1, 2, 3, 4, 5].map((value) => world.press(value)))
    const { groups } = await world.report()
    expect(groups).toMatchObject([{ asked: 1, count: 1 }])
  })
})

describe('takeRatingComments', () => {
  it('takes the next message within fifteen minutes as the comment, once, and drops it in time', async () => {
    const world = await createRatedWorld('emoji')
    await world.close()
    await world.ask()
    const { accountId, contactId } = world
    const want = async () =>
      world.within(async (tx) =>
        awaitRatingComment(tx, { deliveryId: (await world.question()).id, contactId, at: world.now() }),
      )
    const say = (text: string) =>
      world.within(async (tx) =>
        (await takeRatingComments(tx, [{ accountId, contactId, text }], world.now())).has(contactId),
      )
    expect(await say('Merhaba')).toBe(false)
    expect(await want()).toBe('first')
    await world.press(5)
    expect(await want()).toBe('comment_awaited')
    world.advance(minutes(16))
    expect(await say('Geç kaldım')).toBe(false)
    await want()
    expect(await say('  ')).toBe(false)
    expect(await say('Çok hızlıydı')).toBe(true)
    expect(await say('Bir sorum var')).toBe(false)
    expect((await world.report()).comments).toMatchObject([
      { text: 'Çok hızlıydı', value: 5, conversationId: world.id },
    ])
    await dropOldInboxTexts(db, world.now() + 91 * DAY_MS)
    expect((await world.report()).comments).toEqual([])
    expect((await world.report()).groups).toMatchObject([{ count: 1 }])
  })
})

describe('reportRatings', () => {
  it('tells whose answers they were, and keeps out whoever may not look', async () => {
    const world = await createRatedWorld('emoji')
    await world.answered()
    await world.close()
    await world.ask()
    await world.press(3)
    expect((await world.report('member')).groups).toMatchObject([
      { key: String(world.ayla.id), name: 'Ayla', average: 3 },
    ])
    expect((await world.report('answerer')).groups).toMatchObject([{ key: 'human' }])
    expect((await world.report('account')).groups[0]?.name).toMatch(/^@deneme/)
    const nobody = { access: { kind: 'nobody' } } as const
    await expect(
      world.within((tx) => reportRatings(tx, { days: 30, by: 'all', at: world.now() }, nobody)),
    ).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(
      world.within((tx) => reportRatings(tx, { days: 0, by: 'all', at: world.now() }, world.actor())),
    ).rejects.toMatchObject({ params: { field: 'days' } })
  })
})

describe('summarise', () => {
  it('gives an interval that holds the average and narrows with every rating', () => {
    const counts = fc.array(fc.nat({ max: 50 }), { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(counts, (distribution) => {
        const { average, count, interval } = summarise({ distribution })
        expect(interval.low).toBeGreaterThanOrEqual(1 - 1e-9)
        expect(interval.high).toBeLessThanOrEqual(5 + 1e-9)
        if (average === null) return expect(count).toBe(0)
        expect(average).toBeGreaterThanOrEqual(interval.low - 1e-9)
        expect(average).toBeLessThanOrEqual(interval.high + 1e-9)
        const more = summarise({ distribution: distribution.map((n) => n * 4) }).interval
        expect(more.high - more.low).toBeLessThan(interval.high - interval.low)
      }),
    )
  })
})

describe('mayAsk', () => {
  const occasion = {
    choice: 'emoji',
    lastWroteAt: 0,
    lastAskedAt: null,
    suppressedAt: null,
    canShowButtons: true,
  } as const

  it('asks through no account that cannot show a button', () => {
    expect(mayAsk(occasion, 1)).toBe(true)
    expect(mayAsk({ ...occasion, canShowButtons: false }, 1)).toBe(false)
    expect(mayAsk({ ...occasion, lastWroteAt: null }, 1)).toBe(false)
  })
})
