import type { SimulatorClock } from '#simulator/clock.ts'
import { createRandom } from '#simulator/random.ts'
import { createMessageLog } from '#simulator/world/message-log.ts'
import { INIT_DATA_KEY } from '#simulator/world/launch-key.ts'
import type { World, WorldSettings } from '#simulator/world/types.ts'

const DEFAULTS: Omit<WorldSettings, 'initDataKey'> = {
  keepMessagesPerChat: 500,
  keepFiles: 1000,
  callbackLifetimeMs: 150_000,
  joinRequestGrantMs: 300_000,
  // Telegram's client configuration as of 2026: bots_create_limit_default and bots_create_limit_premium.
  botsPerPerson: { regular: 20, premium: 40 },
}

/** Creates an empty world: the same seed, clock and calls make the same ids, tokens and links. */
export function createWorld(
  clock: SimulatorClock,
  seed: string | number,
  settings: Partial<WorldSettings> = {},
): World {
  return {
    clock,
    random: createRandom(seed).fork('world'),
    users: new Map(),
    bots: new Map(),
    botsByToken: new Map(),
    chats: new Map(),
    publicNames: new Map(),
    callbacks: new Map(),
    business: { links: new Map(), ids: new Map(), chats: new Map(), nextMessageIds: new Map() },
    stars: { invoices: new Map(), messages: new Map(), checkouts: new Map(), transactions: new Map() },
    managedBotRequests: new Map(),
    files: new Map(),
    log: createMessageLog(),
    observers: new Set(),
    settings: { ...DEFAULTS, initDataKey: INIT_DATA_KEY, ...settings },
    nextId: 1,
  }
}

/** Ids of people, bots and chats never overlap, so a mixed-up id is found at once. */
export const ID_BASE = {
  user: 100_000_000,
  bot: 7_000_000_000,
  group: -4_000_000_000,
  /** Supergroups and channels. */
  supergroup: -1_002_000_000_000,
} as const

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'

/** A random name of Telegram's url-safe alphabet. */
export function createName(world: World, length: number): string {
  let name = ''
  for (let index = 0; index < length; index++) name += ALPHABET[world.random.int(0, 63)] ?? ''
  return name
}
