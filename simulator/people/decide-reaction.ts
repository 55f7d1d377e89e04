import type { Profile } from '#simulator/people/profiles.ts'
import type { Random } from '#simulator/random.ts'

/** What a person knows when a message of a bot arrives. */
export type MessageFacts = {
  /** Epoch ms. */
  readonly at: number
  /** Hour of day and day of week (0 Sunday) where the person lives. */
  readonly localHour: number
  readonly localWeekday: number
  readonly text: string
  readonly hasButtons: boolean
  /** Since the bot's last message; infinite for the first. */
  readonly sinceLastMs: number
  /** Messages of the bot in the last 24 hours, this one included. */
  readonly receivedToday: number
  readonly hasAskedToStop: boolean
}

export type Reaction =
  | { readonly kind: 'none' }
  | { readonly kind: 'press' | 'text' | 'stop' | 'block'; readonly afterMs: number }

const HOUR_MS = 3_600_000
/** After this long a bot's last message no longer dampens the answer to the next one. */
const SPACING_MS = 20 * HOUR_MS
/** Reading the first message of a chat one has just opened. */
const MEAN_READING_MS = 40_000

/** Chance of a reaction: the base, times hour, weekday, style, and how recently the bot wrote before. 0–1. */
function responseProbability(profile: Profile, facts: MessageFacts): number {
  const hour = profile.hours[facts.localHour] ?? 0
  const day = facts.localWeekday === 0 || facts.localWeekday === 6 ? profile.weekend : 1
  const style = profile.tastes.reduce(
    (factor, taste) => (taste.words.test(facts.text) ? factor * taste.factor : factor),
    1,
  )
  const spacing = 0.35 + 0.65 * Math.min(1, facts.sinceLastMs / SPACING_MS)
  return Math.min(0.98, profile.response * hour * day * style * spacing)
}

/** Chance of losing patience with one message: the base at one message a day, growing with the square of more. */
function fatigueFactor(receivedToday: number): number {
  return receivedToday * receivedToday
}

/** What the person does about the message, and when. Pure but for the dice. */
export function decideReaction(profile: Profile, facts: MessageFacts, random: Random): Reaction {
  if (facts.sinceLastMs === Number.POSITIVE_INFINITY && facts.hasButtons && random.chance(profile.opening))
    return { kind: 'press', afterMs: Math.round(5000 + random.exponential(MEAN_READING_MS)) }
  const fatigue = fatigueFactor(facts.receivedToday)
  const afterMs = Math.round(Math.min(24 * HOUR_MS, 5000 + random.exponential(profile.delayMs)))
  // Being written to after asking to stop is what makes people block.
  const block = facts.hasAskedToStop ? Math.max(0.3, profile.block) : profile.block
  if (random.chance(Math.min(0.9, block * fatigue))) return { kind: 'block', afterMs }
  if (!facts.hasAskedToStop && random.chance(Math.min(0.8, profile.stop * fatigue))) return { kind: 'stop', afterMs }
  if (!random.chance(responseProbability(profile, facts))) return { kind: 'none' }
  return { kind: facts.hasButtons && random.chance(profile.press) ? 'press' : 'text', afterMs }
}
