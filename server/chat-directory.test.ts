import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock, toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { silentLogger } from '#server/base/logger.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { translatorsOf } from '#server/base/translate.ts'
import { createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createInviteJobs } from '#server/doors/jobs/index.ts'
import { InboxLane, receiveUpdates } from '#server/doors/updates/index.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { answerInvite, setInviteSettings } from '#server/modules/invites/index.ts'
import { tokenContext } from '#server/modules/accounts/account.rules.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import {
  createAccount,
  createContact,
  createDelivery,
  createTenant,
  createUserAccount,
} from '#server/testing/factories.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

import { createChatDirectory } from './chat-directory.ts'

const api = createBotApi()
let simulator: Simulator
let world: Awaited<ReturnType<typeof createWorld>>

beforeAll(async () => {
  simulator = await startSimulator({ limits: false, seed: 11 })
  world = await createWorld()
})

afterAll(async () => {
  await api.close()
  await simulator.close()
})

/** A tenant whose bot administers a private group at the simulated Telegram, with everything between them in place. */
const createWorld = async () => {
  const db = createDb((await createTestDatabase()).pool)
  const box = secretBox(randomKey())
  const { control } = simulator
  const bot = control.createBot({})
  const chat = control.createChat({ type: 'supergroup', title: 'Müşteriler' })
  const rights = { can_invite_users: true }
  control.setMember({ chatId: chat.id, memberId: bot.id, status: 'administrator', rights })
  const now = systemClock.now()
  const tenantId = await createTenant(db, { at: now })
  const accountId = await createAccount(db, tenantId)
  await db
    .updateTable('account')
    .set({
      telegram_id: bot.id,
      token_sealed: box.seal(bot.token, tokenContext(tenantId, bot.id)),
      api_root: simulator.apiRoot,
    })
    .where('id', '=', accountId)
    .execute()
  const { id: chatId } = await db
    .insertInto('chat')
    .values({
      tenant_id: tenantId,
      telegram_id: chat.id,
      kind: 'supergroup',
      title: 'Müşteriler',
      added_at: toDate(now),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('chat_account')
    .values({
      tenant_id: tenantId,
      chat_id: chatId,
      account_id: accountId,
      status: 'administrator',
      rights: JSON.stringify(rights),
      changed_at: toDate(now),
    })
    .execute()
  const directory = createChatDirectory({ db, box }, api.directory)
  const jobs = createInviteJobs({
    db,
    clock: systemClock,
    log: silentLogger,
    chats: directory,
    translator: translatorsOf('bot'),
  })
  const account = { tenantId, accountId, kind: 'bot', token: bot.token, apiRoot: simulator.apiRoot } as const
  const lane = new InboxLane(
    { db, clock: systemClock, log: silentLogger, translator: translatorsOf('bot'), answerCallback: async () => {} },
    { tenantId, accountId, lease: null },
  )
  let offset = 0
  /** What Telegram tells the bot goes the way of every update. */
  const hear = async () => {
    const polled = await api.updateFeed.getUpdates(account, { offset, waitSeconds: 0 })
    const updates = polled.kind === 'done' ? (polled.value as readonly { readonly update_id: number }[]) : []
    offset = Math.max(offset, ...updates.map((update) => update.update_id + 1))
    const deps = { db, clock: systemClock, log: silentLogger, count: () => {} }
    await receiveUpdates(deps, { tenantId, accountId }, updates)
    await lane.drain()
  }
  // From the first poll on, Telegram knows which updates are wanted.
  await hear()
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  /** Somebody who was invited and pressed yes. */
  const accept = async () => {
    const { id: telegramId } = control.createUser({})
    const contactId = await createContact(db, tenantId, { accountId, telegramId, consents: ['marketing'] })
    const sentAt = systemClock.now() - DAY_MS
    const deliveryId = await createDelivery(db, tenantId, {
      accountId,
      contactId,
      chatId: telegramId,
      inviteChatId: chatId,
      sentAt,
    })
    await run((tx) => answerInvite(tx, { contactId, deliveryId, action: 'invite_yes', at: systemClock.now() }))
    await jobs['invites.work']({ tenantId }, new AbortController().signal)
    const link = await db
      .selectFrom('invite_link')
      .selectAll()
      .where('delivery_id', '=', deliveryId)
      .executeTakeFirstOrThrow()
    return { telegramId, contactId, deliveryId, url: link.url ?? '', linkId: link.id }
  }
  const joins = (linkId: number) =>
    db.selectFrom('invite_join').selectAll().where('link_id', '=', linkId).orderBy('id').execute()
  return { db, box, chat, directory, accountId, hear, accept, joins, run, jobs, tenantId }
}

describe('createChatDirectory', () => {
  it('makes a link at Telegram by which one person enters, and their coming is known by its name', async () => {
    const { control } = simulator
    const { accept, hear, joins, directory, accountId, chat } = world
    const guest = await accept()
    expect(guest.url).toMatch(/^https:\/\/t\.me\/\+/)
    expect(await directory.findMember(accountId, chat.id, guest.telegramId)).toBe('left')
    expect(control.join({ userId: guest.telegramId, link: guest.url }).outcome).toBe('joined')
    expect(control.join({ userId: control.createUser({}).id, link: guest.url }).outcome).toBe('link_invalid')
    await hear()
    expect(await joins(guest.linkId)).toMatchObject([
      { contact_id: guest.contactId, delivery_id: guest.deliveryId, left_at: null },
    ])
    expect(await directory.findMember(accountId, chat.id, guest.telegramId)).toBe('member')
  })

  it('decides to let in whom a link was made for, and leaves another’s use of it to a person', async () => {
    const { control } = simulator
    const { db, accept, hear, joins, run, tenantId } = world
    const actor = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: systemClock.now() } as const
    await run((tx) => setInviteSettings(tx, { admission: 'request' }, actor))
    const guest = await accept()
    const { id: strangerId } = control.createUser({})
    for (const userId of [strangerId, guest.telegramId])
      expect(control.join({ userId, link: guest.url }).outcome).toBe('requested')
    await hear()
    const requests = await db
      .selectFrom('join_request')
      .select(['contact_id', 'state', 'reason'])
      .where('tenant_id', '=', tenantId)
      .orderBy('id')
      .execute()
    expect(requests).toMatchObject([
      { state: 'waiting', reason: 'personal_link' },
      { contact_id: guest.contactId, state: 'approving', reason: 'personal_link' },
    ])
    expect((await joins(guest.linkId)).map((join) => join.delivery_id)).toEqual([null, guest.deliveryId])
  })

  it('ends a link at Telegram', async () => {
    const { control } = simulator
    const { db, accept, jobs, tenantId } = world
    const guest = await accept()
    await db.updateTable('invite_link').set({ state: 'ending' }).where('id', '=', guest.linkId).execute()
    await jobs['invites.work']({ tenantId }, new AbortController().signal)
    expect(control.join({ userId: guest.telegramId, link: guest.url }).outcome).toBe('link_invalid')
  })

  it('asks Telegram nothing for an account that is no bot', async () => {
    const { db, box, tenantId, chat } = world
    const own = await createUserAccount(db, tenantId)
    const directory = createChatDirectory({ db, box }, api.directory)
    expect(await directory.findMember(own, chat.id, 1)).toBeNull()
    expect(await directory.make(own, chat.id, { name: 'gc-1' })).toMatchObject({
      kind: 'rejected',
      reason: 'method_unknown',
    })
  })
})
