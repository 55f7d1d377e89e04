import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { addRule } from '#server/modules/automations/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount } from '#server/testing/factories.ts'

import { ayse, memberUpdate, messageUpdate, supergroup } from './update-factories.suite.ts'
import { type UpdatesWorld, createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: UpdatesWorld

const SECOND = Math.floor(NOON / 1_000) - 60
const owner = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: NOON } as const

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createUpdatesWorld(db)
})

const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, world.tenantId, work)
const add = (given: object, accountId = world.accountId) => within((tx) => addRule(tx, { accountId, given }, owner))
const answer = (text: string) => [{ kind: 'reply', texts: [{ locale: 'tr', text }] }]
const answers = async () => {
  const rows = await db
    .selectFrom('delivery')
    .select(['content', 'account_id'])
    .where('tenant_id', '=', world.tenantId)
    .where('source', '=', 'rule')
    .orderBy('id')
    .execute()
  return rows.map(({ content, account_id }) => ({ text: (content as { text: string }).text, account: account_id }))
}
const texts = async () => (await answers()).map(({ text }) => text)
const inGroup = (text: string, person = ayse) => messageUpdate(text, { chat: supergroup, date: SECOND, person })

describe('answerByRule', () => {
  it('answers words, the tenant’s own commands and the first message, and never what every account answers itself', async () => {
    await add({ name: 'her şey', trigger: { kind: 'regex', pattern: '.' }, priority: 1, actions: answer('kural') })
    await add({ name: 'kampanya', trigger: { kind: 'command', command: 'kampanya' }, actions: answer('%10') })
    await add({ name: 'ilk', trigger: { kind: 'first_message' }, priority: 900, actions: answer('hoş geldin') })
    await world.process(messageUpdate('/start'), messageUpdate('/menu'), messageUpdate('DUR'))
    expect(await texts()).toEqual([])
    await world.process(messageUpdate('merhaba'), messageUpdate('/kampanya'), messageUpdate('fiyatlar?'))
    expect(await texts()).toEqual(['hoş geldin', '%10', 'kural'])
  })

  it('answers one update once, also when it comes again', async () => {
    await add({ name: 'kargo', trigger: { kind: 'keyword', words: ['kargo'] }, actions: answer('Yolda') })
    const update = messageUpdate('kargo')
    await world.process(update, update)
    await world.process(update)
    expect(await texts()).toEqual(['Yolda'])
  })
})

describe('answerGroupByRule', () => {
  const keyword = (reach: 'addressed' | 'everything') => ({
    name: `kargo ${reach}`,
    trigger: { kind: 'keyword', words: ['kargo'] },
    scope: 'group',
    groupReach: reach,
    actions: answer('Yolda'),
  })

  it('answers in a group what mentions the account, and other words only where the rule says so', async () => {
    await add(keyword('addressed'))
    const { username } = await db
      .selectFrom('account')
      .select('username')
      .where('id', '=', world.accountId)
      .executeTakeFirstOrThrow()
    const mention = `@${username}`
    const called = inGroup(`${mention} kargo nerede`)
    Object.assign(called.message, { entities: [{ type: 'mention', offset: 0, length: mention.length }] })
    await world.process(inGroup('kargo geldi mi'), called)
    expect(await texts()).toEqual(['Yolda'])
    await add({ ...keyword('everything'), name: 'herkese', actions: answer('Herkese'), chatCooldownMinutes: 0 })
    await world.process(inGroup('kargo geldi mi'))
    expect((await texts()).at(-1)).toBe('Yolda')
  })

  it('follows people who come and go, and no bot', async () => {
    await add({ name: 'gelen', trigger: { kind: 'join' }, actions: answer('Hoş geldin {{first_name|dost}}') })
    await add({ name: 'giden', trigger: { kind: 'leave' }, actions: answer('Güle güle') })
    const at = (update: ReturnType<typeof memberUpdate>) => {
      update.chat_member.date = SECOND
      return update
    }
    await world.process(at(memberUpdate('left', 'member')), at(memberUpdate('member', 'left')))
    expect(await texts()).toEqual(['Hoş geldin Ayşe', 'Güle güle'])
    await world.process(at(memberUpdate('left', 'member', { person: { ...ayse, id: 999, is_bot: true } })))
    expect(await texts()).toHaveLength(2)
  })

  it('never lets two of our accounts in one group answer each other, whatever each says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ first: fc.boolean(), says: fc.constantFrom('ping', 'pong', 'ping pong') }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (turns) => {
          world = await createUpdatesWorld(db)
          const other = await createAccount(db, world.tenantId)
          const ids = [world.accountId, other]
          const lanes = [world.lane, world.laneFor(world.tenantId, other)]
          const rule = { scope: 'group', groupReach: 'everything' } as const
          for (const accountId of ids)
            await add(
              { name: 'a', trigger: { kind: 'regex', pattern: 'ping|pong' }, ...rule, actions: answer('ping pong') },
              accountId,
            )
          for (const { first, says } of turns) {
            const [speaker, hearer] = first ? [0, 1] : [1, 0]
            const bot = { ...ayse, id: 7_000_000 + (ids[speaker] ?? 0), is_bot: true }
            await world.receiveFor({ tenantId: world.tenantId, accountId: ids[hearer] ?? 0 }, [inGroup(says, bot)])
            await lanes[hearer]?.drain()
          }
          expect(await answers()).toEqual([])
          await world.process(inGroup('ping'))
          expect(await texts()).toEqual(['ping pong'])
        },
      ),
      { numRuns: 8 },
    )
  })
})
