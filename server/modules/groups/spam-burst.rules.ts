import { SECOND_MS } from '#server/base/duration.ts'

import type { SpamParameters } from './spam-level.rules.ts'

/** A message that completes a burst: which of the given ones, and how many there were within the window. */
export interface Burst {
  readonly index: number
  readonly measure: number
}

/**
 * Where one person's messages in one group become a burst. `known` are the instants of all their messages that may count,
 * the new ones included; `fresh` are the new ones, oldest first. A burst that goes on is told once a window. Pure.
 */
export const burstsOf = (
  known: readonly number[],
  fresh: readonly number[],
  { burstMessages, burstSeconds }: Pick<SpamParameters, 'burstMessages' | 'burstSeconds'>,
): readonly Burst[] => {
  const windowMs = burstSeconds * SECOND_MS
  const bursts: Burst[] = []
  let toldAt = -Infinity
  for (const [index, at] of fresh.entries()) {
    if (at - toldAt < windowMs) continue
    const measure = known.filter((instant) => instant > at - windowMs && instant <= at).length
    if (measure < burstMessages) continue
    bursts.push({ index, measure })
    toldAt = at
  }
  return bursts
}
