import { describe, expect, it } from 'vitest'

import { SEGMENTS } from '#contract/words.ts'

import { type SegmentCounts, compareSegments } from './segment-performance.rules.ts'

const counts = (segment: SegmentCounts['segment'], sent: number, responded: number): SegmentCounts => ({
  segment,
  sent,
  responded,
  clicked: 0,
  converted: 0,
  optedOut: 0,
  blocked: 0,
})

describe('compareSegments', () => {
  it('lists all twelve segments, also those nobody was written to', () => {
    const rows = compareSegments([])
    expect(rows.map((row) => row.segment).toSorted()).toEqual([...SEGMENTS].toSorted())
    expect(rows.every((row) => row.responseRatio === null && row.sent === 0)).toBe(true)
  })

  it('puts many proven answers before a few lucky ones', () => {
    const [first, second] = compareSegments([counts('NEW_USER', 2, 2), counts('ENGAGED', 1000, 600)])
    expect([first?.segment, second?.segment]).toEqual(['ENGAGED', 'NEW_USER'])
  })
})
