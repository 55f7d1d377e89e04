export { reportSegments } from './report-segments.ts'
export type { SegmentPerformance } from './segment-performance.rules.ts'
