import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { renderBar, renderSpark } from './bar.ts'

describe('renderBar', () => {
  it('is full at the maximum, half at half, and empty at zero', () => {
    expect(renderBar(10, 10, 4)).toBe('████')
    expect(renderBar(5, 10, 4)).toBe('██')
    expect(renderBar(0, 10, 4)).toBe('')
    expect(renderBar(3, 0, 4)).toBe('')
  })

  it('shows the smallest value', () => {
    expect(renderBar(1, 1_000_000, 20)).toBe('▏')
  })

  it('never grows beyond its width', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 80 }), (value, max, width) => {
        expect(renderBar(value, max, width).length).toBeLessThanOrEqual(width)
      }),
    )
  })
})

describe('renderSpark', () => {
  it('gives one character a value, blank for zero and full for the highest', () => {
    expect(renderSpark([0, 1, 4, 8])).toBe(' ▁▄█')
    expect(renderSpark([0, 0])).toBe('  ')
  })
})
