import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { SEGMENTS } from '#contract/words.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { applyPreset, seedStrategies } from './apply-preset.ts'
import { PRESETS } from './preset.rules.ts'
import { restoreStrategy, setStrategy } from './set-strategy.ts'
import { checkStrategy } from './strategy.rules.ts'
import { listStrategies, listStrategyVersions } from './strategy.store.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const seeded = async () => {
  const tenantId = await createTenant(db)
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  await run((tx) => seedStrategies(tx, NOON))
  return run
}
const meta = { changedBy: 'member:1', at: NOON }

describe('PRESETS', () => {
  it('hold settings for all twelve segments inside the hard ceilings', () => {
    for (const preset of Object.values(PRESETS)) {
      expect(Object.keys(preset).toSorted((a, b) => a.localeCompare(b))).toEqual(
        [...SEGMENTS].toSorted((a, b) => a.localeCompare(b)),
      )
      for (const settings of Object.values(preset)) expect(checkStrategy(settings)).toEqual(settings)
    }
  })
})

describe('checkStrategy', () => {
  it('passes nothing beyond the ceilings, whatever is asked', () => {
    const number = fc.oneof(fc.integer({ min: -10, max: 10_000 }), fc.double(), fc.constant(Number.NaN))
    fc.assert(
      fc.property(
        number,
        number,
        number,
        number,
        fc.array(fc.integer({ min: -2, max: 25 })),
        (priority, everyHours, maxPerDay, cooldownHours, hours) => {
          let passed
          try {
            passed = checkStrategy({
              enabled: true,
              priority,
              everyHours,
              maxPerDay,
              cooldownHours,
              hours,
              style: 'offer',
            })
          } catch {
            return
          }
          expect(passed.maxPerDay).toBeLessThanOrEqual(5)
          expect(passed.cooldownHours).toBeGreaterThanOrEqual(2)
          expect(passed.everyHours).toBeGreaterThanOrEqual(2)
          expect(passed.hours.length).toBeGreaterThan(0)
          expect(passed.hours.every((hour) => hour >= 0 && hour <= 23)).toBe(true)
        },
      ),
    )
  })

  it.each([
    ['maxPerDay', { maxPerDay: 6 }, 'strategy_out_of_bounds'],
    ['cooldownHours', { cooldownHours: 1 }, 'strategy_out_of_bounds'],
    ['everyHours', { everyHours: 1.5 }, 'strategy_out_of_bounds'],
    ['priority', { priority: 11 }, 'strategy_out_of_bounds'],
    ['hours', { hours: [24] }, 'strategy_hours'],
    ['hours', { hours: [] }, 'strategy_hours'],
    ['style', { style: 'pushy' as never }, 'unknown_word'],
  ])('names %s and its bounds', (field, change, code) => {
    expect(() => checkStrategy({ ...PRESETS.default.HOT_LEAD, ...change })).toThrow(
      expect.objectContaining({ code, params: expect.objectContaining({ field }) }),
    )
  })
})

describe('seedStrategies', () => {
  it('gives a new tenant the default of each segment, once', async () => {
    const run = await seeded()
    expect(await run((tx) => seedStrategies(tx, NOON))).toBe(0)
    const strategies = await run(listStrategies)
    expect(strategies).toHaveLength(12)
    expect(strategies[0]).toMatchObject({
      segment: 'HOT_LEAD',
      version: 1,
      preset: 'default',
      ...PRESETS.default.HOT_LEAD,
    })
  })
})

describe('setStrategy', () => {
  it('keeps every version and exactly one in force', async () => {
    const run = await seeded()
    const changed = await run((tx) => setStrategy(tx, 'LURKER', { hours: [20, 11, 20] }, meta))
    expect(changed).toMatchObject({ version: 2, hours: [11, 20], preset: null, changedBy: 'member:1' })
    const versions = await run((tx) => listStrategyVersions(tx, 'LURKER'))
    expect(versions.map((v) => [v.version, v.hours])).toEqual([[2, [11, 20]], [1, [19]]]) // prettier-ignore
    expect((await run(listStrategies)).filter((s) => s.segment === 'LURKER')).toHaveLength(1)
  })

  it('makes no version of a change that changes nothing', async () => {
    const run = await seeded()
    expect(await run((tx) => setStrategy(tx, 'LURKER', { hours: [19] }, meta))).toMatchObject({ version: 1 })
  })

  it('refuses what exceeds the ceilings and leaves the old one in force', async () => {
    const run = await seeded()
    await expect(run((tx) => setStrategy(tx, 'HOT_LEAD', { maxPerDay: 6 }, meta))).rejects.toMatchObject({
      kind: 'invalid',
      params: { field: 'maxPerDay', value: '6', min: 0, max: 5 },
    })
    expect((await run(listStrategies))[0]).toMatchObject({ segment: 'HOT_LEAD', version: 1 })
  })

  it('refuses a change made on an outdated view', async () => {
    const run = await seeded()
    await run((tx) => setStrategy(tx, 'ENGAGED', { priority: 9 }, meta))
    const late = { ...meta, expectedVersion: 1 }
    await expect(run((tx) => setStrategy(tx, 'ENGAGED', { priority: 7 }, late))).rejects.toThrow('strategy_moved_on')
  })

  it('numbers changes made at the same time one after the other', async () => {
    const run = await seeded()
    const priorities = [1, 2, 3, 4, 5, 6, 7, 9]
    await Promise.all(priorities.map((priority) => run((tx) => setStrategy(tx, 'ENGAGED', { priority }, meta))))
    const versions = await run((tx) => listStrategyVersions(tx, 'ENGAGED'))
    expect(versions.map((v) => v.version)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
  })
})

describe('restoreStrategy', () => {
  it('puts an old version in force as a new one', async () => {
    const run = await seeded()
    await run((tx) => setStrategy(tx, 'ENGAGED', { priority: 2 }, meta))
    expect(await run((tx) => restoreStrategy(tx, 'ENGAGED', 1, meta))).toMatchObject({ version: 3, priority: 8 })
    await expect(run((tx) => restoreStrategy(tx, 'ENGAGED', 9, meta))).rejects.toThrow('not_found')
  })
})

describe('applyPreset', () => {
  it('changes the segments that differ and no others', async () => {
    const run = await seeded()
    expect(await run((tx) => applyPreset(tx, 'seed-000', 'member:1', NOON))).toBe(2)
    const strategies = await run(listStrategies)
    expect(strategies.find((s) => s.segment === 'HOT_LEAD')).toMatchObject({
      everyHours: 2,
      maxPerDay: 5,
      preset: 'seed-000',
    })
    expect(await run((tx) => applyPreset(tx, 'seed-000', 'member:1', NOON))).toBe(0)
    await expect(run((tx) => applyPreset(tx, 'wild', 'member:1', NOON))).rejects.toThrow('unknown_preset')
  })
})
