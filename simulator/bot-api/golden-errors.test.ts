import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

const HOUR_MS = 3_600_000

describe('error descriptions', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  let userId: number
  let botId: number

  beforeAll(async () => {
    clock = createManualSimulatorClock(Date.UTC(2026, 10, 21, 9))
    scene = await createScene({ clock })
    userId = scene.user.id
    botId = scene.bot.id
  })
  afterAll(() => scene.simulator.close())

  const text = (chatId: number | string, more: object = {}) =>
    scene.call('sendMessage', { chat_id: chatId, text: 'merhaba', ...more })

  const refused = (error_code: number, description: string) => ({ ok: false, error_code, description })

  const join = (
    chatId: number,
    status: 'member' | 'administrator' | 'left' | 'kicked',
    rights?: Record<string, boolean>,
  ) => scene.control.setMember({ chatId, memberId: botId, status, rights })

  it('tell a malformed token from a revoked one', async () => {
    expect(await scene.call('getMe', {}, 'abc')).toEqual(refused(401, 'Unauthorized: invalid token specified'))
    const revoked = scene.control.createBot({})
    scene.control.revokeToken({ botId: revoked.id })
    expect(await scene.call('getMe', {}, revoked.token)).toEqual(refused(401, 'Unauthorized'))
  })

  it('name an unknown method and one that is not simulated', async () => {
    expect(await scene.call('sendNothing')).toEqual(refused(404, 'Not Found: method not found'))
    const game = { chat_id: userId, game_short_name: 'x' }
    expect(await scene.call('sendGame', game)).toEqual(
      refused(501, 'Not Implemented: method sendGame is not simulated'),
    )
  })

  it('name missing parameters in the words of Telegram', async () => {
    expect(await scene.refusal('sendMessage', { chat_id: userId })).toBe('Bad Request: message text is empty')
    expect(await scene.refusal('sendMessage', { text: 'x' })).toBe('Bad Request: chat_id is empty')
    expect(await scene.refusal('deleteMessage', { chat_id: userId })).toBe(
      'Bad Request: message identifier is not specified',
    )
    expect(await scene.refusal('getChatMember', { chat_id: userId })).toBe('Bad Request: invalid user_id specified')
    expect(await scene.refusal('sendPhoto', { chat_id: userId })).toBe('Bad Request: there is no photo in the request')
    expect(await scene.refusal('answerCallbackQuery', {})).toBe(
      'Bad Request: parameter "callback_query_id" is required',
    )
  })

  it('say why a person cannot be reached', async () => {
    const { control } = scene
    expect(await text(5)).toEqual(refused(400, 'Bad Request: chat not found'))
    expect(await text('@ayse')).toEqual(refused(400, 'Bad Request: chat not found'))
    const stranger = control.createUser({})
    expect(await text(stranger.id)).toEqual(refused(400, 'Bad Request: chat not found'))
    const group = control.createChat({ type: 'supergroup' })
    join(group.id, 'member')
    control.setMember({ chatId: group.id, memberId: stranger.id, status: 'member' })
    expect(await text(stranger.id)).toEqual(refused(403, "Forbidden: bot can't initiate conversation with a user"))
    const blocker = control.createUser({})
    control.openDialog({ userId: blocker.id, botId })
    control.block({ userId: blocker.id, botId })
    expect(await text(blocker.id)).toEqual(refused(403, 'Forbidden: bot was blocked by the user'))
    const gone = control.createUser({})
    control.openDialog({ userId: gone.id, botId })
    control.deleteUser({ userId: gone.id })
    expect(await text(gone.id)).toEqual(refused(403, 'Forbidden: user is deactivated'))
    expect(await text(control.createBot({}).id)).toEqual(
      refused(403, "Forbidden: the bot can't send messages to the bot"),
    )
  })

  it.each(['group', 'supergroup', 'channel'] as const)('say why a %s cannot be reached', async (type) => {
    const chat = scene.control.createChat({ type })
    expect(await text(chat.id)).toEqual(refused(400, 'Bad Request: chat not found'))
    join(chat.id, 'administrator', { can_post_messages: true })
    expect((await text(chat.id)).ok).toBe(true)
    join(chat.id, 'left')
    expect(await text(chat.id)).toEqual(refused(403, `Forbidden: bot is not a member of the ${type} chat`))
    join(chat.id, 'kicked')
    expect(await text(chat.id)).toEqual(refused(403, `Forbidden: bot was kicked from the ${type} chat`))
  })

  it('say that a group was deleted, or upgraded and to what', async () => {
    const deleted = scene.control.createChat({ type: 'group' })
    join(deleted.id, 'member')
    scene.control.updateChat({ chatId: deleted.id, isDeleted: true })
    expect(await text(deleted.id)).toEqual(refused(403, 'Forbidden: the group chat was deleted'))
    const old = scene.control.createChat({ type: 'group' })
    join(old.id, 'member')
    const upgraded = scene.control.migrateChat({ chatId: old.id })
    expect(await text(old.id)).toEqual({
      ok: false,
      error_code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: upgraded.id },
    })
    expect((await text(upgraded.id)).ok).toBe(true)
  })

  it('name the missing right by kind of content', async () => {
    const chat = scene.control.createChat({
      type: 'supergroup',
      permissions: { can_send_messages: false, can_send_photos: false, can_send_videos: false, can_send_polls: false },
    })
    join(chat.id, 'member')
    const id = { chat_id: chat.id }
    expect(await text(chat.id)).toEqual(
      refused(400, 'Bad Request: not enough rights to send text messages to the chat'),
    )
    const url = 'https://example.com/x.jpg'
    expect(await scene.refusal('sendPhoto', { ...id, photo: url })).toBe(
      'Bad Request: not enough rights to send photos to the chat',
    )
    expect(await scene.refusal('sendVideo', { ...id, video: url })).toBe(
      'Bad Request: not enough rights to send videos to the chat',
    )
    expect(await scene.refusal('sendPoll', { ...id, question: 'q', options: [{ text: 'a' }, { text: 'b' }] })).toBe(
      'Bad Request: not enough rights to send polls to the chat',
    )
    const channel = scene.control.createChat({ type: 'channel' })
    join(channel.id, 'administrator')
    expect(await text(channel.id)).toEqual(refused(400, 'Bad Request: need administrator rights in the channel chat'))
    expect(await scene.refusal('createChatInviteLink', id)).toBe(
      'Bad Request: not enough rights to manage chat invite link',
    )
    expect(await scene.refusal('approveChatJoinRequest', { ...id, user_id: userId })).toBe(
      'Bad Request: not enough rights to manage chat join requests',
    )
    expect(await scene.refusal('banChatMember', { ...id, user_id: userId })).toBe(
      'Bad Request: not enough rights to restrict/unrestrict chat member',
    )
  })

  it('make a member of a slow chat wait', async () => {
    const chat = scene.control.createChat({ type: 'supergroup', slowModeSeconds: 30 })
    join(chat.id, 'member')
    expect((await text(chat.id)).ok).toBe(true)
    await clock.advance(10_000)
    expect(await text(chat.id)).toMatchObject({ error_code: 429, parameters: { retry_after: 20 } })
    await clock.advance(20_000)
    expect((await text(chat.id)).ok).toBe(true)
  })

  it('refuse bad content', async () => {
    const send = (params: object) => scene.refusal('sendMessage', { chat_id: userId, text: 'x', ...params })
    const html = (source: string) => send({ text: source, parse_mode: 'HTML' })
    expect(await send({ text: '   ' })).toBe('Bad Request: message text is empty')
    expect(await html('<b></b>')).toBe('Bad Request: message text is empty')
    expect(await send({ text: 'x'.repeat(4097) })).toBe('Bad Request: message is too long')
    expect((await text(userId, { text: '👍'.repeat(4096) })).ok).toBe(true)
    expect((await text(userId, { text: `<b>${'x'.repeat(4096)}</b>`, parse_mode: 'HTML' })).ok).toBe(true)
    expect(await html('<b>x')).toBe(
      `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`,
    )
    expect(await send({ text: 'a.b', parse_mode: 'MarkdownV2' })).toBe(
      `Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'`,
    )
    const photo = { chat_id: userId, photo: 'https://example.com/x.jpg', caption: 'x'.repeat(1025) }
    expect(await scene.refusal('sendPhoto', photo)).toBe('Bad Request: message caption is too long')
    const button = (fields: object) => send({ reply_markup: { inline_keyboard: [[{ text: 'x', ...fields }]] } })
    expect(await button({ callback_data: 'ş'.repeat(33) })).toBe('Bad Request: BUTTON_DATA_INVALID')
    expect(await button({ callback_data: '' })).toBe('Bad Request: BUTTON_DATA_INVALID')
    expect(await button({})).toBe(
      "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    )
    const rows = Array.from({ length: 200 }, () => [{ text: 'x'.repeat(30), callback_data: 'y'.repeat(60) }])
    expect(await send({ reply_markup: { inline_keyboard: rows } })).toBe('Bad Request: reply markup is too long')
    expect(await send({ reply_parameters: { message_id: 999_999 } })).toBe(
      'Bad Request: message to be replied not found',
    )
    expect(await send({ message_thread_id: 4 })).toBe('Bad Request: message thread not found')
  })

  it('refuse bad media and albums', async () => {
    const photo = (source: string) => scene.refusal('sendPhoto', { chat_id: userId, photo: source })
    expect(await photo('https://host.invalid/x.jpg')).toBe('Bad Request: failed to get HTTP URL content')
    expect(await photo('http://')).toBe('Bad Request: wrong HTTP URL specified')
    expect(await scene.refusal('getFile', { file_id: 'nothing' })).toBe(
      'Bad Request: wrong file_id or the file is temporarily unavailable',
    )
    const item = { type: 'photo', media: 'https://example.com/x.jpg' }
    const album = (media: object[]) => scene.refusal('sendMediaGroup', { chat_id: userId, media })
    expect(await album([])).toBe('Bad Request: there are no messages to send')
    expect(await album(Array.from({ length: 11 }, () => item))).toBe(
      'Bad Request: too many messages to send as an album',
    )
    expect(await album([item, { ...item, media: 'https://host.invalid/x.jpg' }])).toBe(
      'Bad Request: failed to send message #2 with the error message "failed to get HTTP URL content"',
    )
    expect(await album([item, { ...item, type: 'audio' }])).toBe(
      "Bad Request: can't use the media of the specified type in the album",
    )
  })

  it('refuse edits and deletions', async () => {
    const sent = await scene.ok<{ message_id: number }>('sendMessage', { chat_id: userId, text: 'bir' })
    const own = { chat_id: userId, message_id: sent.message_id }
    const { messageId } = scene.control.sendText({ userId, botId, text: 'benim' })
    expect(await scene.refusal('editMessageText', { ...own, text: 'bir' })).toBe(
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    )
    expect(await scene.refusal('editMessageText', { ...own, message_id: 999_999, text: 'x' })).toBe(
      'Bad Request: message to edit not found',
    )
    expect(await scene.refusal('editMessageText', { ...own, message_id: messageId, text: 'x' })).toBe(
      "Bad Request: message can't be edited",
    )
    expect(await scene.refusal('editMessageCaption', { ...own, caption: 'x' })).toBe(
      'Bad Request: there is no caption in the message to edit',
    )
    expect(await scene.refusal('deleteMessage', { ...own, message_id: 999_999 })).toBe(
      'Bad Request: message to delete not found',
    )
    await clock.advance(48 * HOUR_MS)
    expect(await scene.refusal('deleteMessage', own)).toBe("Bad Request: message can't be deleted for everyone")
  })

  it('refuse a late answer to a button', async () => {
    const markup = { inline_keyboard: [[{ text: 'Evet', callback_data: 'yes' }]] }
    await scene.ok('sendMessage', { chat_id: userId, text: 'soru', reply_markup: markup })
    const { callbackQueryId } = scene.control.press({ userId, botId })
    expect((await scene.call('answerCallbackQuery', { callback_query_id: callbackQueryId })).ok).toBe(true)
    await clock.advance(150_000)
    const tooOld = 'Bad Request: query is too old and response timeout expired or query ID is invalid'
    expect(await scene.refusal('answerCallbackQuery', { callback_query_id: callbackQueryId })).toBe(tooOld)
    expect(await scene.refusal('answerCallbackQuery', { callback_query_id: '1' })).toBe(tooOld)
  })

  it('refuse to decide a join request twice', async () => {
    const chat = scene.control.createChat({ type: 'supergroup' })
    join(chat.id, 'administrator', { can_invite_users: true })
    const link = await scene.ok<{ invite_link: string }>('createChatInviteLink', {
      chat_id: chat.id,
      creates_join_request: true,
    })
    const guest = scene.control.createUser({})
    expect(scene.control.join({ userId: guest.id, link: link.invite_link })).toEqual({ outcome: 'requested' })
    const request = { chat_id: chat.id, user_id: guest.id }
    await scene.ok('approveChatJoinRequest', request)
    expect(await scene.refusal('approveChatJoinRequest', request)).toBe('Bad Request: USER_ALREADY_PARTICIPANT')
    scene.control.leave({ userId: guest.id, chatId: chat.id })
    expect(await scene.refusal('declineChatJoinRequest', request)).toBe('Bad Request: HIDE_REQUESTER_MISSING')
  })
})
