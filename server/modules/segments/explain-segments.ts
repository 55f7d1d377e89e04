import { SEGMENTS, type AssignmentSource, type Segment } from '#contract/words.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type FeatureName, featureValues } from './feature.rules.ts'
import { findFeatureRow } from './feature.store.ts'
import { listOpinions, type StoredOpinion } from './opinion.store.ts'
import { listPins } from './pin.store.ts'
import { readRuleBook } from './segment-rule.store.ts'
import {
  PRIMARY_CONFIDENCE_MIN,
  type RuleTrace,
  evaluateRules,
  mergeHeld,
  primaryOf,
  primaryOrder,
} from './segment.rules.ts'

/** Why a contact holds a segment, or does not. */
export interface SegmentExplanation extends RuleTrace {
  readonly segment: Segment
  /** How it comes to be held; null when it is not. */
  readonly source: AssignmentSource | null
  /** What a model thinks, and why; null when it thinks nothing of it, or may not. */
  readonly opinion: StoredOpinion | null
  /** Of the assignment: 100 when given by hand, else the surer of rule and model; null when not held. */
  readonly heldConfidence: number | null
}

export interface SegmentsExplanation {
  readonly contactId: number
  /** Instant of the explanation, epoch ms: scores fade, so it is true for this instant. */
  readonly at: number
  /** Days for ages (Infinity: never), 0 or 1 for flags. */
  readonly inputs: Readonly<Record<FeatureName, number>>
  readonly segments: readonly SegmentExplanation[]
  readonly primary: {
    readonly segment: Segment | null
    readonly confidenceMin: number
    /** Held segments in the order in which they were considered. */
    readonly considered: readonly {
      readonly segment: Segment
      readonly priority: number
      readonly confidence: number
      readonly sureEnough: boolean
    }[]
  }
}

/**
 * Walks through all twelve rules for one contact as of `now` (epoch ms): every condition with its input, threshold and
 * margin, the steps of the confidence, and how the primary segment was chosen. Computes afresh, writes nothing but a new
 * tenant's default rules. Errors: `not_found` for a contact without features (unknown, erased or merged).
 */
export const explainSegments = async (tx: TenantTx, contactId: number, now: number): Promise<SegmentsExplanation> => {
  const row = await findFeatureRow(tx, contactId)
  if (!row) throw notFound('contact', contactId)
  const { rules, priorities, hasOpinions } = await readRuleBook(tx, now)
  const pinned = new Set((await listPins(tx, contactId)).map((pin) => pin.segment))
  const traces = evaluateRules(rules, row, now, pinned)
  const opinions = new Map((hasOpinions ? await listOpinions(tx, contactId, now) : []).map((o) => [o.segment, o]))
  const held = mergeHeld(traces, pinned, new Map([...opinions].map(([segment, o]) => [segment, o.confidence])))
  const heldOf = new Map(held.map((h) => [h.segment, h]))
  return {
    contactId,
    at: now,
    inputs: featureValues(row, now),
    segments: SEGMENTS.map((segment) => ({
      segment,
      ...traces[segment],
      opinion: opinions.get(segment) ?? null,
      source: heldOf.get(segment)?.source ?? null,
      heldConfidence: heldOf.get(segment)?.confidence ?? null,
    })),
    primary: {
      segment: primaryOf(held, priorities),
      confidenceMin: PRIMARY_CONFIDENCE_MIN,
      considered: primaryOrder(priorities).flatMap((segment) => {
        const confidence = heldOf.get(segment)?.confidence
        if (confidence === undefined) return []
        return [
          { segment, priority: priorities[segment], confidence, sureEnough: confidence >= PRIMARY_CONFIDENCE_MIN },
        ]
      }),
    },
  }
}
