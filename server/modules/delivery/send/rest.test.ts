import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { systemClock, toDate } from '#server/base/clock.ts'
import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { type TestDatabase, createTestDatabase } from '#server/testing/db.ts'
import {
  NOON,
  createAccount,
  createContact,
  createDelivery,
  createTenant,
  createUserAccount,
} from '#server/testing/factories.ts'

import { listAccountsWithWork } from './rest.store.ts'
import { createSendingService } from './sending-service.ts'

let database: TestDatabase
let db: Db

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.pool)
})

const resting = async (kind: 'bot' | 'user' = 'bot') => {
  const tenantId = await createTenant(db, { limits: { quiet_from_hour: 0, quiet_to_hour: 0 } })
  const accountId = await (kind === 'bot' ? createAccount(db, tenantId) : createUserAccount(db, tenantId))
  const deliver = async (dueAt: number, more: { readonly priority?: number } = {}) => {
    const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
    const id = await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, dueAt })
    if (more.priority !== undefined)
      await db.updateTable('delivery').set({ priority: more.priority }).where('id', '=', id).execute()
    return id
  }
  return { tenantId, accountId, repeats: kind === 'user', deliver }
}

describe('listAccountsWithWork', () => {
  it('names the accounts with something due, of any priority and any tenant, and no others', async () => {
    const [idle, later, due, low] = [await resting(), await resting(), await resting(), await resting()]
    await later.deliver(NOON + 1)
    await due.deliver(NOON)
    await low.deliver(NOON + HOUR_MS, { priority: 90 })
    await low.deliver(NOON - HOUR_MS, { priority: 10 })
    const found = await listAccountsWithWork(db, [idle, later, due, low], NOON)
    expect(new Set(found)).toEqual(new Set([due.accountId, low.accountId]))
    expect(await listAccountsWithWork(db, [later], NOON + 1)).toEqual([later.accountId])
    expect(await listAccountsWithWork(db, [idle], NOON + HOUR_MS)).toEqual([])
    expect(await listAccountsWithWork(db, [], NOON)).toEqual([])
  })

  it('leaves out what has ended', async () => {
    const account = await resting()
    const id = await account.deliver(NOON)
    const ended = { state: 'cancelled', reason: 'test', finished_at: toDate(NOON) } as const
    await db.updateTable('delivery').set(ended).where('id', '=', id).execute()
    expect(await listAccountsWithWork(db, [account], NOON)).toEqual([])
  })

  it('names a person’s own account while a send of the day is in doubt, and a bot never', async () => {
    const user = await resting('user')
    const id = await user.deliver(NOON)
    const at = toDate(NOON)
    const doubtful = { state: 'unknown', reason: 'timeout', reserved_at: at, finished_at: at } as const
    await db.updateTable('delivery').set(doubtful).where('id', '=', id).execute()
    const { tenantId: tenant_id, accountId: account_id } = user
    const attempt = { tenant_id, account_id, delivery_id: id, number: 1, random_id: 5, result: 'unknown' } as const
    await db
      .insertInto('attempt')
      .values({ ...attempt, started_at: toDate(NOON), finished_at: toDate(NOON), failure: 'timeout' })
      .execute()
    const find = (over: { readonly repeats?: boolean } = {}, at = NOON + MINUTE_MS) =>
      listAccountsWithWork(db, [{ ...user, ...over }], at)
    expect(await find()).toEqual([user.accountId])
    expect(await find({ repeats: false })).toEqual([])
    expect(await find({}, NOON + 25 * HOUR_MS)).toEqual([])
    await db.updateTable('attempt').set({ failure: 'random_id_used' }).where('delivery_id', '=', id).execute()
    expect(await find()).toEqual([])
  })
})

describe('createSendingService', () => {
  it('asks once for all resting accounts, and finds work that nobody told of', async () => {
    const accounts = await Promise.all(Array.from({ length: 20 }, () => resting()))
    const telegram = createFakeTelegram({ clock: systemClock })
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
    const service = createSendingService(
      { db, clock: systemClock, sender: telegram.sender, log },
      {
        connectionString: database.connectionString,
        holder: 'rest:1',
        log,
        lookEveryMs: 60_000,
        listAccounts: () =>
          Promise.resolve(
            accounts.map(({ tenantId, accountId }) => {
              const rest = { kind: 'bot', token: '1:AA', apiRoot: null, health: 'normal' } as const
              return { tenantId, accountId, ...rest }
            }),
          ),
      },
    )
    onTestFinished(() => service.stop())
    await service.start()
    let asked = 0
    const pool = database.pool as { query: unknown; connect: unknown }
    const { connect } = pool
    pool.connect = function count(...args: unknown[]) {
      asked += 1
      return (connect as (...rest: unknown[]) => unknown).apply(this, args)
    }
    onTestFinished(() => void (pool.connect = connect))
    // Each by itself would ask twice a second, for ever.
    const askedIn3s = async () => {
      asked = 0
      await systemClock.sleep(3_000)
      return asked
    }
    await expect.poll(askedIn3s, { timeout: 40_000 }).toBeLessThan(accounts.length)
    // Planned by somebody who died before the notice.
    await accounts[7]?.deliver(systemClock.now() - 1_000)
    await expect.poll(() => telegram.messages.length, { timeout: 10_000 }).toBe(1)
  })
})
