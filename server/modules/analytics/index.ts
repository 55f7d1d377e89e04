export type { DayFigures } from './daily-figures.rules.ts'
export { reportDays } from './report-days.ts'
export { reportSegments } from './report-segments.ts'
export type { SegmentPerformance } from './segment-performance.rules.ts'
