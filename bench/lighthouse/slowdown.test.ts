import { describe, expect, it } from 'vitest'

import { slowdownFor } from './slowdown.ts'

describe('slowdownFor', () => {
  it.each([
    [150, 1],
    [475, 1.5],
    [800, 2],
    [1050, 2.5],
    [1300, 3],
    [1533, 4],
    [1766, 5],
  ])('slows a machine of index %d down %d times', (index, times) => {
    expect(slowdownFor(index)).toBeCloseTo(times, 5)
  })

  it('refuses a machine that is slower than the phone it should play', () => {
    expect(() => slowdownFor(149)).toThrow('too slow')
  })
})
