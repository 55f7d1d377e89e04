export { reportSegments } from './report-segments.ts'
export { type SegmentPerformance, wilsonInterval } from './segment-performance.rules.ts'
