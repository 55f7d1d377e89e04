import { describe, expect, it } from 'vitest'
import { createManualSimulatorClock } from '#simulator/clock.ts'
import { type PopulationInput, createPopulation } from '#simulator/people/population.ts'
import { createRandom } from '#simulator/random.ts'
import { createBot } from '#simulator/world/bots.ts'
import { createChat } from '#simulator/world/chats.ts'
import { createWorld } from '#simulator/world/create-world.ts'
import { acceptBotMessage } from '#simulator/world/messages.ts'
import type { SimBot, World } from '#simulator/world/types.ts'
import { dialogPlace } from '#simulator/world/user-actions.ts'

const HOUR_MS = 3_600_000
/** Monday 09:00 in Istanbul. */
const START = Date.UTC(2026, 10, 23, 6)

type Story = {
  readonly world: World
  readonly bot: SimBot
  readonly updates: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}

/** Lets people live for some days while the bot writes to everyone reachable at the given local hours. */
async function tell(
  seed: string,
  input: Partial<PopulationInput>,
  days: number,
  hours: readonly number[],
  text = 'Size özel yeni ürünler geldi',
): Promise<Story> {
  const clock = createManualSimulatorClock(START)
  const world = createWorld(clock, seed)
  const bot = createBot(world, { canReadAllGroupMessages: true })
  const chat = createChat(world, { type: 'supergroup' })
  const population = createPopulation(world, createRandom(seed))
  population.populate({ count: 100, bots: [bot], chats: [chat], ...input })
  const buttons = [[{ text: 'Gör', callback_data: 'see' }]]
  for (let hour = 0; hour < days * 24; hour++) {
    await clock.advance(HOUR_MS)
    if (!hours.includes((9 + hour + 1) % 24)) continue
    for (const dialog of bot.dialogs.values()) {
      if (!dialog.isStarted || dialog.isBlocked) continue
      acceptBotMessage(world, bot, dialogPlace(bot, dialog.user), { text, reply_markup: { inline_keyboard: buttons } })
    }
  }
  const updates = [...bot.updates.pending.values()].map(({ json }) => json)
  population.stop()
  return { world, bot, updates, counts: population.counts }
}

describe('createPopulation', () => {
  it('lives the same lives for the same seed, and others for another', async () => {
    const first = await tell('s1', {}, 3, [12, 20])
    const again = await tell('s1', {}, 3, [12, 20])
    expect(again.updates).toEqual(first.updates)
    expect(again.counts).toEqual(first.counts)
    const other = await tell('s2', {}, 3, [12, 20])
    expect(other.updates).not.toEqual(first.updates)
  })

  it('does everything people do: start, press, answer, write, chat, stop, block', async () => {
    const { counts, updates } = await tell('all', { count: 200, payloads: ['ilkbahar'] }, 7, [12, 20])
    const idle = ['started', 'pressed', 'answered', 'wrote', 'chatted', 'stopped', 'blocked'].filter(
      (action) => !counts[action],
    )
    expect(idle).toEqual([])
    expect(updates.some((json) => json.includes('"my_chat_member"'))).toBe(true)
  })

  it('starts the bot with a deep link of those it was given', async () => {
    const { updates } = await tell('links', { payloads: ['ilkbahar'] }, 1, [])
    expect(updates.some((json) => json.includes('"/start ilkbahar"'))).toBe(true)
  })

  it('presses what the first message asks for, when it was just started', async () => {
    const { counts } = await tell('opening', {}, 1, [12])
    expect(counts['pressed']).toBeGreaterThan(40)
  })

  it('answers at night when it is made of night owls, and by day when it is not', async () => {
    const responses = ({ counts }: Story): number => (counts['pressed'] ?? 0) + (counts['answered'] ?? 0)
    const only = (name: 'night_owl' | 'loyal') => {
      const none = {
        enthusiast: 0,
        casual: 0,
        night_owl: 0,
        lurker: 0,
        bargain_hunter: 0,
        loyal: 0,
        blocker: 0,
        silent: 0,
      }
      return { mix: { ...none, [name]: 1 }, chats: [] }
    }
    const owlsAtNight = responses(await tell('owl', only('night_owl'), 10, [0]))
    const owlsAtNoon = responses(await tell('owl', only('night_owl'), 10, [12]))
    const loyalAtNight = responses(await tell('loyal', only('loyal'), 10, [0]))
    const loyalAtNoon = responses(await tell('loyal', only('loyal'), 10, [11]))
    expect(owlsAtNight).toBeGreaterThan(owlsAtNoon * 3)
    expect(loyalAtNoon).toBeGreaterThan(loyalAtNight * 3)
  })

  it('loses patience when it is written to too often', async () => {
    const lost = ({ counts }: Story): number => (counts['stopped'] ?? 0) + (counts['blocked'] ?? 0)
    const gentle = await tell('patience', {}, 5, [12])
    const pushy = await tell('patience', {}, 5, [9, 11, 13, 15, 17, 19, 21])
    expect(lost(pushy)).toBeGreaterThan(lost(gentle) * 3)
  })

  it('answers offers more when it hunts for bargains', async () => {
    const none = {
      enthusiast: 0,
      casual: 0,
      night_owl: 0,
      lurker: 0,
      bargain_hunter: 1,
      loyal: 0,
      blocker: 0,
      silent: 0,
    }
    const input = { mix: none, chats: [] }
    const plain = await tell('offer', input, 4, [12])
    const offer = await tell('offer', input, 4, [12], 'Bugün %20 indirim var')
    expect((offer.counts['pressed'] ?? 0) + (offer.counts['answered'] ?? 0)).toBeGreaterThan(
      ((plain.counts['pressed'] ?? 0) + (plain.counts['answered'] ?? 0)) * 1.5,
    )
  })
})
