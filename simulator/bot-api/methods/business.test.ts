import type { BusinessConnection, Message, Update } from '@grammyjs/types'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { startReceiver } from '#simulator/testing/receiver.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

const HOUR_MS = 3_600_000

describe('businessMethods', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  /** The bot with Secretary Mode, the owner it works for, a customer. */
  let botId: number
  let token: string
  let ownerId: number
  let peerId: number
  beforeEach(async () => {
    clock = createManualSimulatorClock(Date.UTC(2026, 10, 21))
    scene = await createScene({ clock })
    const bot = scene.control.createBot({ canConnectToBusiness: true })
    botId = bot.id
    token = bot.token
    ownerId = scene.control.createUser({ firstName: 'Deniz' }).id
    peerId = scene.control.createUser({ firstName: 'Ayşe' }).id
  })
  afterEach(() => scene.simulator.close())

  const call = async <T>(method: string, params: object = {}): Promise<T> => {
    const body = await scene.call(method, params, token)
    if (!body.ok) throw new Error(body.description)
    return body.result
  }
  const refusal = async (method: string, params: object): Promise<string> => {
    const body = await scene.call(method, params, token)
    return body.ok ? 'accepted' : body.description
  }
  const updates = async (): Promise<readonly Update[]> => {
    const rows = await call<Update[]>('getUpdates')
    await call('getUpdates', { offset: (rows.at(-1)?.update_id ?? 0) + 1 })
    return rows
  }
  const connect = (rights: Record<string, true> = { can_reply: true }): string =>
    scene.control.connectBusiness({ userId: ownerId, botId, rights }).connectionId
  const inbound = (text = 'Merhaba'): number => scene.control.writeToOwner({ ownerId, peerId, text }).messageId
  const reply = (id: string, more: object = {}) => ({
    business_connection_id: id,
    chat_id: peerId,
    text: 'Buyurun',
    ...more,
  })

  it('tell the bot of its connection, of new ids with every change, and of the end', async () => {
    const first = connect()
    const second = scene.control.updateBusiness({ userId: ownerId, rights: {} }).connectionId
    scene.control.disconnectBusiness({ userId: ownerId })
    const told = (await updates()).map(({ business_connection: connection }) => connection)
    expect(told).toMatchObject([
      { id: first, user: { id: ownerId }, user_chat_id: ownerId, rights: { can_reply: true }, is_enabled: true },
      { id: second, rights: {}, is_enabled: true },
      { id: second, is_enabled: false },
    ])
    expect(second).not.toBe(first)
    expect(await call<BusinessConnection>('getBusinessConnection', { business_connection_id: second })).toMatchObject({
      id: second,
      is_enabled: false,
    })
    expect(await refusal('getBusinessConnection', { business_connection_id: first })).toBe(
      'Bad Request: business connection not found',
    )
  })

  it('show both sides of the chat, but not what the bot wrote', async () => {
    const id = connect()
    const asked = inbound('Fiyat?')
    const sent = await call<Message>('sendMessage', reply(id))
    const byHand = scene.control.writeAsOwner({ ownerId, peerId, text: 'Ben bakıyorum' }).messageId
    scene.control.editPersonal({ ownerId, peerId, messageId: asked, text: 'Fiyat nedir?' })
    scene.control.deletePersonal({ ownerId, peerId, messageIds: [asked, sent.message_id] })
    expect(sent).toMatchObject({
      business_connection_id: id,
      from: { id: ownerId },
      sender_business_bot: { id: botId },
      chat: { id: peerId },
    })
    const [, ...news] = await updates()
    expect(news).toMatchObject([
      { business_message: { message_id: asked, from: { id: peerId }, text: 'Fiyat?', business_connection_id: id } },
      { business_message: { message_id: byHand, from: { id: ownerId }, chat: { id: peerId } } },
      { edited_business_message: { message_id: asked, text: 'Fiyat nedir?' } },
      { deleted_business_messages: { business_connection_id: id, message_ids: [asked, sent.message_id] } },
    ])
    expect(news).toHaveLength(4)
  })

  it('let the bot write for 24 hours after the customer did, and no longer', async () => {
    const id = connect()
    inbound()
    await clock.advance(24 * HOUR_MS - 1)
    await call('sendMessage', reply(id))
    await clock.advance(1)
    expect(await refusal('sendMessage', reply(id))).toBe('Bad Request: BUSINESS_PEER_USAGE_MISSING')
    scene.control.writeAsOwner({ ownerId, peerId, text: 'Orada mısınız?' })
    expect(await refusal('sendMessage', reply(id))).toBe('Bad Request: BUSINESS_PEER_USAGE_MISSING')
    inbound()
    expect(await refusal('sendMessage', reply(id))).toBe('accepted')
  })

  it('refuse strangers, groups, other connections and what the owner left out', async () => {
    const id = connect()
    inbound()
    const stranger = scene.control.createUser({}).id
    const group = scene.control.createChat({ type: 'group', ownerId }).id
    expect(await refusal('sendMessage', reply(id, { chat_id: stranger }))).toBe('Bad Request: BUSINESS_PEER_INVALID')
    expect(await refusal('sendMessage', reply(id, { chat_id: group }))).toBe('Bad Request: BUSINESS_PEER_INVALID')
    expect(await refusal('sendMessage', reply('nobody'))).toBe('Bad Request: business connection not found')
    expect(await scene.refusal('sendMessage', reply(id))).toBe('Bad Request: business connection not found')
    const { connectionId } = scene.control.updateBusiness({ userId: ownerId, recipients: { excluded: [peerId] } })
    expect(await refusal('sendMessage', reply(id))).toBe('Bad Request: BUSINESS_CONNECTION_INVALID')
    expect(await refusal('sendMessage', reply(connectionId))).toBe('Bad Request: BUSINESS_PEER_INVALID')
    await updates()
    inbound()
    expect(await updates()).toEqual([])
    scene.control.disconnectBusiness({ userId: ownerId })
    expect(await refusal('sendMessage', reply(connectionId))).toBe('Bad Request: BUSINESS_CONNECTION_INVALID')
  })

  it('tell chats from before the connection from those after it', async () => {
    scene.control.openPersonalChat({ ownerId, peerId })
    await clock.advance(1_000)
    const newOnly = { existingChats: false }
    const { connectionId: id } = scene.control.connectBusiness({ userId: ownerId, botId, recipients: newOnly })
    const other = scene.control.createUser({}).id
    inbound()
    scene.control.writeToOwner({ ownerId, peerId: other, text: 'Selam' })
    const seen = (await updates()).flatMap(({ business_message: message }) => message?.chat.id ?? [])
    expect(seen).toEqual([other])
    expect(await refusal('sendMessage', reply(id))).toBe('Bad Request: BUSINESS_PEER_INVALID')
  })

  it('need the right for each act', async () => {
    const id = connect({ can_read_messages: true })
    const asked = inbound()
    const act = { business_connection_id: id, chat_id: peerId }
    for (const [method, params] of [
      ['sendMessage', { text: 'Buyurun' }],
      ['sendChatAction', { action: 'typing' }],
      ['editMessageText', { message_id: asked, text: 'x' }],
      ['deleteBusinessMessages', { message_ids: [asked] }],
    ] as const) {
      expect(await refusal(method, { ...act, ...params })).toBe('Forbidden: BOT_ACCESS_FORBIDDEN')
    }
    expect(await call('readBusinessMessage', { ...act, message_id: asked })).toBe(true)
    const { connectionId } = scene.control.updateBusiness({ userId: ownerId, rights: { can_reply: true } })
    const read = { business_connection_id: connectionId, chat_id: peerId, message_id: asked }
    expect(await refusal('readBusinessMessage', read)).toBe('Forbidden: BOT_ACCESS_FORBIDDEN')
  })

  it('send, edit and delete everything a bot can, in the chat of the owner', async () => {
    const id = connect({ can_reply: true, can_delete_outgoing_messages: true })
    const asked = inbound()
    const act = { business_connection_id: id, chat_id: peerId }
    const photo = await call<Message>('sendPhoto', { ...act, photo: 'https://example.com/a.jpg', caption: 'Menü' })
    const album = [1, 2].map((n) => ({ type: 'photo', media: `https://example.com/${n}.jpg` }))
    expect(await call<Message[]>('sendMediaGroup', { ...act, media: album })).toHaveLength(2)
    const poll = await call<Message>('sendPoll', { ...act, question: 'Hangisi?', options: [{ text: 'A' }] })
    const text = await call<Message>('sendMessage', reply(id, { reply_parameters: { message_id: asked } }))
    expect(text.reply_to_message?.message_id).toBe(asked)
    await call('editMessageCaption', { ...act, message_id: photo.message_id, caption: 'Yeni menü' })
    await call('stopPoll', { ...act, message_id: poll.message_id })
    await call('editMessageText', { ...act, message_id: text.message_id, text: 'Hazırım' })
    expect(await refusal('editMessageText', { ...act, message_id: asked, text: 'x' })).toBe(
      "Bad Request: message can't be edited",
    )
    const remove = (ids: readonly number[]) => ({ business_connection_id: id, message_ids: ids })
    expect(await refusal('deleteBusinessMessages', remove([text.message_id, asked]))).toBe(
      'Forbidden: BOT_ACCESS_FORBIDDEN',
    )
    await call('deleteBusinessMessages', remove([text.message_id]))
    const left = scene.control.getPersonalChat({ ownerId, peerId }).messages.map((message) => message.message_id)
    expect(left).not.toContain(text.message_id)
    expect(left).toContain(asked)
  })

  it('answer for a customer who is gone or takes nothing more', async () => {
    const id = connect()
    inbound()
    scene.control.setOwnerBlocked({ ownerId, peerId, isBlocked: true })
    expect(await refusal('sendMessage', reply(id))).toBe('Forbidden: bot was blocked by the user')
    scene.control.deleteUser({ userId: peerId })
    expect(await refusal('sendMessage', reply(id))).toBe('Forbidden: user is deactivated')
  })

  it('bring a pressed button to the bot with the connection it hangs in', async () => {
    const id = connect()
    inbound()
    const keyboard = { inline_keyboard: [[{ text: 'Menü', callback_data: 'menu' }]] }
    await call('sendMessage', reply(id, { reply_markup: keyboard }))
    const { callbackQueryId } = scene.control.pressForOwner({ ownerId, peerId })
    const pressed = (await updates()).at(-1)?.callback_query
    expect(pressed).toMatchObject({
      id: callbackQueryId,
      from: { id: peerId },
      message: { business_connection_id: id },
    })
    expect(await call('answerCallbackQuery', { callback_query_id: callbackQueryId })).toBe(true)
  })

  it('keep to one bot per account, and to bots with Secretary Mode', async () => {
    connect()
    expect(() => scene.control.connectBusiness({ userId: ownerId, botId: scene.bot.id })).toThrow(/Secretary Mode/)
    const second = scene.control.createBot({ canConnectToBusiness: true })
    scene.control.connectBusiness({ userId: ownerId, botId: second.id })
    expect((await updates()).map(({ business_connection: link }) => link?.is_enabled)).toEqual([true, false])
    expect(scene.control.getBusiness({ userId: ownerId })).toMatchObject({ botId: second.id, is_enabled: true })
  })

  it('open the bot on the chat whose management the owner asks for', async () => {
    connect()
    inbound()
    scene.control.manageBusinessBot({ ownerId, peerId })
    expect((await updates()).at(-1)?.message).toMatchObject({ from: { id: ownerId }, text: `/start bizChat${peerId}` })
  })

  it('deliver the updates of one customer in order, those of others beside them', async () => {
    const receiver = await startReceiver()
    await call('setWebhook', { url: receiver.url })
    connect()
    await receiver.waitFor(1)
    const other = scene.control.createUser({}).id
    receiver.reply = ({ business_message: message }) => (message?.chat.id === peerId ? { status: 500 } : undefined)
    inbound('bir')
    inbound('iki')
    scene.control.writeToOwner({ ownerId, peerId: other, text: 'üç' })
    await receiver.waitFor(4)
    const texts = receiver.received.flatMap(({ update }) => update.business_message?.text ?? [])
    expect(texts).not.toContain('iki')
    expect(texts).toContain('üç')
    await receiver.close()
  })
})
