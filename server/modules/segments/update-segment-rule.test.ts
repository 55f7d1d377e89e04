import { describe, expect, it } from 'vitest'

import { HOUR_MS } from '#server/base/duration.ts'
import { NOON } from '#server/testing/factories.ts'

import {
  assignSegments,
  listSegmentHistory,
  listSegmentRuleVersions,
  listSegmentRules,
  seedSegmentRules,
  updateSegmentRule,
} from './index.ts'
import { usePeople } from './people.suite.ts'

const { world, inside, createLurker, held } = usePeople()

describe('updateSegmentRule', () => {
  const loosen = (extra: object = {}) =>
    inside((tx) =>
      updateSegmentRule(tx, {
        segment: 'LURKER',
        conditions: [{ feature: 'memberDays', op: '>=', value: 30 }],
        baseConfidence: 70,
        changedBy: 'member:7',
        now: world.clock.now(),
        ...extra,
      }),
    )

  it('puts a new version in force, keeps the old one, and lets assignments follow', async () => {
    const id = await createLurker()
    await assignSegments(world.deps, world.tenantId, [id])
    expect(await loosen()).toMatchObject({ version: 2, revision: 2 })
    await world.clock.advance(HOUR_MS)
    await assignSegments(world.deps, world.tenantId, [id])
    expect(await held(id)).toEqual([])
    const versions = await inside((tx) => listSegmentRuleVersions(tx, 'LURKER'))
    expect(versions.map((v) => [v.version, v.changedBy])).toEqual([
      [2, 'member:7'],
      [1, 'system'],
    ])
    expect((await inside((tx) => listSegmentRules(tx))).find((r) => r.segment === 'LURKER')?.version).toBe(2)
    const [stay] = await inside((tx) => listSegmentHistory(tx, id, NOON))
    expect(stay?.reasons).toMatchObject({ kind: 'rule', version: 1, baseConfidence: 80 })
  })

  it('refuses to overwrite a version its author has not seen', async () => {
    await loosen({ expectedVersion: 1 })
    await expect(loosen({ expectedVersion: 1 })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'segment_rule_changed',
      params: { expected: 1, found: 2 },
    })
  })

  it('changes nothing when a condition is refused', async () => {
    const conditions = [{ feature: 'engagement', op: '>=', value: 300 }]
    await expect(loosen({ conditions })).rejects.toMatchObject({ params: { field: 'conditions[0].value' } })
    expect(await inside((tx) => listSegmentRuleVersions(tx, 'LURKER'))).toEqual([])
  })

  it('numbers concurrent changes one after the other', async () => {
    const changed = await Promise.all([loosen(), loosen({ segment: 'NEW_USER' }), loosen()])
    expect(changed.map((rule) => rule.revision).toSorted((a, b) => a - b)).toEqual([2, 3, 4])
  })
})

describe('seedSegmentRules', () => {
  it('gives twelve rules, and nothing to who has them', async () => {
    await world.db.transaction().execute((tx) => seedSegmentRules(tx, world.tenantId, NOON))
    await world.db.transaction().execute((tx) => seedSegmentRules(tx, world.tenantId, NOON + 1))
    const rules = await inside((tx) => listSegmentRules(tx))
    expect(rules).toHaveLength(12)
    expect(new Set(rules.map((rule) => rule.createdAt))).toEqual(new Set([NOON]))
  })
})
