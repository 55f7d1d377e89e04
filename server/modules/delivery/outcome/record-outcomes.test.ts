import { beforeAll, describe, expect, it } from 'vitest'

import { systemClock, toDate } from '#server/base/clock.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { addEndpoint } from '#server/modules/webhooks/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createAccount, createContact, createDelivery, createTenant, ownerAt } from '#server/testing/factories.ts'

import { reserveSlots } from '../guard/reserve-slots.ts'
import { closeOrphanedAttempts } from './outcome.store.ts'
import { recordOutcomes } from './record-outcomes.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async () => {
  const now = systemClock.now()
  const tenantId = await createTenant(db, { at: now, limits: { quiet_from_hour: 0, quiet_to_hour: 0 } })
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
  await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, dueAt: now - 1_000 })
  const claim = () => inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId, now: systemClock.now(), limit: 1 }))
  const record = (delivery: Awaited<ReturnType<typeof claim>>['reserved'][number]) =>
    inTenant(db, tenantId, (tx) =>
      recordOutcomes(tx, [{ delivery, result: { kind: 'sent', messageId: 7 }, at: systemClock.now() }]),
    )
  const read = async () => {
    const delivery = await db
      .selectFrom('delivery')
      .select(['state', 'reason'])
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow()
    const messages = await db.selectFrom('message').select('text').where('tenant_id', '=', tenantId).execute()
    const { outbound_count } = await db
      .selectFrom('contact_feature')
      .select('outbound_count')
      .where('contact_id', '=', contactId)
      .executeTakeFirstOrThrow()
    return { ...delivery, messages: messages.length, outbound: outbound_count }
  }
  return { tenantId, accountId, claim, record, read }
}

describe('recordOutcomes', () => {
  it('writes an outcome once when it is recorded twice', async () => {
    const { claim, record, read } = await scene()
    const [delivery] = (await claim()).reserved
    await record(delivery!)
    await record(delivery!)
    expect(await read()).toEqual({ state: 'sent', reason: null, messages: 1, outbound: 1 })
  })

  it('tells programs of the tenant what left, once, and only where one wants to know', async () => {
    const [told, quiet] = [await scene(), await scene()]
    const input = { name: 'Depo', url: 'https://hooks.example.com/in', kinds: ['message.sent'] }
    const deps = { box: secretBox(randomKey()), arePrivateAllowed: false }
    await inTenant(db, told.tenantId, (tx) => addEndpoint(tx, deps, input, ownerAt(systemClock.now())))
    for (const { claim, record } of [told, quiet]) {
      const [delivery] = (await claim()).reserved
      await record(delivery!)
      await record(delivery!)
    }
    const events = await db
      .selectFrom('domain_event')
      .select(['tenant_id', 'payload'])
      .where('type', '=', 'delivery.ended')
      .execute()
    expect(events).toMatchObject([
      {
        tenant_id: told.tenantId,
        payload: { deliveries: [{ accountId: told.accountId, state: 'sent', reason: null }] },
      },
    ])
  })

  it('leaves in doubt what recovery has listed as unknown', async () => {
    const { tenantId, accountId, claim, record, read } = await scene()
    const [delivery] = (await claim()).reserved
    await inTenant(db, tenantId, (tx) => closeOrphanedAttempts(tx, accountId, systemClock.now()))
    await record(delivery!)
    expect(await read()).toEqual({ state: 'unknown', reason: 'process_ended', messages: 0, outbound: 0 })
  })

  it('pauses the campaign whose wording Telegram refuses', async () => {
    const { tenantId, accountId, claim } = await scene()
    const { id: campaignId } = await db
      .insertInto('campaign')
      .values({
        tenant_id: tenantId,
        name: 'Bozuk',
        kind: 'broadcast',
        state: 'running',
        account_id: accountId,
        steps: '[]',
        created_at: toDate(systemClock.now()),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await db.updateTable('delivery').set({ campaign_id: campaignId }).where('tenant_id', '=', tenantId).execute()
    const [delivery] = (await claim()).reserved
    const outcome = {
      delivery: delivery!,
      result: { kind: 'rejected', reason: 'markup_broken', errorCode: 400 },
      at: systemClock.now(),
    } as const
    await inTenant(db, tenantId, (tx) => recordOutcomes(tx, [outcome]))
    const campaign = await db
      .selectFrom('campaign')
      .select('state')
      .where('id', '=', campaignId)
      .executeTakeFirstOrThrow()
    expect(campaign.state).toBe('paused')
  })
})
