import type { AssignmentSource, Segment } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { FEATURE_NAMES, type FeatureName } from './feature.rules.ts'
import { type StoredHolding, listAssignments, listEndedAssignments } from './holding.store.ts'
import { listOpinions } from './opinion.store.ts'
import { listPins } from './pin.store.ts'
import { type StoredSegmentRule, listRuleVersions } from './segment-rule.store.ts'
import { type Condition, isExclusion } from './segment.rules.ts'

/** Why an assignment was made: the version of the rule with its thresholds, and what it read. */
export interface RuleReasons {
  readonly kind: 'rule'
  readonly segment: Segment
  readonly version: number
  readonly baseConfidence: number
  /** `input` is what the rule read, null for an exclusion. */
  readonly conditions: readonly { readonly condition: Condition; readonly input: number | null }[]
}
/** Who made the assignment by hand, and what was noted. Both are null once the hand was withdrawn. */
export interface ManualReasons {
  readonly kind: 'manual'
  readonly pinnedBy: string | null
  readonly note: string | null
}

/** Whose opinion it was, and its words. Both are null once the opinion ended. */
export interface OpinionReasons {
  readonly kind: 'ai'
  readonly model: string | null
  readonly reason: string | null
}

export interface SegmentInterval {
  readonly segment: Segment
  readonly source: AssignmentSource
  /** As last assessed while it lasted. */
  readonly confidence: number
  /** Epoch ms. */
  readonly since: number
  /** Epoch ms; null while it lasts. */
  readonly until: number | null
  readonly reasons: RuleReasons | ManualReasons | OpinionReasons
}

const reasonsOf = (
  versions: readonly StoredSegmentRule[],
  revision: number,
  inputs: readonly number[],
): RuleReasons | null => {
  const rule = versions.find((version) => version.revision <= revision)
  if (!rule) return null
  const inputOf = (feature: FeatureName): number | null => inputs[FEATURE_NAMES.indexOf(feature)] ?? null
  return {
    kind: 'rule',
    segment: rule.segment,
    version: rule.version,
    baseConfidence: rule.baseConfidence,
    conditions: rule.conditions.map((condition) => ({
      condition,
      input: isExclusion(condition) ? null : inputOf(condition.feature),
    })),
  }
}

const ENDED_MAX = 500

/**
 * Every stay of a contact in a segment, those that last first, then the newest 500 that ended, each with its source,
 * confidence, reasons, beginning and end. Empty for a contact that never held one.
 */
export const listSegmentHistory = async (
  tx: TenantTx,
  contactId: number,
  now: number,
): Promise<readonly SegmentInterval[]> => {
  const [assignment] = await listAssignments(tx, [contactId])
  const ended = await listEndedAssignments(tx, contactId, ENDED_MAX)
  const pins = new Map((await listPins(tx, contactId)).map((pin) => [pin.segment, pin]))
  const opinions = new Map((await listOpinions(tx, contactId, now)).map((opinion) => [opinion.segment, opinion]))
  const open = (assignment?.holdings ?? []).map((holding) => ({
    ...holding,
    until: null,
    ruleRevision: assignment?.ruleRevision ?? 0,
    inputs: assignment?.inputs ?? [],
  }))
  const stays = [...open, ...ended]
  const versions = new Map<Segment, readonly StoredSegmentRule[]>()
  for (const segment of new Set(stays.map((stay) => stay.segment))) {
    versions.set(segment, await listRuleVersions(tx, segment))
  }
  const manualReasons = ({ segment }: StoredHolding, until: number | null): ManualReasons => {
    const pin = until === null ? pins.get(segment) : undefined
    return { kind: 'manual', pinnedBy: pin?.pinnedBy ?? null, note: pin?.note ?? null }
  }
  const opinionReasons = ({ segment }: StoredHolding, until: number | null): OpinionReasons => {
    const opinion = until === null ? opinions.get(segment) : undefined
    return { kind: 'ai', model: opinion?.model ?? null, reason: opinion?.reason ?? null }
  }
  return stays.map(({ ruleRevision, inputs, ...stay }) => {
    const byRule = stay.source === 'rule' ? reasonsOf(versions.get(stay.segment) ?? [], ruleRevision, inputs) : null
    if (stay.source === 'ai') return { ...stay, reasons: opinionReasons(stay, stay.until) }
    return { ...stay, reasons: byRule ?? manualReasons(stay, stay.until) }
  })
}
