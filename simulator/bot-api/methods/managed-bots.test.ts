import type { BotAccessSettings, Message, Update, User } from '@grammyjs/types'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

describe('managedBotMethods', () => {
  let scene: Scene
  let manager: ReturnType<Scene['control']['createBot']>
  let offset = 0
  beforeEach(async () => {
    scene = await createScene({ world: { botsPerPerson: { regular: 2, premium: 3 } } })
    manager = scene.control.createBot({ username: 'panel_bot', canManageBots: true })
    scene.control.openDialog({ userId: scene.user.id, botId: manager.id })
    offset = 0
  })
  afterEach(() => scene.simulator.close())

  const call = (method: string, params: object = {}) => scene.call(method, params, manager.token)
  const ok = async <T>(method: string, params: object = {}): Promise<T> => {
    const answer = await call(method, params)
    if (!answer.ok) throw new Error(`${method}: ${answer.description}`)
    return answer.result
  }
  const refusal = async (method: string, params: object = {}) => {
    const answer = await call(method, params)
    return answer.ok ? 'accepted' : answer.description
  }
  const updates = async (): Promise<readonly Update[]> => {
    const rows = await ok<Update[]>('getUpdates', { offset })
    offset = (rows.at(-1)?.update_id ?? offset - 1) + 1
    return rows
  }
  const ask = (extra: object = {}) =>
    ok<Message>('sendMessage', {
      chat_id: scene.user.id,
      text: 'Botunu kur',
      reply_markup: {
        keyboard: [[{ text: 'Kur', request_managed_bot: { request_id: 7, suggested_username: 'ayse_crm_bot' } }]],
      },
      ...extra,
    })
  const create = () => scene.control.createManagedBot({ userId: scene.user.id, botId: manager.id })
  const asBot = async (token: string) => (await scene.call('getMe', {}, token)).ok

  it('give a bot that a person makes by a key to its manager', async () => {
    const { message_id: messageId } = await ask()
    const bot = scene.control.createManagedBot({ userId: scene.user.id, botId: manager.id, messageId, requestId: 7 })
    expect(bot).toMatchObject({ username: 'ayse_crm_bot', ownerId: scene.user.id, managerId: manager.id })
    const told = await updates()
    expect(told[0]?.managed_bot).toMatchObject({ user: { id: scene.user.id }, bot: { id: bot.id, is_bot: true } })
    expect(told[1]?.message).toMatchObject({ managed_bot_created: { bot: { username: 'ayse_crm_bot' } } })
    const token = await ok<string>('getManagedBotToken', { user_id: bot.id })
    expect((await scene.call('getMe', {}, token)).ok).toBe(true)
    expect((await ok<User>('getMe')) as unknown).toMatchObject({ can_manage_bots: true })
  })

  it('give a bot made from a link, with the name the link suggests', async () => {
    const link = 'https://t.me/newbot/panel_bot/ayse_two_bot?name=Ay%C5%9Fe%20CRM'
    const bot = scene.control.createManagedBotFromLink({ userId: scene.user.id, link })
    expect(bot).toMatchObject({ username: 'ayse_two_bot', name: 'Ayşe CRM' })
    expect((await updates()).map((update) => Object.keys(update)[1])).toEqual(['managed_bot'])
  })

  it('replace a token at once, and tell the manager', async () => {
    await ask()
    const bot = create()
    await updates()
    const token = await ok<string>('replaceManagedBotToken', { user_id: bot.id })
    expect(token).not.toBe(bot.token)
    expect([await asBot(bot.token), await asBot(token)]).toEqual([false, true])
    expect(await ok('getManagedBotToken', { user_id: bot.id })).toBe(token)
    expect((await updates())[0]?.managed_bot?.bot.id).toBe(bot.id)
  })

  it('follow what the owner does in BotFather', async () => {
    await ask()
    const bot = create()
    const { token } = scene.control.revokeInBotFather({ botId: bot.id })
    expect([await asBot(bot.token), await asBot(token)]).toEqual([false, true])
    expect(await ok('getManagedBotToken', { user_id: bot.id })).toBe(token)
    scene.control.deleteBot({ botId: bot.id })
    expect(await asBot(token)).toBe(false)
    expect(await refusal('getManagedBotToken', { user_id: bot.id })).toBe('Bad Request: BOT_INVALID')
  })

  it('tell the manager of a new owner', async () => {
    await ask()
    const bot = create()
    const other = scene.control.createUser({})
    await updates()
    scene.control.giveBot({ botId: bot.id, userId: other.id })
    expect((await updates())[0]?.managed_bot).toMatchObject({ user: { id: other.id }, bot: { id: bot.id } })
  })

  it('refuse bots of others, people and strangers', async () => {
    const stranger = scene.control.askBotFather({ userId: scene.user.id, name: 'Başka', username: 'baska_bot' })
    const calls = ['getManagedBotToken', 'replaceManagedBotToken', 'getManagedBotAccessSettings']
    for (const method of calls) {
      expect(await refusal(method, { user_id: stranger.id })).toBe('Bad Request: BOT_INVALID')
      expect(await refusal(method, { user_id: scene.user.id })).toBe('Bad Request: BOT_INVALID')
      expect(await refusal(method, { user_id: 5 })).toBe('Bad Request: user not found')
    }
    expect((await scene.call('getMe', {}, stranger.token)).ok).toBe(true)
  })

  it('keep people out while access is restricted', async () => {
    await ask()
    const bot = create()
    const guest = scene.control.createUser({})
    const settings = { user_id: bot.id, is_access_restricted: true, added_user_ids: [guest.id] }
    await ok('setManagedBotAccessSettings', settings)
    expect(await ok<BotAccessSettings>('getManagedBotAccessSettings', { user_id: bot.id })).toMatchObject({
      is_access_restricted: true,
      added_users: [{ id: guest.id }],
    })
    const other = scene.control.createUser({})
    expect(() => scene.control.start({ userId: other.id, botId: bot.id })).toThrow('restricted')
    for (const userId of [guest.id, scene.user.id]) scene.control.start({ userId, botId: bot.id })
    const eleven = Array.from({ length: 11 }, () => scene.control.createUser({}).id)
    expect(await refusal('setManagedBotAccessSettings', { ...settings, added_user_ids: eleven })).toBe(
      'Bad Request: USERS_TOO_MUCH',
    )
    await ok('setManagedBotAccessSettings', { user_id: bot.id, is_access_restricted: false })
    scene.control.start({ userId: other.id, botId: bot.id })
  })

  it('refuse a bot too many, a bad name and a taken one in Telegram’s words', async () => {
    await ask()
    const make = (username: string) =>
      scene.control.createManagedBot({ userId: scene.user.id, botId: manager.id, username })
    expect(() => make('ayse')).toThrow('USERNAME_INVALID')
    expect(() => make('ayse_crm')).toThrow('USERNAME_SUFFIX_MISSING')
    expect(() => make('panel_bot')).toThrow('USERNAME_OCCUPIED')
    make('ayse_1_bot')
    make('ayse_2_bot')
    expect(() => make('ayse_3_bot')).toThrow('BOT_CREATE_LIMIT_EXCEEDED')
    expect(() => scene.control.askBotFather({ userId: scene.user.id, name: 'Üç', username: 'ayse_3_bot' })).toThrow(
      'BOT_CREATE_LIMIT_EXCEEDED',
    )
    scene.control.updateUser({ userId: scene.user.id, isPremium: true })
    make('ayse_3_bot')
  })

  it('ask only in private, and only with Bot Management Mode', async () => {
    const group = scene.control.createChat({ type: 'supergroup', ownerId: scene.user.id })
    scene.control.setMember({ chatId: group.id, memberId: manager.id, status: 'member' })
    const markup = { keyboard: [[{ text: 'Kur', request_managed_bot: { request_id: 1 } }]] }
    const params = { chat_id: group.id, text: 'x', reply_markup: markup }
    expect(await refusal('sendMessage', params)).toContain('in private chats only')
    expect(await scene.refusal('sendMessage', { ...params, chat_id: scene.user.id })).toBe(
      'Bad Request: MANAGER_PERMISSION_MISSING',
    )
    const link = 'https://t.me/newbot/TestBotAPI_bot/ayse_two_bot'
    expect(() => scene.control.createManagedBotFromLink({ userId: scene.user.id, link })).toThrow(
      'MANAGER_PERMISSION_MISSING',
    )
    expect(() => create()).toThrow('shows no key')
  })
})
