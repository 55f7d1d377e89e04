import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { silentLogger } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import { createTranslator } from '#server/base/translate.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { businessUpdateId, findUnreadPeople } from '#server/modules/accounts/index.ts'
import { listTimeline } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createBusinessAccount, createTenant } from '#server/testing/factories.ts'

import { createBusinessLane } from './business-lane.ts'
import { InboxLane } from './inbox-lane.ts'
import { receiveUpdates } from './receive-updates.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const CONNECTION = 'c-1'
let serial = 0
const DATE = NOON / 1_000 - 60

/** A bot of one tenant that speaks for a business account of another. */
const scene = async (over: { connected?: boolean } = {}) => {
  serial += 1
  const clock = new ManualClock(NOON)
  const counts: Record<string, number> = {}
  const [botTenant, tenantId] = [await createTenant(db), await createTenant(db)]
  const botId = await createAccount(db, botTenant)
  const ownerId = 700_000_000 + process.pid * 1_000 + serial
  const connectionId = `${CONNECTION}-${ownerId}`
  const link = { viaAccountId: botId, ownerTelegramId: ownerId, connectionId }
  const accountId = over.connected === false ? 0 : await createBusinessAccount(db, tenantId, link)
  const customer = { id: 5_000 + serial, is_bot: false, first_name: 'Ayşe', language_code: 'tr' }
  const owner = { id: ownerId, is_bot: false, first_name: 'Deniz' }
  let updateId = 100
  const wrap = (kind: string, body: object) => ({ update_id: (updateId += 1), [kind]: body })
  const message = (text: string, over2: { from?: object; id?: number; connection?: string; chat?: number } = {}) => ({
    message_id: over2.id ?? 1_000 + updateId,
    date: DATE,
    business_connection_id: over2.connection ?? connectionId,
    from: over2.from ?? customer,
    chat: { id: over2.chat ?? customer.id, type: 'private', first_name: 'Ayşe' },
    text,
  })
  const laneOf = (tenant: number, account: number) =>
    new InboxLane(
      {
        db,
        clock,
        log: silentLogger,
        translator: (locale) => createTranslator(locale, 'bot'),
        answerCallback: async () => {},
        applyBusiness: createBusinessLane({ db, box: secretBox(Buffer.alloc(32, 5)), clock }),
      },
      { tenantId: tenant, accountId: account, lease: null },
    )
  const receive = (...updates: readonly object[]) =>
    receiveUpdates(
      { db, clock, log: silentLogger, count: (outcome, n) => void (counts[outcome] = (counts[outcome] ?? 0) + n) },
      { tenantId: botTenant, accountId: botId },
      updates,
    )
  const drain = async () => {
    await laneOf(botTenant, botId).drain()
    if (accountId) await laneOf(tenantId, accountId).drain()
  }
  const inbox = (account: number) =>
    db
      .selectFrom('update_inbox')
      .select(['update_id', 'queue_key', 'state', 'payload', 'tenant_id'])
      .where('account_id', '=', account)
      .orderBy('update_id')
      .execute()
  const contacts = (tenant = tenantId) =>
    db.selectFrom('contact').select(['id', 'telegram_id']).where('tenant_id', '=', tenant).execute()
  const said = () =>
    db
      .selectFrom('message')
      .select(['direction', 'text', 'delivery_id', 'account_id'])
      .where('tenant_id', '=', tenantId)
      .orderBy('telegram_message_id')
      .execute()
  const apply = async (...updates: readonly object[]) => {
    await receive(...updates)
    await drain()
  }
  const names = { connectionId, ownerId, customer, owner, botTenant, tenantId, botId, accountId, counts }
  return { ...names, wrap, message, receive, drain, apply, inbox, contacts, said, laneOf }
}

describe('updates of a business account', () => {
  it('go to the inbox of the account, of its own tenant, under a number no other bot uses', async () => {
    const { receive, wrap, message, inbox, accountId, botId, tenantId, customer } = await scene()
    const update = wrap('business_message', message('Merhaba'))
    await receive(update, update)
    expect(await inbox(botId)).toEqual([])
    expect(await inbox(accountId)).toMatchObject([
      {
        update_id: businessUpdateId(botId, update['update_id']),
        tenant_id: tenantId,
        queue_key: `business:${customer.id}`,
      },
    ])
    const unread = await inTenant(db, tenantId, (tx) => findUnreadPeople(tx, [customer.id]))
    expect([...unread]).toEqual([customer.id])
  })

  it('make the customer a contact of the account, reachable through it, and answer what they ask for', async () => {
    const { apply, wrap, message, contacts, said, accountId, tenantId, customer, botTenant } = await scene()
    await apply(wrap('business_message', message('/menu')))
    expect(await contacts()).toMatchObject([{ telegram_id: customer.id }])
    expect(await contacts(botTenant)).toEqual([])
    expect(await said()).toMatchObject([{ direction: 'in', text: '/menu', account_id: accountId }])
    const replies = await db
      .selectFrom('delivery')
      .select(['account_id', 'chat_id', 'message_class'])
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(replies).toEqual([{ account_id: accountId, chat_id: customer.id, message_class: 'reply' }])
  })

  it('keep what the owner writes by hand to a contact as outbound, counted nowhere, and make the owner no contact', async () => {
    const { apply, wrap, message, contacts, said, owner, ownerId, tenantId, customer } = await scene()
    await apply(
      wrap('business_message', message('Fiyat?', { id: 1 })),
      wrap('business_message', message('Ben bakıyorum', { id: 2, from: owner })),
      wrap('business_message', message('Kendime not', { id: 3, from: owner, chat: ownerId })),
    )
    expect((await contacts()).map((row) => row.telegram_id)).toEqual([customer.id])
    expect(await said()).toMatchObject([
      { direction: 'in', text: 'Fiyat?' },
      { direction: 'out', text: 'Ben bakıyorum', delivery_id: null },
    ])
    const [contact] = await contacts()
    const timeline = await inTenant(db, tenantId, (tx) => listTimeline(tx, contact?.id ?? 0, { limit: 10 }))
    expect(timeline.entries).toContainEqual(expect.objectContaining({ direction: 'out', text: 'Ben bakıyorum' }))
    const { outbound_count: counted } = await db
      .selectFrom('contact_feature')
      .select('outbound_count')
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow()
    expect(counted).toBe(0)
  })

  it('leave what the owner writes to others unread', async () => {
    const { apply, wrap, message, contacts, said, owner } = await scene()
    await apply(wrap('business_message', message('Anne, geliyorum', { from: owner })))
    expect(await contacts()).toEqual([])
    expect(await said()).toEqual([])
  })

  it('change the kept text with an edit, and erase it everywhere with a deletion', async () => {
    const { apply, wrap, message, said, inbox, accountId, connectionId, customer } = await scene()
    await apply(
      wrap('business_message', message('Numaram 555', { id: 1 })),
      wrap('business_message', message('Kalsın', { id: 2 })),
      wrap('edited_business_message', message('Numaram 556', { id: 1 })),
    )
    expect((await said()).map(({ text }) => text)).toEqual(['Numaram 556', 'Kalsın'])
    const chat = { id: customer.id, type: 'private' }
    const gone = { business_connection_id: connectionId, chat, message_ids: [1] }
    await apply(
      wrap('deleted_business_messages', gone),
      wrap('edited_business_message', message('Numaram 557', { id: 1 })),
    )
    expect((await said()).map(({ text }) => text)).toEqual([null, 'Kalsın'])
    const stored = (await inbox(accountId)).map(({ payload }) => JSON.stringify(payload))
    expect(stored.filter((text) => /555|556/.test(text))).toEqual([])
    expect(stored.some((text) => text.includes('Kalsın'))).toBe(true)
  })

  it('count a pressed button for the account whose message it hangs under', async () => {
    const { apply, wrap, message, inbox, accountId, botId, customer } = await scene()
    await apply(wrap('business_message', message('Selam')))
    const pressed = { id: 'q', from: customer, chat_instance: '1', data: 'zz.menu', message: message('Seç') }
    await apply(wrap('callback_query', pressed))
    expect(await inbox(botId)).toEqual([])
    expect((await inbox(accountId)).map(({ state }) => state)).toEqual(['done', 'done'])
  })

  it('of bots are not taken, whoever they speak for', async () => {
    const { receive, wrap, message, counts, inbox, accountId, owner } = await scene()
    const byBot = { ...message('Otomatik', { from: owner }), sender_business_bot: { id: 9, is_bot: true } }
    await receive(wrap('business_message', byBot))
    expect(await inbox(accountId)).toEqual([])
    expect(counts['from_bot']).toBe(1)
  })

  it('of an ended connection are taken by nobody', async () => {
    const { receive, wrap, message, counts, inbox, accountId, botId } = await scene()
    await db.updateTable('account').set({ state: 'disconnected' }).where('id', '=', accountId).execute()
    await receive(wrap('business_message', message('Kimse okumasın')))
    expect([...(await inbox(accountId)), ...(await inbox(botId))]).toEqual([])
    expect(counts['unwanted']).toBe(1)
  })

  it('that come through another bot do not reach the account', async () => {
    const { wrap, message, inbox, accountId, botTenant } = await scene()
    const strangerId = await createAccount(db, botTenant)
    await receiveUpdates(
      { db, clock: new ManualClock(NOON), log: silentLogger, count: () => {} },
      { tenantId: botTenant, accountId: strangerId },
      [wrap('business_message', message('Sahte'))],
    )
    expect(await inbox(accountId)).toEqual([])
  })

  it('wait at the bot for their connection, are handed over in order, and leave nothing there', async () => {
    const { receive, wrap, message, connectionId, inbox, laneOf, botTenant, botId, ownerId, owner, contacts } =
      await scene({
        connected: false,
      })
    await db.updateTable('account').set({ owner_telegram_id: ownerId }).where('id', '=', botId).execute()
    const connection = { id: connectionId, user: owner, user_chat_id: ownerId, date: DATE, rights: { can_reply: true } }
    await receive(
      wrap('business_connection', { ...connection, is_enabled: true }),
      wrap('business_message', message('bir', { id: 1 })),
    )
    await receive(wrap('business_message', message('iki', { id: 2 })))
    await laneOf(botTenant, botId).drain()
    const left = await inbox(botId)
    expect(left.map(({ state }) => state)).toEqual(['done', 'ignored', 'ignored'])
    expect(left.slice(1).map(({ payload }) => payload)).toEqual([null, null])
    const account = await db
      .selectFrom('account')
      .select('id')
      .where('telegram_id', '=', ownerId)
      .executeTakeFirstOrThrow()
    await receive(wrap('business_message', message('üç', { id: 3 })))
    const texts = (await inbox(account.id)).map(
      ({ payload }) => (payload as { business_message: { text: string } }).business_message.text,
    )
    expect(texts).toEqual(['bir', 'iki', 'üç'])
    await laneOf(botTenant, account.id).drain()
    expect(await contacts(botTenant)).toHaveLength(1)
  })

  it('of connections nobody has are emptied, not kept', async () => {
    const { apply, wrap, message, inbox, botId, contacts } = await scene()
    await apply(wrap('business_message', message('Kime?', { connection: 'unknown' })))
    expect(await inbox(botId)).toMatchObject([{ state: 'ignored', payload: null }])
    expect(await contacts()).toEqual([])
  })

  it('park a connection that is not built as Telegram builds them, without quoting it', async () => {
    const { apply, wrap, botId } = await scene()
    await apply(wrap('business_connection', { id: 7, user: 'gizli' }))
    const row = await db
      .selectFrom('update_inbox')
      .select(['state', 'error'])
      .where('account_id', '=', botId)
      .executeTakeFirstOrThrow()
    expect(row.state).toBe('parked')
    expect(row.error).not.toContain('gizli')
  })
})
