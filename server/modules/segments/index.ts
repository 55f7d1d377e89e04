export { type AssignmentSummary, type SegmentDeps, assignSegments } from './assign-segments.ts'
export { type SegmentExplanation, type SegmentsExplanation, explainSegments } from './explain-segments.ts'
export type { FeatureName } from './feature.rules.ts'
export { type OwnSegmentInput, createOwnSegment, removeOwnSegment, updateOwnSegment } from './change-own-segment.ts'
export { type OpinionSummary, gatherOpinions } from './gather-opinions.ts'
export type { StoredAssignment } from './holding.store.ts'
export { type SegmentInterval, listSegmentHistory } from './list-segment-history.ts'
export {
  type FeatureChoice,
  type OwnPreview,
  findOwnSegmentTest,
  findOwnSegments,
  getOwnSegment,
  listContactsOfOwnSegment,
  listFeatureChoices,
  listOwnSegments,
  previewOwnSegment,
} from './list-own-segments.ts'
export {
  type SegmentContact,
  type SegmentCounts,
  type SegmentPage,
  type SegmentPageQuery,
  findSegments,
  isAnybodyInSegment,
  listSegmentContacts,
  listSegmentCounts,
} from './list-segments.ts'
export { OWN_SEGMENTS_MAX, type OwnCondition, type OwnSegment } from './own-segment.rules.ts'
export { type RecomputeOptions, recomputeSegments } from './recompute-segments.ts'
export type { StoredSegmentRule } from './segment-rule.store.ts'
export type { Condition, SegmentRule } from './segment.rules.ts'
export { removeManualSegment, setManualSegment } from './set-manual-segment.ts'
export { type SweepOptions, sweepSegments } from './sweep-segments.ts'
export {
  type SegmentRuleChange,
  listSegmentRuleVersions,
  listSegmentRules,
  seedSegmentRules,
  updateSegmentRule,
} from './update-segment-rule.ts'
