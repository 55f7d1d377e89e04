import { beforeEach, describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { type RuleWorld, createRuleWorld, keywordRule, owner } from './automations.suite.ts'
import { NEW_RULE_ID, draftRule } from './draft-rule.ts'
import { explainRules } from './explain-rules.ts'
import { listRules } from './list-rules.ts'

const db = createDb((await createTestDatabase()).pool)
let world: RuleWorld

beforeEach(async () => {
  world = await createRuleWorld(db)
})

/** What the account's rules would do with the draft among them. */
const attempt = (id: number | null, given: object, text = 'kargo nerede') =>
  world.within(async (tx) => {
    const { accountId } = world
    const { rule, answers, findings } = await draftRule(tx, { accountId, id, given, at: NOON }, owner.access)
    const explained = await explainRules(tx, accountId, text, { at: NOON, draft: rule }, owner.access)
    return { answers, findings, explained: explained.map((one) => [one.rule.id, one.outcome, one.answer?.text]) }
  })

describe('draftRule', () => {
  it('is asked beside the others as if it had been saved, and is not', async () => {
    const { id } = await world.add(keywordRule('kargo', 'Yolda'))
    const draft = keywordRule('kargo*', 'Merhaba {{first_name|dostum}}', { name: 'yeni', priority: 200 })
    const { answers, explained } = await attempt(null, draft)
    expect(explained).toEqual([
      [NEW_RULE_ID, 'fires', 'Merhaba dostum'],
      [id, 'after_match', undefined],
    ])
    expect(answers).toMatchObject([{ locale: 'tr', message: { text: 'Merhaba dostum' } }])
    // Of equals the one that stands already is asked first.
    const younger = await attempt(null, { ...draft, priority: 100 })
    expect(younger.explained.map(([, outcome]) => outcome)).toEqual(['fires', 'after_match'])
    expect(younger.explained[0]?.[0]).toBe(id)
    const { accountId, say } = world
    expect(await world.within((tx) => listRules(tx, accountId, owner.access))).toHaveLength(1)
    await say('kargo')
    expect(await world.answers()).toEqual(['Yolda'])
  })

  it('stands in place of the rule that is edited, and is refused where it could not be saved', async () => {
    const { id } = await world.add(keywordRule('kargo', 'Yolda'))
    expect((await attempt(id, keywordRule('iade', 'x'))).explained).toEqual([[id, 'no_match', undefined]])
    await expect(
      attempt(id, { name: 'x', trigger: { kind: 'regex', pattern: '(' }, actions: [] }),
    ).rejects.toMatchObject({ code: 'field_small', params: { field: 'actions' } })
    const other = await createRuleWorld(db)
    const theirs = await other.add(keywordRule('kargo', 'x'))
    await expect(attempt(theirs.id, keywordRule('kargo', 'x'))).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('is refused to those who may not see settings', async () => {
    const given = keywordRule('kargo', 'x')
    const draft = world.within((tx) =>
      draftRule(tx, { accountId: world.accountId, id: null, given, at: NOON }, { kind: 'member', role: 'billing' }),
    )
    await expect(draft).rejects.toMatchObject({ kind: 'forbidden' })
  })
})
