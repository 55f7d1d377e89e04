import { DAY_MS } from '#server/base/duration.ts'

import type { ActivityKind } from './contact.rules.ts'

/** After this long, half of what somebody did has faded. */
export const ENGAGEMENT_HALF_LIFE_MS = 7 * DAY_MS

/**
 * Mass at which the score reaches 63 (1 − 1/e). Six makes ten messages within a day 81, five 57 and one 15: the
 * thresholds of the segment rules (80, 50, 30) then mean "talks a lot", "talks" and "said hello".
 */
export const ENGAGEMENT_SCALE = 6

/**
 * How much one activity adds to the mass; one private message is the unit. A tracked click and an order show more
 * intent than words; a reaction or a line in a group shows less. A block ends the engagement: the mass is emptied.
 */
export const ENGAGEMENT_WEIGHTS: Readonly<Record<ActivityKind | 'ordered', number>> = {
  started: 1,
  message: 1,
  button: 1,
  click: 1.5,
  reaction: 0.5,
  group_message: 0.25,
  join_requested: 0.5,
  joined_chat: 0.5,
  left_chat: 0,
  removed_from_chat: 0,
  ordered: 5,
  blocked: 0,
  unblocked: 0.5,
}

/** Mass at `now` of what was `mass` at `massAt` (epoch ms); an instant before `massAt` changes nothing. */
export const decayMass = (mass: number, massAt: number | null, now: number): number =>
  massAt === null ? 0 : mass * 0.5 ** (Math.max(0, now - massAt) / ENGAGEMENT_HALF_LIFE_MS)

/** A mass and the instant (epoch ms) it is valid at. */
export interface EngagementMass {
  readonly mass: number
  readonly massAt: number | null
}

/**
 * Adds one event. Events may come in any order: one that is older than `massAt` arrives already faded, so the result is
 * the same for every order.
 */
export const addToMass = ({ mass, massAt }: EngagementMass, weight: number, at: number): EngagementMass =>
  massAt !== null && at < massAt
    ? { mass: mass + decayMass(weight, at, massAt), massAt }
    : { mass: decayMass(mass, massAt, at) + weight, massAt: at }

/**
 * Engagement 0–100 at `now`: 100 · (1 − e^(−m/6)), m being the decayed mass. Nobody starts above 0, nobody reaches 100.
 */
export const engagementScore = (mass: number, massAt: number | null, now: number): number =>
  mass <= 0 ? 0 : 100 * (1 - Math.exp(-decayMass(mass, massAt, now) / ENGAGEMENT_SCALE))
