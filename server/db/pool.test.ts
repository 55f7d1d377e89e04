import { describe, expect, it } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'

describe('createPool', () => {
  it('reads 64-bit integers as numbers, calendar days as text and instants as dates', async () => {
    const { pool } = await createTestDatabase()
    const { rows } = await pool.query(
      `select 7000000000::int8 as id, array[1, null, 7000000000]::int8[] as ids, date '2026-03-29' as on_day,
              timestamptz '2026-03-29 01:30+02' as at, 12.50::numeric as amount`,
    )
    expect(rows).toEqual([
      {
        id: 7_000_000_000,
        ids: [1, null, 7_000_000_000],
        on_day: '2026-03-29',
        at: new Date('2026-03-28T23:30:00Z'),
        amount: '12.50',
      },
    ])
  })

  it('refuses a 64-bit integer that a number would round', async () => {
    const { pool } = await createTestDatabase()
    await expect(pool.query('select 9007199254740993::int8')).rejects.toThrow('9007199254740993')
  })
})
