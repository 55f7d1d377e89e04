export { type AssignmentSummary, type SegmentDeps, assignSegments } from './assign-segments.ts'
export { type RecomputeOptions, recomputeSegments } from './recompute-segments.ts'
