import { SEGMENTS, type Segment } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { FEATURE_NAMES, type FeatureRow, featureValues } from './feature.rules.ts'
import type { OpinionsAnswer } from './opinion-prompt.rules.ts'
import type { HeldSegment } from './segment.rules.ts'

/** An opinion holds for a week; people who are still there are asked about again before it ends. */
export const OPINION_LIFE_MS = 7 * DAY_MS

/** Nobody is asked about twice within this time. */
export const OPINION_PAUSE_MS = 5 * DAY_MS

/** People of one question: enough to share the cost of the prompt, few enough for a small model to keep apart. */
export const PEOPLE_PER_QUESTION = 10

/** Below this the rules have nothing to go by, and neither has a model. */
export const OPINION_INTERACTIONS_MIN = 3

const REASON_MAX = 200

/** What a model thinks of one contact's belonging to a segment. */
export interface Opinion {
  readonly segment: Segment
  /** 0–100. */
  readonly confidence: number
  readonly reason: string
}

/** Two digits after the point; null for what never happened. */
const rounded = (value: number): number | null => (Number.isFinite(value) ? Math.round(value * 100) / 100 : null)

/**
 * What a model is shown of one contact: figures, and what the rules found. No name, no id, no word they wrote. `ref`
 * names them inside the question alone.
 */
export const profileOf = (
  ref: string,
  row: FeatureRow,
  held: readonly HeldSegment[],
  now: number,
): Readonly<Record<string, unknown>> => {
  const values = featureValues(row, now)
  return {
    ref,
    ...Object.fromEntries(FEATURE_NAMES.map((name) => [name, rounded(values[name])])),
    rules: Object.fromEntries(held.map(({ segment, confidence }) => [segment, confidence])),
  }
}

const isSegment = (word: string): word is Segment => (SEGMENTS as readonly string[]).includes(word)

/** Control characters and line ends would let a reason look like something else where it is shown. */
const cleanReason = (reason: string): string =>
  reason
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, REASON_MAX)
    .toWellFormed()

/**
 * What of an answer counts, by ref: known people and segments alone, confidences held to 0–100, of a segment named twice
 * the surer. Total: any answer of the shape gives a result.
 */
export const readOpinions = (
  answer: OpinionsAnswer,
  refs: ReadonlySet<string>,
): ReadonlyMap<string, readonly Opinion[]> => {
  const found = new Map<string, Map<Segment, Opinion>>()
  for (const { ref, segments } of answer.people) {
    if (!refs.has(ref)) continue
    const mine = found.get(ref) ?? new Map<Segment, Opinion>()
    found.set(ref, mine)
    for (const { segment, confidence, reason } of segments) {
      if (!isSegment(segment) || Number.isNaN(confidence)) continue
      const held = Math.min(100, Math.max(0, Math.round(confidence)))
      if ((mine.get(segment)?.confidence ?? -1) >= held) continue
      mine.set(segment, { segment, confidence: held, reason: cleanReason(reason) })
    }
  }
  return new Map([...found].map(([ref, opinions]) => [ref, [...opinions.values()]]))
}
