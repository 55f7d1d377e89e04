import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createLimiter, TELEGRAM_LIMITS } from '#simulator/bot-api/limits.ts'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'
import { createBot } from '#simulator/world/bots.ts'
import { createChat } from '#simulator/world/chats.ts'
import { createWorld } from '#simulator/world/create-world.ts'
import { createUser } from '#simulator/world/users.ts'
import { chatPlace, dialogPlace } from '#simulator/world/user-actions.ts'

describe('createLimiter', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  afterEach(() => scene.simulator.close())

  const open = async (): Promise<void> => {
    clock = createManualSimulatorClock(Date.UTC(2026, 10, 21))
    scene = await createScene({ clock, limits: true })
  }
  const send = async (chatId: number, more: object = {}): Promise<number> => {
    const body = await scene.call('sendMessage', { chat_id: chatId, text: 'x', ...more })
    return body.ok ? 0 : (body.parameters?.retry_after ?? -1)
  }
  const sendMany = async (chatId: number, count: number): Promise<number[]> => {
    const waits: number[] = []
    for (let index = 0; index < count; index++) waits.push(await send(chatId))
    return waits
  }
  const createReader = (): number => {
    const { id } = scene.control.createUser({})
    scene.control.openDialog({ userId: id, botId: scene.bot.id })
    return id
  }

  it('takes three messages to a chat at once and then one a second', async () => {
    await open()
    expect(await sendMany(scene.user.id, 4)).toEqual([0, 0, 0, 1])
    await clock.advance(1000)
    expect(await sendMany(scene.user.id, 2)).toEqual([0, 1])
  })

  it('takes a steady message a second for ever', async () => {
    await open()
    for (let second = 0; second < 100; second++) {
      expect(await send(scene.user.id)).toBe(0)
      await clock.advance(1000)
    }
  })

  it('counts a request that comes before its retry_after is over as premature', async () => {
    await open()
    await sendMany(scene.user.id, 4)
    expect(scene.simulator.limiter.counters).toEqual({ refused: 1, premature: 0 })
    await clock.advance(999)
    expect(await send(scene.user.id)).toBe(1)
    expect(scene.simulator.limiter.counters).toEqual({ refused: 2, premature: 1 })
  })

  it('takes twenty messages to a group in any minute', async () => {
    await open()
    const chat = scene.control.createChat({ type: 'supergroup' })
    scene.control.setMember({ chatId: chat.id, memberId: scene.bot.id, status: 'member' })
    for (let index = 0; index < 20; index++) {
      expect(await send(chat.id)).toBe(0)
      await clock.advance(1000)
    }
    expect(await send(chat.id)).toBe(40)
    await clock.advance(40_000)
    expect(await send(chat.id)).toBe(0)
  })

  it('takes thirty messages of a bot in any second', async () => {
    await open()
    const waits: number[] = []
    for (let index = 0; index < 31; index++) waits.push(await send(createReader()))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(30)
    expect(waits.at(-1)).toBe(1)
    await clock.advance(1000)
    expect(await send(createReader())).toBe(0)
  })

  it('lets a paid broadcast go faster and takes a tenth of a Star for each message above thirty', async () => {
    await open()
    const paid = scene.control.createBot({ isPaidBroadcastEnabled: true, starBalance: 10 })
    let accepted = 0
    for (let index = 0; index < 40; index++) {
      const user = scene.control.createUser({})
      scene.control.openDialog({ userId: user.id, botId: paid.id })
      const body = await scene.call(
        'sendMessage',
        { chat_id: user.id, text: 'x', allow_paid_broadcast: true },
        paid.token,
      )
      if (body.ok) accepted += 1
    }
    expect(accepted).toBe(40)
    expect(scene.control.getBot({ botId: paid.id }).starBalance).toBe(9)
  })

  it('shows its state and can be switched off', async () => {
    await open()
    await sendMany(scene.user.id, 4)
    expect(scene.control.getLimiterState({ botId: scene.bot.id })).toMatchObject({
      sentLastSecond: 3,
      chats: [{ chatId: scene.user.id, penaltyUntil: clock.now() + 1000 }],
    })
    scene.control.setLimits({ chat: null })
    await clock.advance(1000)
    expect(await sendMany(scene.user.id, 20)).toEqual(Array.from({ length: 20 }, () => 0))
  })

  it('counts an album as its messages', async () => {
    await open()
    const media = Array.from({ length: 4 }, () => ({ type: 'photo', media: 'https://example.com/x.jpg' }))
    expect((await scene.call('sendMediaGroup', { chat_id: scene.user.id, media })).ok).toBe(true)
    expect(await send(scene.user.id)).toBeGreaterThan(0)
  })

  it('never lets more through than its windows allow, whatever the arrivals', async () => {
    await open()
    const arrival = fc.record({ gapMs: fc.constantFrom(0, 1, 10, 40, 300, 1000, 5000), place: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 400 }), (arrivals) => {
        const world = createWorld(clock, 'limits')
        const bot = createBot(world)
        const group = chatPlace(createChat(world, { type: 'supergroup' }))
        const places = [group, ...Array.from({ length: 3 }, () => dialogPlace(bot, createUser(world)))]
        const limiter = createLimiter({ ...TELEGRAM_LIMITS })
        const accepted: { readonly at: number; readonly place: number }[] = []
        let now = 0
        for (const { gapMs, place } of arrivals) {
          now += gapMs
          const target = places[place]
          if (!target) continue
          try {
            limiter.admitSend(bot, target, now, false)
            accepted.push({ at: now, place })
          } catch (error) {
            expect(String(error)).toContain('Too Many Requests: retry after')
          }
        }
        for (const { at } of accepted) {
          const within = (windowMs: number, place?: number): number =>
            accepted.filter(
              (other) => other.at <= at && other.at > at - windowMs && (place === undefined || other.place === place),
            ).length
          expect(within(1000)).toBeLessThanOrEqual(30)
          expect(within(60_000, 0)).toBeLessThanOrEqual(20)
          for (const place of [0, 1, 2, 3]) expect(within(1000, place)).toBeLessThanOrEqual(3 + 1)
        }
      }),
      { numRuns: 60 },
    )
  })
})
