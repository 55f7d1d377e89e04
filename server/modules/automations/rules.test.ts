import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { RULE_OUTCOMES } from '#contract/words.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { AppError } from '#server/base/errors.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { Access } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { type RuleWorld, createRuleWorld, keywordRule, owner } from './automations.suite.ts'
import { checkRule } from './check-rule.rules.ts'
import { compileRule, inOrder } from './compile-rule.rules.ts'
import { decideRules } from './decide-rules.rules.ts'
import {
  addRule,
  editRule,
  explainRules,
  exportRules,
  getRule,
  importRules,
  listRules,
  reportRules,
  setRuleState,
} from './index.ts'
import type { Rule } from './rule.rules.ts'
import { compileKeywords, compileRegex, foldForMatch } from './text-match.rules.ts'

let db: Db
let world: RuleWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createRuleWorld(db)
})

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return ''
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

describe('compileKeywords', () => {
  const finds = (words: readonly string[], text: string, match: 'any' | 'all' = 'any') =>
    compileKeywords(words, match)(foldForMatch(text))

  it.each([
    [['İade'], 'IADE istiyorum', true],
    [['ısı'], 'ISI kaç?', true],
    [['sipariş'], 'SIPARIS nerede', true],
    [['kargo'], "kargo'nun durumu", true],
    [['kargo'], 'kargonun durumu', false],
    [['kargo*'], 'kargonun durumu', true],
    [['kargo ücreti'], 'Kargo   ücreti?!', true],
    [['kargo ücreti'], 'ücreti kargo', false],
    [['доставка'], 'Где ДОСТАВКА?', true],
    [['شحن'], 'شَحْن متى', true],
    [['at'], 'saat kaç', false],
  ])('finds whole words of %s in %s: %s', (words, text, found) => {
    expect(finds(words, text)).toBe(found)
  })

  it('asks for all words where it is told to', () => {
    expect(finds(['kargo', 'geç'], 'kargo geç geldi', 'all')).toBe(true)
    expect(finds(['kargo', 'geç'], 'kargo geldi', 'all')).toBe(false)
  })
})

describe('compileRegex', () => {
  it.each([
    ['(a', 'rule_regex_parentheses'],
    ['[a', 'rule_regex_class'],
    ['a{2000}', 'rule_regex_count'],
    ['*a', 'rule_regex_repetition'],
    [String.raw`(a)\1`, 'rule_regex_escape'],
    ['(?=a)', 'rule_regex_unsupported'],
    ['x{1000}x{1000}x{1000}', 'rule_regex_large'],
  ])('refuses %s with a reason of its own', (pattern, code) => {
    expect(codeOf(() => compileRegex(pattern, true))).toBe(code)
  })

  it('finds Turkish capitals without regard to case', () => {
    expect(compileRegex('^istanbul', true)(foldForMatch('İSTANBUL'))).toBe(true)
    expect(compileRegex('^istanbul', false)(foldForMatch('İSTANBUL'))).toBe(false)
  })

  it('takes time in proportion to the text, whatever the expression says', () => {
    const piece = fc.constantFrom('(a+)+', '(a|aa)+', '(a|a?)+', '(.*)*', String.raw`(\w+\s?)*`, '(a?){30}a{30}', 'b$')
    const text = foldForMatch('a'.repeat(4_095) + '!')
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const matches = compileRegex(`^${pieces.join('')}$`, true)
        const began = performance.now()
        matches(text)
        // What goes back and forth would take longer than anybody lives.
        expect(performance.now() - began).toBeLessThan(1_000)
      }),
      { numRuns: 60 },
    )
  })
})

describe('decideRules', () => {
  const rule = fc.record({
    id: fc.integer({ min: 1, max: 99 }),
    priority: fc.integer({ min: 1, max: 3 }),
    state: fc.constantFrom('enabled' as const, 'disabled' as const),
    goesOn: fc.boolean(),
    word: fc.constantFrom('a', 'b', 'c'),
    answers: fc.boolean(),
  })

  it('has one outcome for each rule, in one order, and fires none that is off or that comes after the end', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(rule, { selector: ({ id }) => id, maxLength: 12 }),
        fc.constantFrom('a', 'a b', 'a b c', 'd'),
        fc.integer(),
        (given, text, seed) => {
          const compiled = given.map(({ id, priority, state, goesOn, word, answers }) => {
            const actions = answers
              ? [{ kind: 'reply', texts: [{ locale: 'tr', text: 'x' }] }]
              : [{ kind: 'tag', add: ['x'] }]
            const { content } = checkRule({ ...keywordRule(word, 'x'), goesOn, actions }, 'Deneme')
            return compileRule({ ...content, id, priority, state } as Rule)
          })
          const happening = {
            kind: 'words',
            place: 'private',
            text,
            isAddressed: true,
            isFirst: false,
            at: NOON,
            timeZone: 'Europe/Istanbul',
          } as const
          const nobody = { segments: [], tags: [], consents: [], language: 'tr' } as const
          const history = { rules: new Map(), groupAnsweredAt: null, groupCooldownMs: 0, isRepeated: false }
          const decide = (rules: typeof compiled) => decideRules(inOrder(rules), happening, nobody, history)
          const verdicts = decide(compiled)
          const shuffled = compiled.toSorted((a, b) => ((a.rule.id * seed) % 7) - ((b.rule.id * seed) % 7))
          expect(decide(shuffled).map((v) => [v.rule.id, v.outcome])).toEqual(
            verdicts.map((v) => [v.rule.id, v.outcome]),
          )
          for (const { outcome } of verdicts) expect(RULE_OUTCOMES).toContain(outcome)
          const fired = verdicts.filter(({ outcome }) => outcome === 'fires').map((v) => v.rule)
          expect(fired.every(({ state }) => state === 'enabled')).toBe(true)
          expect(fired.slice(0, -1).every(({ goesOn }) => goesOn)).toBe(true)
          expect(fired.filter(({ actions }) => actions[0]?.kind === 'reply').length).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('checkRule', () => {
  const check = (over: object) => codeOf(() => checkRule({ ...keywordRule('kargo', 'Yolda'), ...over }, 'Deneme'))
  const says = (text: string) => ({ actions: [{ kind: 'reply', texts: [{ locale: 'tr', text }] }] })

  it.each([
    [{ trigger: { kind: 'command', command: '/start' } }, 'rule_command_reserved'],
    [{ trigger: { kind: 'command', command: 'iptal' } }, 'rule_command_reserved'],
    [{ trigger: { kind: 'command', command: 'kampanya var' } }, 'rule_command_form'],
    [{ trigger: { kind: 'keyword', words: ['!!'] } }, 'rule_keyword_empty'],
    [{ trigger: { kind: 'telepathy' } }, 'unknown_word'],
    [{ trigger: { kind: 'time', when: 'outside', from: '9', to: '18:00' } }, 'field_form'],
    [{ trigger: { kind: 'keyword', wordz: ['a'] } }, 'field_missing'],
    [{ trigger: { kind: 'join' }, scope: 'private' }, 'rule_scope'],
    [{ trigger: { kind: 'first_message' }, scope: 'group' }, 'rule_scope'],
    [{ scope: 'group', actions: [{ kind: 'hand_over' }] }, 'rule_action_in_group'],
    [{ actions: [{ kind: 'tag' }] }, 'tags_missing'],
    [{ actions: [{ kind: 'fly' }] }, 'unknown_word'],
    [{ colour: 'red' }, 'field_unknown'],
    [says('{{nobody}}'), 'rule_text'],
    [says('<b>kırık'), 'rule_text'],
    [says('Ben bir insanım, robot değilim'), 'rule_text'],
    [{ scope: 'group', ...says('{{attr.phone|x}}') }, 'rule_group_personal'],
  ])('refuses %j', (over, code) => {
    expect(check(over)).toBe(code)
  })

  it('warns of what a person should look at and names the possible kinds of triggers', () => {
    const { findings } = checkRule({ ...keywordRule('kargo', 'Merhaba {{first_name}}') }, 'Deneme')
    expect(findings).toMatchObject([{ code: 'fallback_missing', field: 'actions[0].texts[0].text' }])
    const refusal = () => checkRule({ ...keywordRule('a', 'b'), trigger: { kind: 'x' } }, 'Deneme')
    expect(refusal).toThrow(/keyword, regex, command, time/)
  })
})

describe('addRule', () => {
  it('keeps what was in force version by version, and makes no version of nothing', async () => {
    const { id } = await world.add(keywordRule('kargo', 'Yolda'))
    const edit = (change: object) => world.within((tx) => editRule(tx, { id, change: { ...change } }, owner))
    expect(await edit({ priority: 100 })).toMatchObject({ isChanged: false })
    expect(await edit({ priority: 200 })).toMatchObject({ rule: { version: 2, priority: 200 } })
    await world.within((tx) => setRuleState(tx, { id, state: 'disabled' }, owner))
    const { versions } = await world.within((tx) => getRule(tx, id, owner.access))
    expect(versions.map(({ version, priority, state }) => [version, priority, state])).toEqual([
      [3, 200, 'disabled'],
      [2, 200, 'enabled'],
      [1, 100, 'enabled'],
    ])
    await expect(world.add(keywordRule('kargo', 'Başka'))).rejects.toMatchObject({ code: 'rule_name_taken' })
    await world.within((tx) => setRuleState(tx, { id, state: 'removed' }, owner))
    await world.add(keywordRule('kargo', 'Başka'))
  })

  it('keeps out who may not change settings, strangers and other tenants', async () => {
    const { id } = await world.add(keywordRule('kargo', 'Yolda'))
    const given = keywordRule('iade', 'Olur')
    for (const access of [{ kind: 'member', role: 'agent' }, { kind: 'nobody' }] as readonly Access[]) {
      const actor = { ...owner, access }
      const refused = { kind: 'forbidden' }
      await expect(
        world.within((tx) => addRule(tx, { accountId: world.accountId, given }, actor)),
      ).rejects.toMatchObject(refused)
      await expect(world.within((tx) => editRule(tx, { id, change: {} }, actor))).rejects.toMatchObject(refused)
      await expect(world.within((tx) => setRuleState(tx, { id, state: 'removed' }, actor))).rejects.toMatchObject(
        refused,
      )
    }
    const nobody: Access = { kind: 'nobody' }
    await expect(world.within((tx) => listRules(tx, world.accountId, nobody))).rejects.toMatchObject({
      kind: 'forbidden',
    })
    const stranger = await createTenant(db)
    const there = <T>(work: Parameters<typeof inTenant<T>>[2]) => inTenant(db, stranger, work)
    await expect(there((tx) => getRule(tx, id, owner.access))).rejects.toMatchObject({ kind: 'not_found' })
    await expect(there((tx) => addRule(tx, { accountId: world.accountId, given }, owner))).rejects.toMatchObject({
      kind: 'not_found',
    })
  })
})

describe('explainRules', () => {
  it('says of each rule what it would do and why the others would not, and shows the answer', async () => {
    await world.add(keywordRule('kargo', 'Merhaba {{first_name|dostum}}', { contactCooldownMinutes: 60 }))
    await world.add(keywordRule('iade', 'x'))
    await world.add(keywordRule('kargo', 'x', { name: 'sonra' }))
    await world.add(keywordRule('kargo', 'x', { name: 'kapalı', isEnabled: false, priority: 900 }))
    const explain = (trial: object) =>
      world.within((tx) => explainRules(tx, world.accountId, 'kargo?', { at: NOON, ...trial }, owner.access))
    expect((await explain({})).map(({ rule, outcome, answer }) => [rule.name, outcome, answer?.text])).toEqual([
      ['kapalı', 'disabled', undefined],
      ['kargo', 'fires', 'Merhaba dostum'],
      ['iade', 'no_match', undefined],
      ['sonra', 'after_match', undefined],
    ])
    const { contactId } = world
    expect((await explain({ contactId }))[1]?.answer?.text).toBe('Merhaba Ayşe')
    await world.say('kargo')
    expect((await explain({ contactId })).map(({ outcome }) => outcome)).toEqual([
      'disabled',
      'contact_cooldown',
      'no_match',
      'fires',
    ])
    expect(await world.answers()).toHaveLength(1)
  })
})

describe('importRules', () => {
  it('takes back unchanged what was exported, adds, changes and removes, and names the place of a fault', async () => {
    await world.add(keywordRule('kargo', 'Yolda'))
    await world.add(keywordRule('iade', 'Olur', { priority: 7, isEnabled: false }))
    const { accountId } = world
    const take = (json: unknown, replaces = false) =>
      world.within((tx) => importRules(tx, { accountId, json, replaces }, owner))
    const file = await world.within((tx) => exportRules(tx, accountId, owner.access))
    expect(await take(JSON.parse(JSON.stringify(file)))).toMatchObject({ unchanged: ['kargo', 'iade'], added: [] })
    const rules = [keywordRule('kargo', 'Geldi'), keywordRule('saat', '9')]
    expect(await take({ ...file, rules }, true)).toMatchObject({
      added: ['saat'],
      changed: ['kargo'],
      removed: ['iade'],
    })
    const broken = [keywordRule('yeni', 'x'), { ...keywordRule('z', 'x'), trigger: { kind: 'regex', pattern: '(' } }]
    await expect(take({ ...file, rules: broken })).rejects.toMatchObject({
      code: 'rule_regex_parentheses',
      params: { field: 'rules[1].trigger.pattern' },
    })
    expect((await world.within((tx) => listRules(tx, accountId, owner.access))).map(({ name }) => name)).toEqual([
      'kargo',
      'saat',
    ])
  })
})

describe('reportRules', () => {
  it('counts firings by the tenant’s days', async () => {
    await world.add(keywordRule('kargo', 'Yolda'))
    // 22:30 UTC is the next day in Istanbul.
    for (const at of [NOON - 24 * HOUR_MS, NOON, NOON, NOON + 13.5 * HOUR_MS]) await world.say('kargo', { at })
    const report = await world.within((tx) =>
      reportRules(tx, { accountId: world.accountId, days: 3, at: NOON + 14 * HOUR_MS }, owner.access),
    )
    expect(report.days).toEqual(['2026-05-31', '2026-06-01', '2026-06-02'])
    expect(report.rules).toMatchObject([{ fired: 4, answers: 4, perDay: [1, 2, 1] }])
  })
})
