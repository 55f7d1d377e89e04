import { describe, expect, it } from 'vitest'

import { parseRetryAfter } from './retry-after.ts'

const NOW = Date.UTC(2026, 5, 1)

describe('parseRetryAfter', () => {
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['1.5', 1_500],
    ['Mon, 01 Jun 2026 00:00:30 GMT', 30_000],
    ['Sun, 31 May 2026 23:00:00 GMT', 0],
    ['', null],
    ['-5', null],
    ['soon', null],
    ['2026-06-01T00:00:30Z', null],
  ])('reads %j as %j ms', (given, ms) => {
    expect(parseRetryAfter(given, NOW)).toBe(ms)
  })
})
