import type { ChatFullInfo, ChatMember, Message, Poll, Update } from '@grammyjs/types'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

const DAY_MS = 86_400_000

describe('methods', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  let chatId: number

  beforeEach(async () => {
    clock = createManualSimulatorClock(Date.UTC(2026, 10, 21))
    scene = await createScene({ clock })
    chatId = scene.control.createChat({ type: 'supergroup', title: 'Kulüp', ownerId: scene.user.id }).id
    setBot({ can_restrict_members: true, can_promote_members: true, can_pin_messages: true, can_delete_messages: true })
  })
  afterEach(() => scene.simulator.close())

  const setBot = (rights: Record<string, boolean>) =>
    scene.control.setMember({ chatId, memberId: scene.bot.id, status: 'administrator', rights })
  const addMember = (): number => {
    const { id } = scene.control.createUser({})
    scene.control.join({ userId: id, chatId })
    return id
  }
  const send = (params: object = {}) =>
    scene.ok<Message>('sendMessage', { chat_id: scene.user.id, text: 'bir', ...params })
  const statusOf = async (userId: number) =>
    (await scene.ok<ChatMember>('getChatMember', { chat_id: chatId, user_id: userId })).status

  it('edit a text and its buttons, and keep the message otherwise', async () => {
    const markup = { inline_keyboard: [[{ text: 'x', callback_data: 'y' }]] }
    const sent = await send({ reply_markup: markup })
    const target = { chat_id: scene.user.id, message_id: sent.message_id }
    await clock.advance(5000)
    const edited = await scene.ok<Message & Update.Edited>('editMessageText', {
      ...target,
      text: '<b>iki</b>',
      parse_mode: 'HTML',
    })
    expect(edited).toEqual({
      ...sent,
      text: 'iki',
      entities: [{ type: 'bold', offset: 0, length: 3 }],
      reply_markup: undefined,
      edit_date: sent.date + 5,
    })
    expect(await scene.ok<Message>('editMessageReplyMarkup', { ...target, reply_markup: markup })).toMatchObject({
      reply_markup: markup,
    })
  })

  it('forward with the origin and copy without it', async () => {
    const sent = await send({ text: 'aslı' })
    const source = { chat_id: chatId, from_chat_id: scene.user.id, message_id: sent.message_id }
    const forwarded = await scene.ok<Message>('forwardMessage', source)
    expect(forwarded).toMatchObject({
      text: 'aslı',
      forward_origin: { type: 'user', sender_user: { id: scene.bot.id } },
    })
    const { message_id: copyId } = await scene.ok<{ message_id: number }>('copyMessage', source)
    expect(copyId).toBeGreaterThan(forwarded.message_id)
    const both = { ...source, message_ids: [sent.message_id, 999_999] }
    expect(await scene.ok<object[]>('copyMessages', both)).toHaveLength(1)
    const kept = await send({ protect_content: true })
    expect(await scene.refusal('copyMessage', { ...source, message_id: kept.message_id })).toBe(
      "Bad Request: message can't be copied",
    )
  })

  it('delete several messages and pass over those that are gone', async () => {
    const ids = [(await send()).message_id, (await send()).message_id]
    expect(await scene.ok('deleteMessages', { chat_id: scene.user.id, message_ids: [...ids, 999_999] })).toBe(true)
    expect(scene.control.getDialog({ userId: scene.user.id, botId: scene.bot.id }).messages).toEqual([])
  })

  it('delete what a person wrote in private, such as a token', async () => {
    const talk = { userId: scene.user.id, botId: scene.bot.id }
    const { messageId } = scene.control.sendText({ ...talk, text: '123456:gizli' })
    expect(await scene.ok('deleteMessage', { chat_id: scene.user.id, message_id: messageId })).toBe(true)
    expect(scene.control.getDialog(talk).messages).toEqual([])
  })

  it('reply to a message and show it without what it replied to', async () => {
    const first = await send()
    const second = await send({ reply_parameters: { message_id: first.message_id } })
    const third = await send({ reply_parameters: { message_id: second.message_id } })
    expect(second.reply_to_message).toMatchObject({ message_id: first.message_id })
    expect(third.reply_to_message).toMatchObject({ message_id: second.message_id })
    expect(third.reply_to_message).not.toHaveProperty('reply_to_message')
    const unknown = { message_id: 999_999, allow_sending_without_reply: true }
    expect(await send({ reply_parameters: unknown })).not.toHaveProperty('reply_to_message')
  })

  it('ban for a while, restrict, promote and demote', async () => {
    const userId = addMember()
    const target = { chat_id: chatId, user_id: userId }
    await scene.ok('banChatMember', { ...target, until_date: Math.floor(clock.now() / 1000) + 86_400 })
    expect(await statusOf(userId)).toBe('kicked')
    expect(scene.control.join({ userId, chatId })).toEqual({ outcome: 'banned' })
    await clock.advance(DAY_MS)
    expect(scene.control.join({ userId, chatId })).toEqual({ outcome: 'joined' })
    await scene.ok('restrictChatMember', { ...target, permissions: { can_send_messages: false } })
    expect(await statusOf(userId)).toBe('restricted')
    await scene.ok('promoteChatMember', { ...target, can_delete_messages: true })
    expect(await statusOf(userId)).toBe('administrator')
    expect(await scene.refusal('banChatMember', target)).toBe('Bad Request: user is an administrator of the chat')
    await scene.ok('promoteChatMember', target)
    expect(await statusOf(userId)).toBe('member')
    await scene.ok('unbanChatMember', target)
    expect(await statusOf(userId)).toBe('left')
  })

  it('describe a chat, its administrators and its size', async () => {
    addMember()
    const message = await send({ chat_id: chatId })
    await scene.ok('pinChatMessage', { chat_id: chatId, message_id: message.message_id })
    const chat = await scene.ok<ChatFullInfo>('getChat', { chat_id: chatId })
    expect(chat).toMatchObject({
      title: 'Kulüp',
      type: 'supergroup',
      pinned_message: { message_id: message.message_id },
    })
    expect(await scene.ok('getChatMemberCount', { chat_id: chatId })).toBe(3)
    const admins = await scene.ok<ChatMember[]>('getChatAdministrators', { chat_id: chatId })
    expect(admins.map(({ status }) => status)).toEqual(['creator', 'administrator'])
    await scene.ok('unpinAllChatMessages', { chat_id: chatId })
    expect(await scene.ok('getChat', { chat_id: chatId })).not.toHaveProperty('pinned_message')
  })

  it('run a poll and stop it once', async () => {
    const options = [{ text: 'evet' }, { text: 'hayır' }]
    const { message_id: messageId } = await scene.ok<Message>('sendPoll', {
      chat_id: chatId,
      question: 'Gelelim mi?',
      options,
    })
    const target = { chat_id: chatId, message_id: messageId }
    expect(await scene.ok<Poll>('stopPoll', target)).toMatchObject({ is_closed: true, question: 'Gelelim mi?' })
    expect(await scene.refusal('stopPoll', target)).toBe('Bad Request: poll has already been closed')
  })

  it('keep commands by scope and language', async () => {
    const commands = [{ command: 'menu', description: 'Menü' }]
    await scene.ok('setMyCommands', { commands, language_code: 'tr' })
    expect(await scene.ok('getMyCommands', { language_code: 'tr' })).toEqual(commands)
    expect(await scene.ok('getMyCommands')).toEqual([])
    expect(await scene.refusal('setMyCommands', { commands: [{ command: 'menu' }] })).toBe(
      `Bad Request: can't parse commands: Can't find field "description"`,
    )
    expect(await scene.refusal('setMyCommands', { commands: [{ command: 'Menü', description: 'x' }] })).toBe(
      'Bad Request: BOT_COMMAND_INVALID',
    )
  })

  it('show privacy mode its share of a group, and an administrator everything', async () => {
    const quiet = scene.control.createBot({ username: 'quiet_bot' })
    scene.control.setMember({ chatId, memberId: quiet.id, status: 'member' })
    const userId = addMember()
    for (const text of ['selam', '/menu', '/menu@other_bot', 'hey @quiet_bot'])
      scene.control.sendText({ userId, chatId, text })
    const seen = async (token: string): Promise<readonly (string | undefined)[]> => {
      const body = await scene.call('getUpdates', {}, token)
      return body.ok ? (body.result as Update[]).flatMap(({ message }) => message?.text ?? []) : []
    }
    expect(await seen(quiet.token)).toEqual(['/menu', 'hey @quiet_bot'])
    expect(await seen(scene.bot.token)).toEqual(['selam', '/menu', '/menu@other_bot', 'hey @quiet_bot'])
  })
})
