import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { activateSubscription, cancelSubscription } from '#server/modules/billing/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { reserveSlots } from './reserve-slots.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

describe('reserveSlots', () => {
  it('holds what leaves by itself from the end of the subscription, lets people answer, and goes on when it is renewed', async () => {
    const tenantId = await createTenant(db, { package: 'starter' })
    const accountId = await createAccount(db, tenantId)
    const write = async (isHuman: boolean) => {
      const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
      const options = { accountId, contactId, chatId: contactId, messageClass: 'reply', dueAt: NOON - 1 } as const
      const id = await createDelivery(db, tenantId, options)
      await db.updateTable('delivery').set({ is_human: isHuman }).where('id', '=', id).execute()
      return id
    }
    await inTenant(db, tenantId, (tx) => cancelSubscription(tx, { by: 'member:1', at: NOON }))
    const [automatic, typed] = [await write(false), await write(true)]
    const reserve = (now: number) => inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId, now, limit: 10 }))
    expect((await reserve(NOON)).reserved.map((r) => r.deliveryId)).toEqual([typed])
    const held = () =>
      db.selectFrom('delivery').select(['state', 'reason', 'due_at']).where('id', '=', automatic).executeTakeFirst()
    expect(await held()).toMatchObject({ state: 'deferred', reason: 'tenant_inactive' })

    const at = NOON + DAY_MS
    const payment = { tenantId, package: 'starter', periodDays: 30, paidMinor: 50_000, reference: 'YENILE1', at }
    await inTenant(db, tenantId, (tx) => activateSubscription(tx, payment))
    expect((await reserve(at)).reserved.map((r) => r.deliveryId)).toEqual([automatic])
  })

  it('stops at the instant of the end, before anything has written it down', async () => {
    const tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    const until = toDate(NOON + MINUTE_MS)
    await db.updateTable('tenant_limits').set({ automated_until: until }).where('tenant_id', '=', tenantId).execute()
    const contacts = [
      await createContact(db, tenantId, { accountId }),
      await createContact(db, tenantId, { accountId }),
    ]
    for (const [i, contactId] of contacts.entries()) {
      const dueAt = NOON + i * MINUTE_MS - 1
      await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, messageClass: 'reply', dueAt })
    }
    const reserve = (now: number) => inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId, now, limit: 10 }))
    expect((await reserve(NOON + MINUTE_MS - 1)).reserved).toHaveLength(2)
    await createDelivery(db, tenantId, {
      accountId,
      contactId: contacts[0] ?? 0,
      chatId: contacts[0] ?? 0,
      messageClass: 'reply',
      dueAt: NOON,
    })
    expect((await reserve(NOON + MINUTE_MS)).reserved).toEqual([])
  })
})
