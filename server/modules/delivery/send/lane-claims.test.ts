import { beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { LaneClaims } from './lane-claims.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

type Work = (tx: unknown) => Promise<unknown>

/** The connection is cut once: before the commit arrived, or after it happened and before anybody heard of it. */
const cutOnce = (when: 'before the commit' | 'after the commit'): Db => {
  let isCut = false
  const execute = async (work: Work) => {
    if (isCut) return db.transaction().execute(work)
    isCut = true
    await db.transaction().execute(async (tx) => {
      await work(tx)
      if (when === 'before the commit') throw new Error('connection cut')
    })
    throw new Error('connection cut')
  }
  return { transaction: () => ({ execute }) } as unknown as Db
}

const scene = async (broken: Db) => {
  const now = systemClock.now()
  const tenantId = await createTenant(db, { at: now, limits: { quiet_from_hour: 0, quiet_to_hour: 0 } })
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
  const id = await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, dueAt: now - 1_000 })
  const { sender } = createFakeTelegram({ clock: systemClock })
  const log = { info: () => {}, error: () => {} }
  const account = { tenantId, accountId, kind: 'bot', token: '1:AA', apiRoot: null } as const
  return { id, claims: new LaneClaims({ db: broken, clock: systemClock, sender, log }, account) }
}

const attemptsOf = (deliveryId: number) =>
  db
    .selectFrom('attempt')
    .select(['number', 'result', 'failure'])
    .where('delivery_id', '=', deliveryId)
    .orderBy('number')
    .execute()

describe('LaneClaims', () => {
  it('takes back and claims again what it had claimed without hearing of it, since none of it was sent', async () => {
    const { id, claims } = await scene(cutOnce('after the commit'))
    await expect(claims.claim(10, systemClock.now(), false)).rejects.toThrow('connection cut')
    expect(await attemptsOf(id)).toEqual([{ number: 1, result: null, failure: null }])
    const again = await claims.claim(10, systemClock.now(), false)
    expect(again.reserved).toMatchObject([{ deliveryId: id, attemptNumber: 2 }])
    expect(await attemptsOf(id)).toEqual([
      { number: 1, result: 'retry', failure: 'aborted_before_leaving' },
      { number: 2, result: null, failure: null },
    ])
  })

  it('claims as if nothing had been when the claim was rolled back', async () => {
    const { id, claims } = await scene(cutOnce('before the commit'))
    await expect(claims.claim(10, systemClock.now(), false)).rejects.toThrow('connection cut')
    const again = await claims.claim(10, systemClock.now(), false)
    expect(again.reserved).toMatchObject([{ deliveryId: id, attemptNumber: 1 }])
    expect(await attemptsOf(id)).toEqual([{ number: 1, result: null, failure: null }])
  })
})
