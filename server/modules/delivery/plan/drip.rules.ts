import type { DeliveryState, DripEvent } from '#contract/words.ts'
import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type CampaignStep, stopsOf } from '#server/modules/campaigns/index.ts'

/** Where a person stands, and how the step they were planned last has gone. Instants are epoch ms. */
export interface DripStanding {
  readonly step: number
  readonly enteredAt: number
  readonly happened: readonly DripEvent[]
  /** Null when the delivery is gone, as after a merge. */
  readonly delivery: {
    readonly state: DeliveryState
    readonly reason: string | null
    readonly dueAt: number
    /** When it left, or ended otherwise; null while it waits or is on its way. */
    readonly finishedAt: number | null
  } | null
}

export type DripMove =
  | { readonly kind: 'wait'; readonly checkAt: number }
  | { readonly kind: 'plan'; readonly step: number; readonly dueAt: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'stop'; readonly reason: DripEvent }

/** A step under way is looked at again after this long. */
const RECHECK_MS = MINUTE_MS

/** Refusals that say the person is not to hear more. */
const WITHDRAWN: ReadonlySet<string> = new Set(['suppressed', 'no_consent'])

const dueOf = (steps: readonly CampaignStep[], next: number, standing: DripStanding): number => {
  const wanted = steps[next]
  const before = steps[next - 1]
  const sinceEntry = standing.enteredAt + (wanted?.afterHours ?? 0) * HOUR_MS
  const finishedAt = standing.delivery?.finishedAt
  if (finishedAt === null || finishedAt === undefined) return sinceEntry
  return Math.max(sinceEntry, finishedAt + ((wanted?.afterHours ?? 0) - (before?.afterHours ?? 0)) * HOUR_MS)
}

/**
 * What comes next for a person in a drip at `now`. A step follows only when the one before it has ended, and never sooner
 * after it than the steps are apart: after a pause or a long wait the rest does not come in one go. Whether something the
 * person did ends the drip is asked of the step that would come. Pure and total.
 */
export const nextMove = (steps: readonly CampaignStep[], standing: DripStanding, now: number): DripMove => {
  const { delivery, step, happened } = standing
  if (delivery !== null && delivery.finishedAt === null)
    return { kind: 'wait', checkAt: Math.max(delivery.dueAt, now) + RECHECK_MS }
  if (
    (delivery?.state === 'refused' || delivery?.state === 'cancelled') &&
    delivery.reason !== null &&
    WITHDRAWN.has(delivery.reason)
  )
    return { kind: 'stop', reason: 'opt_out' }
  const next = steps[step + 1]
  if (next === undefined) return { kind: 'done' }
  const stops = stopsOf(next)
  const reason = happened.find((what) => stops.has(what))
  if (reason !== undefined) return { kind: 'stop', reason }
  const dueAt = dueOf(steps, step + 1, standing)
  return dueAt <= now ? { kind: 'plan', step: step + 1, dueAt } : { kind: 'wait', checkAt: dueAt }
}
