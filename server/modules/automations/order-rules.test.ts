import { beforeEach, describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'

import { type RuleWorld, createRuleWorld, keywordRule, owner } from './automations.suite.ts'
import { editRule } from './change-rule.ts'
import { getRule, listRules } from './list-rules.ts'
import { orderRules } from './order-rules.ts'

const db = createDb((await createTestDatabase()).pool)
let world: RuleWorld

beforeEach(async () => {
  world = await createRuleWorld(db)
})

const order = (ids: readonly number[], actor: Parameters<typeof orderRules>[2] = owner) =>
  world.within((tx) => orderRules(tx, { accountId: world.accountId, ids }, actor))

describe('orderRules', () => {
  it('has rules asked in the wanted order, with a version for those that changed alone', async () => {
    const [a, b, c] = [
      await world.add(keywordRule('kargo', 'a')),
      await world.add(keywordRule('kargo', 'b', { name: 'b' })),
      await world.add(keywordRule('kargo', 'c', { name: 'c' })),
    ]
    expect((await order([c.id, a.id, b.id])).map(({ name, version }) => [name, version])).toEqual([
      ['c', 2],
      ['kargo', 1],
      ['b', 1],
    ])
    await world.say('kargo')
    expect(await world.answers()).toEqual(['c'])
    const { versions } = await world.within((tx) => getRule(tx, c.id, owner.access))
    expect(versions.map(({ priority }) => priority > 100)).toEqual([true, false])
    const audited = await db.selectFrom('audit_log').select('action').where('target', '=', `rule:${c.id}`).execute()
    expect(audited.map(({ action }) => action)).toEqual(['rule.added', 'rule.updated'])
  })

  it('is refused where the list is another by now, and to those who may not change settings', async () => {
    const { id } = await world.add(keywordRule('kargo', 'a'))
    const later = await world.add(keywordRule('iade', 'b'))
    for (const ids of [[id], [id, id], [id, later.id, 999_999], []])
      await expect(order(ids)).rejects.toMatchObject({ code: 'rules_moved_on' })
    const agent = { ...owner, access: { kind: 'member', role: 'agent' } } as const
    await expect(order([later.id, id], agent)).rejects.toMatchObject({ kind: 'forbidden' })
    const there = inTenant(db, await createTenant(db), (tx) =>
      orderRules(tx, { accountId: world.accountId, ids: [] }, owner),
    )
    await expect(there).rejects.toMatchObject({ kind: 'not_found' })
    expect((await world.within((tx) => listRules(tx, world.accountId, owner.access))).map((rule) => rule.id)).toEqual([
      id,
      later.id,
    ])
  })
})

describe('editRule', () => {
  it('changes only the version that was looked at, where one is named', async () => {
    const { id, version } = await world.add(keywordRule('kargo', 'Yolda'))
    const edit = (change: Readonly<Record<string, unknown>>) =>
      world.within((tx) => editRule(tx, { id, change, expectedVersion: version }, owner))
    expect((await edit({ priority: 200 })).rule.version).toBe(2)
    await expect(edit({ priority: 300 })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'rule_moved_on',
      params: { version: 2 },
    })
  })
})
