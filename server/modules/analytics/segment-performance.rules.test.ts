import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SEGMENTS } from '#contract/words.ts'

import { type SegmentCounts, compareSegments, wilsonInterval } from './segment-performance.rules.ts'

const counts = (segment: SegmentCounts['segment'], sent: number, responded: number): SegmentCounts => ({
  segment,
  sent,
  responded,
  clicked: 0,
  converted: 0,
  optedOut: 0,
  blocked: 0,
})

describe('wilsonInterval', () => {
  it('gives the published values for 7 of 20', () => {
    const { low, high } = wilsonInterval(7, 20)
    expect(low).toBeCloseTo(0.1812, 4)
    expect(high).toBeCloseTo(0.5671, 4)
  })

  it('holds the observed ratio and stays within 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (total, share) => {
          const hits = Math.round(total * share)
          const { low, high } = wilsonInterval(hits, total)
          expect(low).toBeGreaterThanOrEqual(0)
          expect(high).toBeLessThanOrEqual(1)
          expect(low).toBeLessThanOrEqual(hits / total + 1e-12)
          expect(high).toBeGreaterThanOrEqual(hits / total - 1e-12)
        },
      ),
    )
  })

  it('is the whole range before anything is known', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })
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
