export const PROFILE_NAMES = [
  'enthusiast',
  'casual',
  'night_owl',
  'lurker',
  'bargain_hunter',
  'loyal',
  'blocker',
  'silent',
] as const
export type ProfileName = (typeof PROFILE_NAMES)[number]

/**
 * How a kind of virtual person behaves. The numbers are invented for rehearsal: they make the kinds differ clearly, and
 * claim nothing about real audiences.
 */
export type Profile = {
  /** Chance of pressing a button of the bot's very first message: whoever has just pressed Start is looking at it. */
  readonly opening: number
  /** Chance of reacting to a message that comes at the best hour, well spaced, in a style the person has no opinion on. */
  readonly response: number
  /** Share of reactions to a message with buttons that press one. */
  readonly press: number
  /** Mean time until the reaction, ms. */
  readonly delayMs: number
  /** Activity by local hour, 0–1. */
  readonly hours: readonly number[]
  /** Factor on Saturday and Sunday. */
  readonly weekend: number
  /** Words in a message that interest (factor above 1) or put off (below 1) this kind. */
  readonly tastes: readonly { readonly words: RegExp; readonly factor: number }[]
  /** Chance per message of asking to stop, and of blocking the bot, at one message a day; more messages raise it. */
  readonly stop: number
  readonly block: number
  /** Messages written per day without being asked: to the bot, and to each group. */
  readonly initiative: number
  readonly chatter: number
  /** Share that has Telegram Premium. */
  readonly premium: number
  readonly intents: readonly Intent[]
}

export type Intent = 'greeting' | 'interest' | 'price' | 'order' | 'thanks' | 'refusal' | 'chat'

const HOUR_MS = 3_600_000

/** A bell of activity around a peak hour on the 24-hour circle. */
function around(peak: number, width: number): readonly number[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const distance = Math.min(Math.abs(hour - peak), 24 - Math.abs(hour - peak))
    return Math.max(0.02, Math.exp(-(distance * distance) / (2 * width * width)))
  })
}

function mix(...curves: readonly (readonly number[])[]): readonly number[] {
  return Array.from({ length: 24 }, (_, hour) => Math.max(...curves.map((curve) => curve[hour] ?? 0)))
}

const DAY = mix(around(12, 3), around(20, 2.5))
const OFFERS = /indirim|kampanya|fırsat|ücretsiz|%\s?\d|\d\s?%/i
const PRESSURE = /son şans|acele|hemen al|kaçırma/i
const WARMTH = /teşekkür|merhaba|hoş geldin|sana özel/i

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  enthusiast: {
    opening: 0.9,
    response: 0.75,
    press: 0.6,
    delayMs: 0.2 * HOUR_MS,
    hours: DAY,
    weekend: 1.1,
    tastes: [{ words: WARMTH, factor: 1.15 }],
    stop: 0.001,
    block: 0.0005,
    initiative: 0.8,
    chatter: 3,
    premium: 0.25,
    intents: ['interest', 'order', 'price', 'thanks'],
  },
  casual: {
    opening: 0.6,
    response: 0.25,
    press: 0.7,
    delayMs: 2 * HOUR_MS,
    hours: DAY,
    weekend: 1.2,
    tastes: [{ words: PRESSURE, factor: 0.6 }],
    stop: 0.006,
    block: 0.003,
    initiative: 0.1,
    chatter: 0.6,
    premium: 0.08,
    intents: ['greeting', 'interest', 'price', 'refusal'],
  },
  night_owl: {
    opening: 0.75,
    response: 0.5,
    press: 0.5,
    delayMs: 0.5 * HOUR_MS,
    hours: around(0.5, 2.2),
    weekend: 1.3,
    tastes: [],
    stop: 0.004,
    block: 0.002,
    initiative: 0.5,
    chatter: 1.5,
    premium: 0.15,
    intents: ['greeting', 'interest', 'price'],
  },
  lurker: {
    opening: 0.5,
    response: 0.12,
    press: 0.95,
    delayMs: 6 * HOUR_MS,
    hours: around(21, 3),
    weekend: 1,
    tastes: [],
    stop: 0.003,
    block: 0.002,
    initiative: 0.01,
    chatter: 0.02,
    premium: 0.05,
    intents: ['greeting'],
  },
  bargain_hunter: {
    opening: 0.8,
    response: 0.2,
    press: 0.5,
    delayMs: 1 * HOUR_MS,
    hours: mix(around(12, 2), around(19, 2)),
    weekend: 1.1,
    tastes: [{ words: OFFERS, factor: 3 }],
    stop: 0.005,
    block: 0.002,
    initiative: 0.3,
    chatter: 0.4,
    premium: 0.03,
    intents: ['price', 'price', 'interest'],
  },
  loyal: {
    opening: 0.9,
    response: 0.6,
    press: 0.45,
    delayMs: 0.7 * HOUR_MS,
    hours: mix(around(11, 2), around(19, 2)),
    weekend: 0.9,
    tastes: [
      { words: WARMTH, factor: 1.3 },
      { words: PRESSURE, factor: 0.5 },
    ],
    stop: 0.0005,
    block: 0.0003,
    initiative: 0.3,
    chatter: 0.8,
    premium: 0.3,
    intents: ['order', 'thanks', 'interest'],
  },
  blocker: {
    opening: 0.25,
    response: 0.05,
    press: 0.3,
    delayMs: 1 * HOUR_MS,
    hours: DAY,
    weekend: 1,
    tastes: [{ words: PRESSURE, factor: 0.2 }],
    stop: 0.06,
    block: 0.12,
    initiative: 0.01,
    chatter: 0.05,
    premium: 0.05,
    intents: ['refusal'],
  },
  silent: {
    opening: 0.15,
    response: 0,
    press: 0,
    delayMs: HOUR_MS,
    hours: DAY,
    weekend: 1,
    tastes: [],
    stop: 0.001,
    block: 0.004,
    initiative: 0,
    chatter: 0,
    premium: 0.02,
    intents: ['greeting'],
  },
}

/** Share of each kind in a population when nothing else is asked for. */
export const DEFAULT_MIX: Readonly<Record<ProfileName, number>> = {
  enthusiast: 0.08,
  casual: 0.34,
  night_owl: 0.1,
  lurker: 0.16,
  bargain_hunter: 0.1,
  loyal: 0.08,
  blocker: 0.04,
  silent: 0.1,
}
