import { describe, expect, it } from 'vitest'

import { instantOf, wallOf } from '#web/lib/wall-time.ts'

describe('times of the wizard', () => {
  it('are those of the tenant’s wall, wherever the browser is', () => {
    const at = Date.UTC(2026, 5, 1, 6, 30)
    expect(wallOf(at, 'Europe/Istanbul')).toBe('2026-06-01T09:30')
    for (const zone of ['Europe/Istanbul', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC'])
      expect([zone, instantOf(wallOf(at, zone), zone)]).toEqual([zone, at])
    expect(wallOf(Date.UTC(2026, 5, 1), 'UTC')).toBe('2026-06-01T00:00')
  })

  it('know when clocks are changed: the earlier of two, and no hour that is skipped', () => {
    // New York puts its clocks back on 1 November 2026 and forward on 8 March.
    expect(instantOf('2026-11-01T01:30', 'America/New_York')).toBe(Date.UTC(2026, 10, 1, 5, 30))
    expect(instantOf('2026-11-01T03:30', 'America/New_York')).toBe(Date.UTC(2026, 10, 1, 8, 30))
    expect(instantOf('2026-03-08T02:30', 'America/New_York')).toBe(Date.UTC(2026, 2, 8, 7, 30))
    expect(instantOf('2026-03-08T03:30', 'America/New_York')).toBe(Date.UTC(2026, 2, 8, 7, 30))
  })

  it('are none where nothing was typed', () => {
    for (const text of ['', 'yarın', '2026-13-01T00:00']) expect(instantOf(text, 'UTC')).toBeNull()
  })
})
