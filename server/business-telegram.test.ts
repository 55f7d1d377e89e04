import { describe, expect, it, onTestFinished } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { addAccount } from '#server/modules/accounts/index.ts'
import { createReply } from '#server/modules/delivery/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { createTestApp } from '#server/testing/app.ts'
import { NOON } from '#server/testing/factories.ts'
import { createManualSimulatorClock } from '#simulator/clock.ts'
import { startSimulator } from '#simulator/index.ts'

const WAIT = { timeout: 20_000, interval: 50 }

/**
 * A running server, a bot with Secretary Mode that its owner linked, and a customer of the owner. `beforeSend` happens
 * when a call to Telegram is on its way.
 */
const scene = async () => {
  const simulatorClock = createManualSimulatorClock(NOON)
  const simulator = await startSimulator({ limits: false, seed: 11, clock: simulatorClock })
  onTestFinished(() => simulator.close())
  const { control } = simulator
  const clock = new ManualClock(NOON)
  const api = createBotApi()
  const hooks: { beforeSend: (() => void) | null } = { beforeSend: null }
  const sender: typeof api.sender = {
    ...api.sender,
    send(account, message, signal) {
      const act = hooks.beforeSend
      hooks.beforeSend = null
      act?.()
      return api.sender.send(account, message, signal)
    },
  }
  const app = await createTestApp({ clock, telegram: { ...api, sender } })
  const { db } = app.database
  const bot = control.createBot({ canConnectToBusiness: true })
  const ownerId = control.createUser({ firstName: 'Deniz' }).id
  const peerId = control.createUser({ firstName: 'Ayşe', languageCode: 'tr' }).id
  const actor = { by: 'test', at: NOON }
  const tenant = await setUpTenant(db, { slug: `t-${bot.id}`, name: 'Deneme', package: 'custom' }, actor)
  const link = { tenantId: tenant.id, token: bot.token, apiRoot: simulator.apiRoot, ownerTelegramId: ownerId }
  await addAccount(app.accounts, link, actor)
  await app.start()

  const account = () =>
    db
      .selectFrom('account')
      .select(['id', 'state', 'state_reason', 'business_connection_id', 'business_rights'])
      .where('kind', '=', 'business')
      .executeTakeFirst()
  const connect = async () => {
    control.connectBusiness({ userId: ownerId, botId: bot.id })
    await expect.poll(account, WAIT).toMatchObject({ state: 'active', business_rights: ['can_reply'] })
  }
  /** What the customer got from the bot in the owner's name. */
  const answers = () =>
    control
      .getPersonalChat({ ownerId, peerId })
      .messages.flatMap((message) => (message.sender_business_bot ? [message.text ?? ''] : []))
  const reply = async (text: string): Promise<number> => {
    const { id: accountId = 0 } = (await account()) ?? {}
    const contact = await db
      .selectFrom('contact')
      .select('id')
      .where('telegram_id', '=', peerId)
      .executeTakeFirstOrThrow()
    const id = await inTenant(db, tenant.id, (tx) =>
      createReply(tx, {
        accountId,
        contactId: contact.id,
        chatId: peerId,
        text,
        source: 'reply',
        messageClass: 'transactional',
        isHuman: true,
        dedupeKey: text,
        at: clock.now(),
      }),
    )
    return id ?? 0
  }
  const delivery = async (id: number) =>
    db.selectFrom('delivery').select(['state', 'reason']).where('id', '=', id).executeTakeFirstOrThrow()
  const inbound = () =>
    db.selectFrom('message').select('id').where('direction', '=', 'in').where('chat_id', '=', peerId).execute()
  const write = async (text: string) => {
    const before = (await inbound()).length
    control.writeToOwner({ ownerId, peerId, text })
    await expect.poll(async () => (await inbound()).length, WAIT).toBe(before + 1)
  }
  const pass = async (ms: number) => {
    await simulatorClock.advance(ms)
    await clock.advance(ms)
  }
  /** Looks again and again, while time goes on: what is sent keeps to a pace. */
  const soon = <T>(read: () => T | Promise<T>) =>
    expect.poll(async () => {
      await pass(1_000)
      return read()
    }, WAIT)
  return { soon, control, bot, ownerId, peerId, hooks, clock, connect, account, answers, reply, delivery, write, pass }
}

describe('a business account, from end to end', () => {
  it('answers customers in the owner’s name within 24 hours, refuses after them, and ends with the connection', async () => {
    const s = await scene()
    const { control, ownerId, peerId, answers } = s
    await s.connect()

    await s.write('/menu')
    await s.soon(answers).toHaveLength(1)
    await s.pass(HOUR_MS)
    control.pressForOwner({ ownerId, peerId })
    await s.soon(answers).toHaveLength(2)
    await s.pass(HOUR_MS)
    control.writeAsOwner({ ownerId, peerId, text: 'Ben de buradayım' })
    const last = await s.reply('Siparişiniz yolda')
    await s.soon(() => s.delivery(last)).toEqual({ state: 'sent', reason: null })

    await s.pass(DAY_MS)
    const late = await s.reply('Bir sorunuz var mı?')
    await s.soon(() => s.delivery(late)).toEqual({ state: 'refused', reason: 'business_window_closed' })
    await s.write('Teşekkürler')
    const again = await s.reply('Rica ederiz')
    await s.soon(() => s.delivery(again)).toMatchObject({ state: 'sent' })

    control.updateBusiness({ userId: ownerId, rights: {} })
    await s.soon(s.account).toMatchObject({ state: 'active', business_rights: [] })
    const unallowed = await s.reply('Hakkımız yok')
    await s.soon(() => s.delivery(unallowed)).toEqual({ state: 'refused', reason: 'business_window_closed' })

    control.disconnectBusiness({ userId: ownerId })
    await s.soon(s.account).toMatchObject({ state: 'disconnected', state_reason: 'business_disconnected' })
    expect(answers().slice(2)).toEqual(['Siparişiniz yolda', 'Rica ederiz'])
    expect(control.findDuplicates({})).toEqual([])
  }, 90_000)

  it('sends once under the new id when the owner changes a setting while a message is on its way', async () => {
    const s = await scene()
    await s.connect()
    await s.write('Selam')
    s.hooks.beforeSend = () => void s.control.updateBusiness({ userId: s.ownerId, rights: { can_reply: true } })
    const id = await s.reply('Buyurun')
    await s.soon(async () => s.delivery(id)).toMatchObject({ state: 'sent' })
    expect(s.answers()).toEqual(['Buyurun'])
    expect(await s.account()).toMatchObject({ state: 'active' })
  }, 60_000)

  it('loses and doubles nothing when the connection is withdrawn while messages are on their way', async () => {
    const s = await scene()
    await s.connect()
    await s.write('Selam')
    s.hooks.beforeSend = () => void s.control.disconnectBusiness({ userId: s.ownerId })
    const first = await s.reply('bir')
    await s.soon(() => s.delivery(first)).toEqual({ state: 'deferred', reason: 'account_unusable' })
    await s.soon(s.account).toMatchObject({ state: 'disconnected' })
    const second = await s.reply('iki')
    expect(s.answers()).toEqual([])

    await s.connect()
    await s
      .soon(async () => [await s.delivery(first), await s.delivery(second)].map(({ state }) => state))
      .toEqual(['sent', 'sent'])
    expect(s.answers().toSorted()).toEqual(['bir', 'iki'])
  }, 60_000)
})
