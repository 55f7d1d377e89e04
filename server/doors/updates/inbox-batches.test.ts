import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { translatorsOf } from '#server/base/translate.ts'
import type { Lease } from '#server/db/lease.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount } from '#server/testing/factories.ts'

import { InboxBatches } from './inbox-batches.ts'
import { ayse, callbackUpdate, messageUpdate } from './update-factories.suite.ts'
import { type UpdatesWorld, createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: UpdatesWorld
let accountIds: readonly number[]

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  world = await createUpdatesWorld(db)
  const more = [await createAccount(db, world.tenantId), await createAccount(db, world.tenantId)]
  accountIds = [world.accountId, ...more]
})

const receive = (accountId: number, ...updates: unknown[]) =>
  world.receiveFor({ tenantId: world.tenantId, accountId }, updates)

/** Has all accounts applied by lanes that share what they do. */
const drainTogether = (leases: ReadonlyMap<number, Lease> = new Map()) => {
  const batches = new InboxBatches({ db, translator: translatorsOf('bot'), now: () => NOON })
  const lanes = accountIds.map((id) =>
    world.laneFor(world.tenantId, id, { batches, lease: leases.get(id) ?? null }).drain(),
  )
  return Promise.allSettled(lanes)
}

const inbox = () =>
  db
    .selectFrom('update_inbox')
    .select(['account_id as accountId', 'state', sql<string>`xmin::text`.as('xmin')])
    .where('tenant_id', '=', world.tenantId)
    .orderBy('account_id')
    .orderBy('update_id')
    .execute()
const stateOf = async (accountId: number) =>
  (await inbox()).filter((row) => row.accountId === accountId).map((row) => row.state)
const messages = () =>
  db
    .selectFrom('message')
    .select(['account_id as accountId', 'text'])
    .where('tenant_id', '=', world.tenantId)
    .orderBy('account_id')
    .orderBy('id')
    .execute()

describe('InboxBatches', () => {
  it('applies what waits for several accounts in fewer transactions, each of them in order', async () => {
    for (const accountId of accountIds)
      await receive(
        accountId,
        ...['bir', 'iki', 'üç'].map((text, i) =>
          messageUpdate(text, { id: 10 + i, person: { ...ayse, id: 1_000 + accountId } }),
        ),
      )
    await drainTogether()
    const rows = await inbox()
    expect(rows.map(({ state }) => state)).toEqual(Array.from({ length: 9 }, () => 'done'))
    // The first account begins at once; the others come together meanwhile.
    expect(new Set(rows.map(({ xmin }) => xmin)).size).toBe(2)
    expect(await messages()).toEqual(
      accountIds.flatMap((accountId) => ['bir', 'iki', 'üç'].map((text) => ({ accountId, text }))),
    )
  })

  it('answers one person at each account they wrote to, from that account', async () => {
    for (const accountId of accountIds) await receive(accountId, messageUpdate('/menu', { id: 7 }))
    await drainTogether()
    const rows = await db
      .selectFrom('delivery')
      .select('account_id')
      .where('tenant_id', '=', world.tenantId)
      .orderBy('account_id')
      .execute()
    expect(rows.map((row) => row.account_id)).toEqual(accountIds)
  })

  it('parks what one account cannot apply, and applies what came to the others', async () => {
    const [first = 0, bad = 0, last = 0] = accountIds
    await receive(first, messageUpdate('selam', { id: 1 }))
    await receive(bad, { update_id: 2, message: { chat: 'nonsense', from: ayse } }, messageUpdate('sonra', { id: 3 }))
    await receive(last, messageUpdate('merhaba', { id: 4 }))
    await drainTogether()
    expect(await stateOf(first)).toEqual(['done'])
    expect(await stateOf(bad)).toEqual(['parked', 'done'])
    expect(await stateOf(last)).toEqual(['done'])
  })

  it('writes nothing for an account whose lease is lost, and what there is for the others', async () => {
    const [first = 0, lost = 0, last = 0] = accountIds
    for (const accountId of accountIds) await receive(accountId, messageUpdate('selam', { id: 1 }))
    const { tenantId } = world
    const lease: Lease = { tenantId, accountId: lost, purpose: 'updates', holder: 'ended', fence: 1 }
    const ends = await drainTogether(new Map([[lost, lease]]))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(ends[1]).toMatchObject({ reason: { code: 'lease_lost' } })
    expect([await stateOf(first), await stateOf(lost), await stateOf(last)]).toEqual([['done'], ['new'], ['done']])
  })

  it('applies an erasure in a transaction of its own: it would sweep up what the person says to another account', async () => {
    const [first = 0, erasing = 0, last = 0] = accountIds
    for (const accountId of [first, last])
      await receive(accountId, messageUpdate('selam', { id: 1, person: { ...ayse, id: 2_000 + accountId } }))
    await receive(erasing, messageUpdate('merhaba', { id: 2 }), callbackUpdate('0.erase_yes', { id: 3 }))
    await drainTogether()
    const rows = await inbox()
    const writersOf = (ids: readonly number[]) =>
      rows.filter(({ accountId }) => ids.includes(accountId)).map(({ xmin }) => xmin)
    expect(rows.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done'])
    for (const writer of writersOf([erasing])) expect(writersOf([first, last])).not.toContain(writer)
  })
})
