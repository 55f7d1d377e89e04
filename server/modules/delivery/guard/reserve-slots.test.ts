import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { addEndpoint } from '#server/modules/webhooks/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import {
  NOON,
  type DeliveryOptions,
  type TenantOptions,
  createAccount,
  createContact,
  createDelivery,
  createTenant,
  ownerAt,
} from '#server/testing/factories.ts'

import { reserveSlots } from './reserve-slots.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async (limits: TenantOptions['limits'] = {}) => {
  const tenantId = await createTenant(db, { limits: { outreach_cooldown_minutes: 0, ...limits } })
  const accountId = await createAccount(db, tenantId)
  const person = (consents: readonly ('marketing' | 'night_hours')[] = ['marketing']) =>
    createContact(db, tenantId, { accountId, consents })
  const deliver = (contactId: number, more: Partial<DeliveryOptions> = {}) =>
    createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, ...more })
  const reserve = (now = NOON, limit = 100, account = accountId) =>
    inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId: account, now, limit }))
  const read = (id: number) => db.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return { tenantId, accountId, person, deliver, reserve, read }
}

describe('reserveSlots', () => {
  it('reserves a due delivery, opens its attempt and gives back what to send', async () => {
    const { person, deliver, reserve, read } = await scene()
    const id = await deliver(await person(), { text: 'Merhaba' })
    const { reserved } = await reserve()
    expect(reserved).toMatchObject([{ deliveryId: id, attemptNumber: 1, content: { text: 'Merhaba' } }])
    expect(await read(id)).toMatchObject({ state: 'reserved', reserved_at: toDate(NOON), attempt_count: 1 })
    const attempt = await db.selectFrom('attempt').selectAll().where('delivery_id', '=', id).executeTakeFirstOrThrow()
    expect(attempt).toMatchObject({ number: 1, finished_at: null })
  })

  it('leaves what is not due, and takes replies first', async () => {
    const { person, deliver, reserve } = await scene()
    const contact = await person()
    await deliver(contact, { dueAt: NOON + 1 })
    const offer = await deliver(contact)
    const reply = await deliver(await person(), { messageClass: 'reply', priority: 1_000 })
    expect((await reserve(NOON, 1)).reserved.map((r) => r.deliveryId)).toEqual([reply])
    expect((await reserve(NOON, 5)).reserved.map((r) => r.deliveryId)).toEqual([offer])
  })

  it('tells programs of the tenant what it refused, where one wants to know', async () => {
    const [told, quiet] = [await scene(), await scene()]
    const input = { name: 'Depo', url: 'https://hooks.example.com/in', kinds: ['message.failed'] }
    const deps = { box: secretBox(randomKey()), arePrivateAllowed: false }
    await inTenant(db, told.tenantId, (tx) => addEndpoint(tx, deps, input, ownerAt(NOON)))
    const contactId = await told.person([])
    const id = await told.deliver(contactId)
    await told.deliver(await told.person())
    await quiet.deliver(await quiet.person([]))
    for (const { reserve } of [told, quiet]) expect(await reserve()).toMatchObject({ refused: 1 })
    const events = await db
      .selectFrom('domain_event')
      .select(['tenant_id', 'payload'])
      .where('type', '=', 'delivery.ended')
      .execute()
    const delivery = { deliveryId: id, accountId: told.accountId, contactId, state: 'refused', reason: 'no_consent' }
    expect(events).toEqual([{ tenant_id: told.tenantId, payload: { deliveries: [delivery] } }])
  })

  const refusals = [
    ['no_consent', {}, { consents: [] }],
    ['suppressed', { suppressed_at: toDate(NOON), suppressed_reason: 'stop' }, {}],
    ['recipient_is_bot', { is_bot: true }, {}],
    ['recipient_is_official', { is_official: true }, {}],
  ] as const
  it.each(refusals)('refuses with %s', async (reason, contactRow, options) => {
    const { person, deliver, reserve, read } = await scene()
    const contact = await person('consents' in options ? options.consents : ['marketing'])
    if (Object.keys(contactRow).length > 0)
      await db.updateTable('contact').set(contactRow).where('id', '=', contact).execute()
    const id = await deliver(contact)
    expect(await reserve()).toMatchObject({ refused: 1, reserved: [] })
    expect(await read(id)).toMatchObject({ state: 'refused', reason, reserved_at: null })
  })

  it.each(['blocked', 'deactivated', 'not_started'] as const)('refuses a person who is %s', async (reachability) => {
    const { tenantId, accountId, deliver, reserve, read } = await scene()
    const id = await deliver(await createContact(db, tenantId, { accountId, reachability, consents: ['marketing'] }))
    await reserve()
    expect(await read(id)).toMatchObject({ state: 'refused', reason: reachability })
  })

  it('refuses holdouts, expired deliveries and repeated contents, also within one batch', async () => {
    const { person, deliver, reserve, read } = await scene()
    const holdout = await deliver(await person(), { isHoldout: true })
    const expired = await deliver(await person(), { expiresAt: NOON - 1 })
    const contact = await person()
    await deliver(contact, { text: 'Aynı söz', sentAt: NOON - 6 * DAY_MS })
    const repeat = await deliver(contact, { text: 'AYNI SÖZ!' })
    const other = await person()
    const once = await deliver(other, { text: 'Bir kez', priority: 20 })
    const twice = await deliver(other, { text: 'bir kez', priority: 10 })
    await reserve()
    expect(await read(holdout)).toMatchObject({ state: 'refused', reason: 'holdout' })
    expect(await read(expired)).toMatchObject({ state: 'refused', reason: 'expired' })
    expect(await read(repeat)).toMatchObject({ state: 'refused', reason: 'duplicate_content' })
    expect(await read(once)).toMatchObject({ state: 'reserved' })
    expect(await read(twice)).toMatchObject({ state: 'refused', reason: 'duplicate_content' })
  })

  it('defers commercial messages out of quiet hours and lets replies and night consent through', async () => {
    const { person, deliver, reserve, read } = await scene()
    const night = NOON + 10 * HOUR_MS // 22:00 in Istanbul
    const offer = await deliver(await person(), { dueAt: night })
    const owl = await deliver(await person(['marketing', 'night_hours']), { dueAt: night })
    const reply = await deliver(await person(), { dueAt: night, messageClass: 'reply' })
    await reserve(night)
    expect(await read(offer)).toMatchObject({
      state: 'deferred',
      reason: 'quiet_hours',
      due_at: toDate(NOON + 21 * HOUR_MS),
    })
    expect(await read(owl)).toMatchObject({ state: 'reserved' })
    expect(await read(reply)).toMatchObject({ state: 'reserved' })
  })

  it('keeps the hard ceilings: two hours apart and five a day', async () => {
    const { person, deliver, reserve, read } = await scene()
    const soon = await person()
    await deliver(soon, { sentAt: NOON - HOUR_MS })
    const early = await deliver(soon)
    const full = await person()
    for (let i = 1; i <= 5; i++) await deliver(full, { sentAt: NOON - i * 4 * HOUR_MS })
    const sixth = await deliver(full)
    await reserve()
    expect(await read(early)).toMatchObject({
      state: 'deferred',
      reason: 'hard_ceiling_gap',
      due_at: toDate(NOON + HOUR_MS),
    })
    expect(await read(sixth)).toMatchObject({
      state: 'deferred',
      reason: 'hard_ceiling_daily',
      due_at: toDate(NOON + 4 * HOUR_MS),
    })
  })

  it('spreads what an hourly cap cannot take over the hours to come', async () => {
    const { person, deliver, reserve } = await scene({ outreach_hourly_max: 2 })
    const ids: number[] = []
    for (let i = 0; i < 7; i++) ids.push(await deliver(await person(), { isOutreach: true, dueAt: NOON - 10 + i }))
    expect(await reserve()).toMatchObject({ deferred: 5 })
    const rows = await db
      .selectFrom('delivery')
      .select(['state', 'due_at', 'reason'])
      .where('id', 'in', ids)
      .orderBy('id')
      .execute()
    expect(rows.filter((r) => r.state === 'reserved')).toHaveLength(2)
    const places = rows.filter((r) => r.state === 'deferred').map((r) => (r.due_at.getTime() - NOON) / HOUR_MS)
    expect(places).toEqual([1, 1, 2, 2, 3])
  })

  const caps = [
    ['outreach_daily', { outreach_daily_max: 1 }, { isOutreach: true }, DAY_MS],
    ['account_per_minute', { per_minute_max: 1 }, { messageClass: 'transactional' }, MINUTE_MS],
    ['tenant_daily_quota', { daily_messages_max: 1 }, {}, DAY_MS],
    ['tenant_monthly_quota', { monthly_messages_max: 1 }, {}, 30 * DAY_MS],
    ['outreach_cooldown', { outreach_cooldown_minutes: 200 }, { isOutreach: true }, 200 * MINUTE_MS],
    ['strategy_cooldown', {}, { strategy: { cooldownHours: 9, maxPerDay: 5 } }, 9 * HOUR_MS],
    ['strategy_daily', {}, { strategy: { cooldownHours: 2, maxPerDay: 1 } }, DAY_MS],
    ['group_invite_cooldown', {}, { inviteChatId: 77, messageClass: 'transactional' }, 30 * DAY_MS],
  ] as const
  it.each(caps)('holds %s until its window has passed', async (reason, limits, options, windowMs) => {
    const { person, deliver, reserve, read } = await scene({ ...limits })
    const contact = await person()
    await deliver(contact, { ...options, sentAt: NOON - windowMs + MINUTE_MS / 2 })
    const id = await deliver(contact, options)
    await reserve()
    expect(await read(id)).toMatchObject({ state: 'deferred', reason, due_at: toDate(NOON + MINUTE_MS / 2) })
  })

  it('limits a young account to its warm-up', async () => {
    const tenantId = await createTenant(db, { limits: { warm_up: true } })
    const accountId = await createAccount(db, tenantId, { linkedAt: NOON - HOUR_MS })
    for (let i = 0; i < 101; i++) {
      const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
      await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId })
    }
    const result = await inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId, now: NOON, limit: 200 }))
    expect(result).toMatchObject({ deferred: 1, claimed: 101 })
    const held = await db
      .selectFrom('delivery')
      .select('reason')
      .where('tenant_id', '=', tenantId)
      .where('state', '=', 'deferred')
      .execute()
    expect(held).toEqual([{ reason: 'warm_up_daily' }])
  })

  it('holds a group to its post cooldown across accounts and to twenty messages a minute', async () => {
    const { tenantId, accountId, reserve, read } = await scene({ group_post_cooldown_seconds: 300 })
    const second = await createAccount(db, tenantId)
    const post = (account: number, more: Partial<DeliveryOptions> = {}) =>
      createDelivery(db, tenantId, {
        accountId: account,
        contactId: null,
        chatId: -100,
        messageClass: 'transactional',
        ...more,
      })
    await post(accountId, { sentAt: NOON - MINUTE_MS })
    const id = await post(second)
    await reserve(NOON, 10, second)
    expect(await read(id)).toMatchObject({
      state: 'deferred',
      reason: 'group_post_cooldown',
      due_at: toDate(NOON + 4 * MINUTE_MS),
    })
    for (let i = 0; i < 20; i++) await post(second, { messageClass: 'reply', sentAt: NOON - 50_000 + i * 2_000 })
    const reply = await post(second, { messageClass: 'reply' })
    await reserve(NOON, 10, second)
    expect(await read(reply)).toMatchObject({
      state: 'deferred',
      reason: 'telegram_group_rate',
      due_at: toDate(NOON + 10_000),
    })
  })

  it('holds advertising in a group by the group’s cooldown alone: ceilings are about people', async () => {
    const { tenantId, accountId, reserve, read } = await scene({ group_post_cooldown_seconds: 300 })
    const post = (more: Partial<DeliveryOptions>) =>
      createDelivery(db, tenantId, { accountId, contactId: null, chatId: -100, ...more })
    for (let i = 1; i <= 6; i++) await post({ sentAt: NOON - i * 5 * MINUTE_MS })
    const next = await post({})
    await reserve(NOON - 1)
    expect(await read(next)).toMatchObject({ state: 'planned' })
    await reserve(NOON)
    expect(await read(next)).toMatchObject({ state: 'reserved' })
    const soon = await post({})
    await reserve(NOON + MINUTE_MS)
    expect(await read(soon)).toMatchObject({ state: 'deferred', reason: 'group_post_cooldown' })
  })

  it('sends to one chat at most once a second', async () => {
    const { person, deliver, reserve, read } = await scene()
    const contact = await person()
    const first = await deliver(contact, { messageClass: 'reply', priority: 1_000 })
    const second = await deliver(contact, { messageClass: 'reply', priority: 999 })
    await reserve()
    expect(await read(first)).toMatchObject({ state: 'reserved' })
    expect(await read(second)).toMatchObject({
      state: 'deferred',
      reason: 'telegram_chat_rate',
      due_at: toDate(NOON + 1_000),
    })
  })

  it('lets no commercial message pass what a person has just said', async () => {
    const { tenantId, accountId, person, deliver, reserve, read } = await scene()
    const contact = await person()
    const offer = await deliver(contact)
    const reply = await deliver(await person(), { messageClass: 'reply' })
    const word = {
      tenant_id: tenantId,
      account_id: accountId,
      kind: 'message',
      payload: '{}',
      received_at: toDate(NOON),
    }
    await db
      .insertInto('update_inbox')
      .values([
        { ...word, update_id: 1, queue_key: `chat:${contact}` },
        { ...word, update_id: 2, queue_key: `chat:${contact}9` },
      ])
      .execute()
    await reserve()
    expect(await read(offer)).toMatchObject({ state: 'deferred', reason: 'unread_update' })
    expect(await read(reply)).toMatchObject({ state: 'reserved' })
    await db.updateTable('update_inbox').set({ state: 'done' }).where('update_id', '=', 1).execute()
    await reserve(NOON + 2_000)
    expect(await read(offer)).toMatchObject({ state: 'reserved' })
  })

  it('never invites again who refused', async () => {
    const { tenantId, person, deliver, reserve, read } = await scene()
    const contact = await person()
    await db
      .insertInto('invite_refusal')
      .values({ tenant_id: tenantId, contact_id: contact, chat_id: 9, refused_at: toDate(0) })
      .execute()
    const id = await deliver(contact, { inviteChatId: 9, messageClass: 'transactional' })
    await reserve()
    expect(await read(id)).toMatchObject({ state: 'refused', reason: 'invite_refused' })
  })

  const switches = [
    ['kill_switch_tenant', 'tenant', { sending_stopped_at: toDate(NOON), sending_stopped_reason: 'x' }],
    ['tenant_inactive', 'tenant', { state: 'suspended' }],
    ['kill_switch_account', 'account', { sending_stopped_at: toDate(NOON), sending_stopped_reason: 'x' }],
    ['account_unusable', 'account', { state: 'paused' }],
    ['account_waiting', 'account', { waiting_until: toDate(NOON + MINUTE_MS) }],
  ] as const
  it.each(switches)('claims nothing under %s', async (blockedBy, table, values) => {
    const { tenantId, accountId, person, deliver, reserve, read } = await scene()
    const id = await deliver(await person())
    const key = table === 'tenant' ? tenantId : accountId
    await db.updateTable(table).set(values).where('id', '=', key).execute()
    expect(await reserve()).toMatchObject({ claimed: 0, blockedBy })
    expect(await read(id)).toMatchObject({ state: 'planned' })
  })

  it('stops for the global kill switch', async () => {
    const { person, deliver, reserve } = await scene()
    await deliver(await person())
    await db
      .updateTable('installation')
      .set({ sending_stopped_at: toDate(NOON), sending_stopped_reason: 'x' })
      .execute()
    try {
      expect(await reserve()).toMatchObject({ claimed: 0, blockedBy: 'kill_switch_global' })
    } finally {
      await db.updateTable('installation').set({ sending_stopped_at: null, sending_stopped_reason: null }).execute()
    }
  })

  it('holds commercial messages, but not replies, of an account stopped by its health', async () => {
    const { accountId, person, deliver, reserve, read } = await scene()
    await db.updateTable('account').set({ health: 'stopped' }).where('id', '=', accountId).execute()
    const offer = await deliver(await person())
    const reply = await deliver(await person(), { messageClass: 'reply' })
    await reserve()
    expect(await read(offer)).toMatchObject({ state: 'deferred', reason: 'account_paused_by_health' })
    expect(await read(reply)).toMatchObject({ state: 'reserved' })
  })

  it('waits for a chat that Telegram told it to leave alone', async () => {
    const { tenantId, accountId, person, deliver, reserve, read } = await scene()
    const contact = await person()
    const id = await deliver(contact)
    await db
      .insertInto('chat_wait')
      .values({ tenant_id: tenantId, account_id: accountId, chat_id: contact, waiting_until: toDate(NOON + 5_000) })
      .execute()
    await reserve()
    expect(await read(id)).toMatchObject({ state: 'deferred', reason: 'account_waiting', due_at: toDate(NOON + 5_000) })
  })

  it('gives the last slot to one of twenty workers', async () => {
    const { tenantId, accountId, person, deliver } = await scene({ outreach_hourly_max: 1 })
    for (let i = 0; i < 20; i++) await deliver(await person(), { isOutreach: true })
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId, now: NOON, limit: 3 })),
      ),
    )
    expect(results.reduce((sum, r) => sum + r.reserved.length, 0)).toBe(1)
  })

  it('gives a tenant-wide last slot once, whichever account asks', async () => {
    const { tenantId, person, deliver } = await scene({ daily_messages_max: 5 })
    const accounts = await Promise.all([1, 2, 3, 4].map(() => createAccount(db, tenantId)))
    for (const accountId of accounts) {
      for (let i = 0; i < 5; i++) {
        const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
        await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId })
      }
    }
    await deliver(await person())
    const results = await Promise.all(
      accounts.flatMap((accountId) =>
        [1, 2].map(() => inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId, now: NOON, limit: 4 }))),
      ),
    )
    expect(results.reduce((sum, r) => sum + r.reserved.length, 0)).toBe(5)
  })
})
