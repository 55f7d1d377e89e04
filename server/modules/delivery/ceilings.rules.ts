import { HOUR_MS } from '#server/base/duration.ts'

/** No strategy, model or member can exceed these: at most 5 commercial messages a day and 2 hours apart. */
export const HARD_DAILY_MAX = 5
export const HARD_GAP_MS = 2 * HOUR_MS
