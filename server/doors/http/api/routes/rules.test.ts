import { beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { type RuleWorld, createRuleWorld, keywordRule } from '#server/modules/automations/automations.suite.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember } = openTestApi(db, clock)

interface Rule {
  readonly id: number
  readonly name: string
  readonly version: number
  readonly [more: string]: unknown
}
interface Answer {
  readonly rule?: Rule
  readonly items?: readonly Rule[]
  readonly verdicts?: readonly { readonly id: number | null; readonly name: string; readonly outcome: string }[]
  readonly [more: string]: unknown
}

let world: RuleWorld
let owner: Awaited<ReturnType<typeof addMember<Answer>>>

beforeEach(async () => {
  world = await createRuleWorld(db)
  owner = await addMember<Answer>(world.tenantId, 'owner')
})

const kargo = (text: string, over: object = {}) => ({
  name: 'kargo',
  trigger: { kind: 'keyword', words: ['kargo*'], match: 'any' },
  actions: [{ kind: 'reply', texts: [{ locale: 'tr', text, buttons: [] }] }],
  ...over,
})
const create = async (text: string, over: object = {}) => {
  const { status, rule, ...more } = await owner.call('POST', 'rules', {
    accountId: world.accountId,
    ...kargo(text, over),
  })
  if (!rule) throw new Error(JSON.stringify({ status, ...more }))
  return rule
}
const list = async () => (await owner.call('GET', `rules?accountId=${world.accountId}`)).items ?? []

describe('rules', () => {
  it('are made with the defaults of their trigger, answer at once, and are listed with how often they did', async () => {
    const rule = await create('Yolda {{first_name}}', { contactCooldownMinutes: 60 })
    expect(rule).toMatchObject({ isEnabled: true, priority: 100, scope: 'private', marksAnswered: true, version: 1 })
    await world.say('kargom nerede')
    expect(await world.answers()).toEqual(['Yolda Ayşe'])
    expect(await list()).toMatchObject([{ id: rule.id, fired: 1, answers: 1 }])
    const { findings } = await owner.call('POST', 'rules', {
      accountId: world.accountId,
      ...kargo('Selam {{first_name}}', { name: 'b' }),
    })
    expect(findings).toMatchObject([{ code: 'fallback_missing', severity: 'warning', field: 'actions[0].texts[0].text', detail: expect.stringContaining('first_name') }]) // prettier-ignore
  })

  it('are changed field by field by whoever saw them as they are', async () => {
    const { id, version } = await create('Yolda')
    const change = (part: object, expectedVersion = version) =>
      owner.call('PATCH', `rules/${id}`, { ...part, expectedVersion })
    expect((await change({ priority: 300 })).rule).toMatchObject({ priority: 300, version: 2, name: 'kargo' })
    expect(await change({ priority: 1 })).toMatchObject({ status: 409, code: 'rule_moved_on' })
    expect((await change({ maxPerDay: 5 }, 2)).rule).toMatchObject({ priority: 300, maxPerDay: 5 })
    const { versions } = await owner.call('GET', `rules/${id}`)
    expect(versions).toMatchObject([{ version: 3 }, { version: 2 }, { version: 1, changedBy: `member:${owner.id}` }])
  })

  it('are switched off and on, ordered and removed; each is in the audit log', async () => {
    const [a, b] = [await create('a'), await create('b', { name: 'b' })]
    expect(await owner.call('PUT', `rules/${a.id}/state`, { isEnabled: false })).toMatchObject({ isEnabled: false })
    await world.say('kargo')
    expect(await owner.call('PUT', `rules/${a.id}/state`, { isEnabled: true })).toMatchObject({ isEnabled: true })
    const order = (ids: readonly number[]) => owner.call('PUT', 'rules/order', { accountId: world.accountId, ids })
    expect((await order([b.id, a.id])).items?.map(({ name }) => name)).toEqual(['b', 'kargo'])
    expect(await order([b.id])).toMatchObject({ status: 409, code: 'rules_moved_on', field: 'ids' })
    expect(await owner.call('DELETE', `rules/${b.id}`)).toMatchObject({ status: 200 })
    expect(await owner.call('GET', `rules/${b.id}`)).toMatchObject({ status: 404 })
    expect((await list()).map(({ id }) => id)).toEqual([a.id])
    expect(await world.answers()).toEqual(['b'])
    const audit = await db
      .selectFrom('audit_log')
      .select('action')
      .where('target', '=', `rule:${a.id}`)
      .orderBy('id')
      .execute()
    expect(audit.map(({ action }) => action).slice(0, 3)).toEqual(['rule.added', 'rule.disabled', 'rule.enabled'])
  })

  it('say which field is wrong and how to mend it, whether saved or tried', async () => {
    for (const [over, field, code] of [
      [{ name: ' ' }, 'name', 'field_small'],
      [{ priority: 2_000 }, 'priority', 'field_large'],
      [{ trigger: { kind: 'keyword', words: [], match: 'any' } }, 'trigger.words', 'field_small'],
      [{ trigger: { kind: 'regex', pattern: '(', ignoreCase: true } }, 'trigger.pattern', 'rule_regex_parentheses'],
      [{ trigger: { kind: 'command', command: 'stop' } }, 'trigger.command', 'rule_command_reserved'],
      [{ trigger: { kind: 'join' }, scope: 'private' }, 'scope', 'rule_scope'],
      [{ scope: 'group', actions: [{ kind: 'hand_over' }] }, 'actions[0].kind', 'rule_action_in_group'],
    ] as const) {
      const given = kargo('x', over)
      const saved = await owner.call('POST', 'rules', { accountId: world.accountId, ...given })
      expect(saved).toMatchObject({ status: 400, field, code })
      const trial = { accountId: world.accountId, text: 'x', draft: { id: null, ...given } }
      expect(await owner.call('POST', 'rules/try', trial)).toMatchObject({ status: 400, field, code })
    }
    const broken = { accountId: world.accountId, ...kargo('Selam <b>') }
    const refused = await owner.call('POST', 'rules', broken)
    expect(refused).toMatchObject({ status: 400, code: 'rule_text', field: 'actions[0].texts[0].text' })
    expect(refused['detail']).toContain('Telegram bu HTML')
    await create('x')
    expect(await owner.call('POST', 'rules', { accountId: world.accountId, ...kargo('y') })).toMatchObject({
      status: 409,
      field: 'name',
    })
  })

  it('are tried with a sentence, a draft among them, and nothing is sent or saved', async () => {
    const { id } = await create('Yolda')
    await world.add(keywordRule('iade', 'x', { isEnabled: false }))
    const attempt = (body: object) => owner.call('POST', 'rules/try', { accountId: world.accountId, ...body })
    expect((await attempt({ text: 'Kargom nerede?' })).verdicts).toMatchObject([
      { id, outcome: 'fires', answer: { text: 'Yolda' } },
      { name: 'iade', outcome: 'disabled', answer: null },
    ])
    const draft = { id: null, ...kargo('Merhaba {{first_name|siz}} & hoş geldiniz', { name: 'yeni', priority: 900 }) }
    const tried = await attempt({ text: 'kargo', draft })
    expect(tried.verdicts?.map(({ id: of, outcome }) => [of, outcome])).toEqual([
      [null, 'fires'],
      [id, 'after_match'],
      [expect.any(Number), 'disabled'],
    ])
    expect(tried['draft']).toMatchObject({ answers: [{ locale: 'tr', text: 'Merhaba siz & hoş geldiniz' }] })
    const joined = { kind: 'join', place: 'group', draft: { ...draft, trigger: { kind: 'join' }, scope: 'group' } }
    expect((await attempt({ text: '', ...joined })).verdicts?.[0]).toMatchObject({ id: null, outcome: 'fires' })
    expect(await world.answers()).toEqual([])
    expect(await list()).toHaveLength(2)
  })

  it('of another tenant are not there, and are changed by those who may', async () => {
    const { id } = await create('Yolda')
    const there = await addMember<Answer>(await createTenant(db), 'owner')
    const agent = await addMember<Answer>(world.tenantId, 'agent')
    for (const [method, path, body] of [
      ['GET', `rules?accountId=${world.accountId}`, undefined],
      ['GET', `rules/${id}`, undefined],
      ['POST', 'rules/try', { accountId: world.accountId, text: 'kargo' }],
      ['POST', 'rules', { accountId: world.accountId, ...kargo('x', { name: 'b' }) }],
      ['PATCH', `rules/${id}`, { name: 'b', expectedVersion: 1 }],
      ['PUT', `rules/${id}/state`, { isEnabled: false }],
      ['PUT', 'rules/order', { accountId: world.accountId, ids: [id] }],
      ['DELETE', `rules/${id}`, undefined],
    ] as const) {
      expect([path, await there.call(method, path, body)]).toMatchObject([path, { status: 404 }])
      const isLook = method === 'GET' || path === 'rules/try'
      expect([path, await agent.call(method, path, body)]).toMatchObject([path, { status: isLook ? 200 : 403 }])
    }
    expect(await list()).toMatchObject([{ name: 'kargo', isEnabled: true, version: 1 }])
  })
})
