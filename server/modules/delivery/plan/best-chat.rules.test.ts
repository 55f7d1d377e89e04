import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type MeasuredChat, rankChats } from './best-chat.rules.ts'

const chat = (
  chatId: number,
  posts: number,
  members: number,
  responders: number,
  over: Partial<MeasuredChat> = {},
) => ({
  chatId,
  title: `Grup ${chatId}`,
  mayPost: true,
  isOverPackage: false,
  posts,
  exposures: posts * members,
  reactions: responders,
  replies: 0,
  clicks: 0,
  joins: 0,
  responders,
  ...over,
})

const chosen = (chats: readonly MeasuredChat[], count: number) =>
  rankChats(chats, count).flatMap((row) => (row.isChosen ? [row.chatId] : []))

describe('rankChats', () => {
  it('chooses those with the better measured response, with their numbers', () => {
    const chats = [chat(1, 10, 500, 50), chat(2, 10, 500, 250), chat(3, 10, 500, 10)]
    expect(chosen(chats, 2)).toEqual([2, 1])
    const [best] = rankChats(chats, 1)
    expect(best).toMatchObject({ chatId: 2, exposures: 5_000, responders: 250 })
    expect(best?.ratio).toBeCloseTo(0.049, 3)
    expect(best?.interval.low).toBeLessThan(0.05)
    expect(best?.interval.high).toBeGreaterThan(0.05)
  })

  it('does not take one lucky post in a tiny chat for a proof', () => {
    expect(chosen([chat(1, 1, 5, 3), chat(2, 20, 200, 500)], 1)).toEqual([2])
  })

  it('leaves out where nothing can be posted, however good it was', () => {
    const [gone, full] = [chat(1, 10, 100, 90, { mayPost: false }), chat(2, 10, 100, 80, { isOverPackage: true })]
    expect(chosen([gone, full, chat(3, 10, 100, 1)], 2)).toEqual([3])
  })

  it('takes, of chats nobody measured, the one known longer', () => {
    expect(chosen([chat(3, 0, 10, 0), chat(1, 0, 900, 0), chat(2, 0, 5, 0)], 2)).toEqual([1, 2])
  })

  it('answers the same whatever the order of the chats, never with more than asked for, and with ratios', () => {
    const arbitrary = fc.uniqueArray(
      fc
        .tuple(fc.integer({ min: 1, max: 99 }), fc.nat(50), fc.integer({ min: 1, max: 3_000 }), fc.nat(400))
        .map(([id, posts, members, responders]) => chat(id, posts, members, posts === 0 ? 0 : responders)),
      { selector: (row) => row.chatId, maxLength: 12 },
    )
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 1, max: 12 }), (chats, count) => {
        const ranked = rankChats(chats, count)
        expect(rankChats(chats.toReversed(), count)).toEqual(ranked)
        expect(ranked.filter((row) => row.isChosen)).toHaveLength(Math.min(count, chats.length))
        for (const { ratio } of ranked) {
          expect(ratio).toBeGreaterThanOrEqual(0)
          expect(ratio).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})
