import { beforeAll, describe, expect, it } from 'vitest'

import { systemClock, toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { reserveSlots } from '../guard/reserve-slots.ts'
import { AccountLane } from './account-lane.ts'
import { createReply } from './reply.store.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const silent = { info: () => {}, error: () => {} }
const UNLIMITED = { perSecond: 1e6, burst: 1e6 }

const scene = async () => {
  const now = systemClock.now()
  const tenantId = await createTenant(db, { at: now, limits: { quiet_from_hour: 0, quiet_to_hour: 0 } })
  const accountId = await createAccount(db, tenantId)
  const telegram = createFakeTelegram({ clock: systemClock })
  const abort = new AbortController()
  const account = { tenantId, accountId, kind: 'bot', token: '1:AA', apiRoot: null } as const
  const openLane = (batchMax = 32) =>
    new AccountLane(
      { db, clock: systemClock, sender: telegram.sender, log: silent },
      { account, pace: UNLIMITED, inFlightMax: 64, batchMax, signal: abort.signal },
    )
  const lane = openLane()
  const deliver = async (more: { readonly text?: string } = {}) => {
    const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
    const id = await createDelivery(db, tenantId, {
      accountId,
      contactId,
      chatId: contactId,
      dueAt: now - 1_000,
      ...more,
    })
    return { id, contactId }
  }
  const read = (id: number) => db.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return { tenantId, accountId, telegram, lane, openLane, abort, deliver, read }
}

describe('AccountLane', () => {
  it('sends what is due once each, and writes the message, the counts and the outcome', async () => {
    const { tenantId, telegram, lane, deliver, read } = await scene()
    const sent = []
    for (let i = 0; i < 100; i++) sent.push(await deliver())
    await lane.drain()
    expect(telegram.messages).toHaveLength(100)
    expect(new Set(telegram.messages.map((m) => m.chatId)).size).toBe(100)
    const states = await db.selectFrom('delivery').select('state').where('tenant_id', '=', tenantId).execute()
    expect(new Set(states.map((s) => s.state))).toEqual(new Set(['sent']))
    const first = sent[0]!
    expect((await read(first.id)).telegram_message_id).not.toBeNull()
    const messages = await db.selectFrom('message').selectAll().where('delivery_id', '=', first.id).execute()
    expect(messages).toMatchObject([{ direction: 'out', contact_id: first.contactId }])
    const feature = await db
      .selectFrom('contact_feature')
      .select('outbound_count')
      .where('contact_id', '=', first.contactId)
      .executeTakeFirstOrThrow()
    expect(feature.outbound_count).toBe(1)
    const open = await db
      .selectFrom('attempt')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('finished_at', 'is', null)
      .execute()
    expect(open).toEqual([])
  })

  it('learns from a refusal that a person blocked the bot, and fails that delivery alone', async () => {
    const { telegram, lane, deliver, read, accountId } = await scene()
    const blocked = await deliver()
    const fine = await deliver()
    telegram.refuse(blocked.contactId, 'blocked')
    await lane.drain()
    expect(await read(blocked.id)).toMatchObject({ state: 'failed', reason: 'blocked' })
    expect(await read(fine.id)).toMatchObject({ state: 'sent' })
    const reach = await db
      .selectFrom('contact_account')
      .select('reachability')
      .where('contact_id', '=', blocked.contactId)
      .where('account_id', '=', accountId)
      .executeTakeFirstOrThrow()
    expect(reach.reachability).toBe('blocked')
  })

  it('gives the slot back and waits when Telegram says too many requests', async () => {
    const { telegram, lane, deliver, read, accountId } = await scene()
    const { id, contactId } = await deliver()
    telegram.failNext({ chatId: contactId, reason: 'flood_wait', retryAfterSeconds: 120 })
    await lane.drain()
    expect(await read(id)).toMatchObject({ state: 'deferred', reason: 'flood_wait', reserved_at: null })
    const account = await db
      .selectFrom('account')
      .select('waiting_until')
      .where('id', '=', accountId)
      .executeTakeFirstOrThrow()
    expect(account.waiting_until!.getTime()).toBeGreaterThan(systemClock.now() + 100_000)
    const late = await deliver()
    await lane.drain()
    expect(await read(late.id)).toMatchObject({ state: 'planned' })
    expect(telegram.messages).toHaveLength(0)
  })

  it('lets nothing leave after an announced wait, not even what the guard allowed while it was announced', async () => {
    const { telegram, openLane, deliver, read } = await scene()
    const deliveries = []
    for (let i = 0; i < 5; i++) deliveries.push(await deliver())
    telegram.failNext({ chatId: deliveries[0]!.contactId, reason: 'flood_wait', retryAfterSeconds: 120 })
    await openLane(1).drain()
    expect(telegram.messages).toHaveLength(0)
    for (const { id } of deliveries) expect(['planned', 'deferred']).toContain((await read(id)).state)
  })

  it('never sends again what may have arrived', async () => {
    const { telegram, lane, deliver, read } = await scene()
    const { id, contactId } = await deliver()
    telegram.failNext({ chatId: contactId, reason: 'timeout' })
    await lane.drain()
    await lane.drain()
    expect(await read(id)).toMatchObject({ state: 'unknown', reason: 'timeout' })
    expect(telegram.messages.filter((m) => m.chatId === contactId).length).toBeLessThanOrEqual(1)
  })

  it('tries again what provably never left', async () => {
    const { telegram, lane, openLane, deliver, read } = await scene()
    const { id, contactId } = await deliver()
    telegram.failNext({ chatId: contactId, reason: 'connection_refused' })
    await lane.drain()
    expect(await read(id)).toMatchObject({ state: 'deferred', reason: 'connection_refused' })
    await db
      .updateTable('delivery')
      .set({ due_at: toDate(systemClock.now() - 1) })
      .where('id', '=', id)
      .execute()
    await db.updateTable('account').set({ waiting_until: null }).execute()
    await openLane().drain()
    expect(await read(id)).toMatchObject({ state: 'sent', attempt_count: 2 })
    expect(telegram.messages).toHaveLength(1)
  })

  it('lists as unknown what a dead process had under way, and sends the rest', async () => {
    const { tenantId, accountId, telegram, lane, deliver, read } = await scene()
    const doubtful = await deliver()
    await inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId, now: systemClock.now(), limit: 1 }))
    const waiting = await deliver()
    await lane.drain()
    expect(await read(doubtful.id)).toMatchObject({ state: 'unknown', reason: 'process_ended' })
    expect(await read(waiting.id)).toMatchObject({ state: 'sent' })
    expect(telegram.messages).toHaveLength(1)
  })

  it('disconnects the account whose token was revoked and keeps its queue', async () => {
    const { telegram, lane, deliver, read, accountId } = await scene()
    const { id } = await deliver()
    telegram.refuseToken('1:AA', 'token_revoked')
    await lane.drain()
    expect(await read(id)).toMatchObject({ state: 'deferred', reason: 'account_unusable', reserved_at: null })
    const account = await db
      .selectFrom('account')
      .select(['state', 'state_reason'])
      .where('id', '=', accountId)
      .executeTakeFirstOrThrow()
    expect(account).toEqual({ state: 'disconnected', state_reason: 'token_revoked' })
  })

  it('answers an inbound message while it runs, and ends only when everything is recorded', async () => {
    const { tenantId, accountId, telegram, lane, abort, deliver } = await scene()
    for (let i = 0; i < 20; i++) await deliver()
    const running = lane.run()
    const contactId = await createContact(db, tenantId, { accountId })
    const replyId = await inTenant(db, tenantId, (tx) =>
      createReply(tx, {
        accountId,
        contactId,
        chatId: contactId,
        text: 'Buyurun',
        source: 'reply',
        messageClass: 'reply',
        dedupeKey: `reply-${contactId}`,
        at: systemClock.now(),
      }),
    )
    lane.wake()
    for (let i = 0; i < 200 && telegram.messages.length < 21; i++) await systemClock.sleep(25)
    abort.abort()
    await running
    expect(telegram.messages.some((m) => m.chatId === contactId)).toBe(true)
    const open = await db
      .selectFrom('delivery')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('state', '<>', 'sent')
      .execute()
    expect(open).toEqual([])
    expect(replyId).not.toBeNull()
  })
})
