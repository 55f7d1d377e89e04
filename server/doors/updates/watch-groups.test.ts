import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { eraseContact } from '#server/modules/contacts/index.ts'
import { reportSpam, setProtectionLevel } from '#server/modules/groups/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { ayse, messageUpdate, supergroup } from './update-factories.suite.ts'
import { type UpdatesWorld, createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: UpdatesWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createUpdatesWorld(db)
})

const SECOND = Math.floor(NOON / 1_000)
const says = (text: string, seconds = 0, person = ayse) =>
  messageUpdate(text, { chat: supergroup, date: SECOND - 300 + seconds, person })
const findings = async () =>
  (await db.selectFrom('spam_finding').selectAll().where('tenant_id', '=', world.tenantId).orderBy('at').execute()).map(
    ({ pattern, measure }) => `${pattern} ${measure}`,
  )
const bora = { ...ayse, id: 777 }

describe('watchGroups', () => {
  it('logs patterns of what comes into groups, and never the text', async () => {
    await world.process(says('Alooooo!'), says('merhaba'), says('bahis https://x.bet', 1, bora))
    expect((await findings()).toSorted()).toEqual(['banned_link 1', 'repeated_character 5'])
    const rows = await db.selectFrom('spam_finding').selectAll().where('tenant_id', '=', world.tenantId).execute()
    expect(JSON.stringify(rows)).not.toMatch(/alo|bahis/i)
    expect(await world.replies()).toEqual([])
  })

  it('counts bursts of one person across batches, once a window, and not the messages of others', async () => {
    for (let i = 0; i < 4; i += 1) await world.process(says(`a${i}`, i * 5), says(`b${i}`, i * 5, bora))
    expect(await findings()).toEqual([])
    await world.process(says('a4', 25), says('a5', 26))
    expect(await findings()).toEqual(['burst 5'])
    await world.process(says('a6', 30))
    expect(await findings()).toEqual(['burst 5'])
    const later = Array.from({ length: 5 }, (_, i) => says(`c${i}`, 100 + i))
    await world.process(...later)
    expect(await findings()).toEqual(['burst 5', 'burst 5'])
  })

  it('finds the same once, applied twice or seen by two accounts', async () => {
    const update = says('Alooooo')
    await world.process(update)
    await db
      .updateTable('update_inbox')
      .set({ state: 'new', finished_at: null, payload: JSON.stringify(update.message) })
      .where('account_id', '=', world.accountId)
      .execute()
    await world.lane.drain()
    const second = await createAccount(db, world.tenantId)
    await world.receiveFor({ tenantId: world.tenantId, accountId: second }, [{ ...update, update_id: 5 }])
    await world.laneFor(world.tenantId, second).drain()
    expect(await findings()).toEqual(['repeated_character 5'])
  })

  it('leaves private messages alone', async () => {
    await world.process(messageUpdate('Alooooo bahis https://x.bet'))
    expect(await findings()).toEqual([])
  })

  it('sees more under stricter protection, and reports by group and pattern, to its tenant alone', async () => {
    const change = { level: 'custom', parameters: { repeatedCharacters: 3 }, words: ['rakip*'] } as const
    await inTenant(db, world.tenantId, (tx) => setProtectionLevel(tx, change, { by: 'test', at: NOON }))
    await world.process(says('Hımmm'), says('rakipler www.a.b', 1, bora), says('evettt', 2, bora))
    const period = { since: NOON - 600_000, until: NOON }
    const report = (tenant: number) => inTenant(db, tenant, (tx) => reportSpam(tx, period))
    expect(await report(world.tenantId)).toMatchObject([
      { title: 'Müşteriler', pattern: 'repeated_character', findings: 2, people: 2 },
      { pattern: 'banned_link', findings: 1, people: 1 },
    ])
    expect(await report(await createTenant(db))).toEqual([])
  })

  it('forgets findings of an erased person', async () => {
    await world.process(says('Alooooo'))
    const contact = await world.findAyse()
    await inTenant(db, world.tenantId, (tx) => eraseContact(tx, contact?.id ?? 0, { by: 'member:1', at: NOON }))
    expect(await findings()).toEqual([])
  })
})
