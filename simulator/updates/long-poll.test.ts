import type { Update } from '@grammyjs/types'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

describe('createPoller', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await createScene()
  })
  afterEach(() => scene.simulator.close())

  const write = (text: string) => scene.control.sendText({ userId: scene.user.id, botId: scene.bot.id, text })
  const poll = (params: object = {}) => scene.ok<Update[]>('getUpdates', params)
  const texts = (updates: readonly Update[]) => updates.map(({ message }) => message?.text)

  it('answers pending updates again until an offset confirms them', async () => {
    for (const text of ['1', '2', '3']) write(text)
    const first = await poll()
    expect(texts(first)).toEqual(['1', '2', '3'])
    expect(await poll()).toEqual(first)
    expect(texts(await poll({ offset: (first[0]?.update_id ?? 0) + 1 }))).toEqual(['2', '3'])
    expect(texts(await poll({ limit: 1 }))).toEqual(['2'])
  })

  it('forgets what is before a negative offset', async () => {
    for (const text of ['1', '2', '3']) write(text)
    expect(texts(await poll({ offset: -1 }))).toEqual(['3'])
    expect(texts(await poll())).toEqual(['3'])
  })

  it('waits for the first update', async () => {
    const waiting = poll({ timeout: 30 })
    write('geç')
    expect(texts(await waiting)).toEqual(['geç'])
  })

  it('ends the first of two polls with a conflict', async () => {
    const first = scene.call('getUpdates', { timeout: 30 })
    await expect
      .poll(() => scene.simulator.world.bots.get(scene.bot.id)?.updates.onPush, { timeout: 20_000 })
      .not.toBeNull()
    const second = poll({ timeout: 30 })
    expect(await first).toMatchObject({ error_code: 409 })
    write('ikinci')
    expect(texts(await second)).toEqual(['ikinci'])
  })

  it('sends only what was asked for, and keeps the choice until it is changed', async () => {
    await poll({ allowed_updates: ['callback_query'] })
    write('duyulmaz')
    expect(await poll()).toEqual([])
    await poll({ allowed_updates: [] })
    write('duyulur')
    expect(texts(await poll())).toEqual(['duyulur'])
  })

  it('tells administrators about members only when they asked for it', async () => {
    const chat = scene.control.createChat({ type: 'supergroup' })
    scene.control.setMember({ chatId: chat.id, memberId: scene.bot.id, status: 'administrator' })
    scene.control.join({ userId: scene.user.id, chatId: chat.id })
    expect((await poll()).map((update) => Object.keys(update)[1])).toEqual(['my_chat_member', 'message', 'message'])
    await poll({ offset: -1, allowed_updates: ['message', 'chat_member'] })
    scene.control.leave({ userId: scene.user.id, chatId: chat.id })
    const updates = await poll({ allowed_updates: ['message', 'chat_member'] })
    expect(updates.find(({ chat_member }) => chat_member)?.chat_member).toMatchObject({
      old_chat_member: { status: 'member' },
      new_chat_member: { status: 'left', user: { id: scene.user.id } },
    })
  })

  it('tells a bot that it was blocked and unblocked', async () => {
    const by = { userId: scene.user.id, botId: scene.bot.id }
    scene.control.block(by)
    scene.control.unblock(by)
    expect((await poll()).map(({ my_chat_member: change }) => change?.new_chat_member.status)).toEqual([
      'kicked',
      'member',
    ])
  })

  it('tells about reactions only when asked', async () => {
    const { message_id: messageId } = await scene.ok<{ message_id: number }>('sendMessage', {
      chat_id: scene.user.id,
      text: 'nasıl?',
    })
    const reaction = { userId: scene.user.id, botId: scene.bot.id, messageId, emoji: '👍' }
    scene.control.react(reaction)
    expect(await poll({ allowed_updates: ['message_reaction'] })).toEqual([])
    scene.control.react({ ...reaction, emoji: '🔥', before: '👍' })
    expect((await poll())[0]?.message_reaction).toMatchObject({
      message_id: messageId,
      old_reaction: [{ type: 'emoji', emoji: '👍' }],
      new_reaction: [{ type: 'emoji', emoji: '🔥' }],
    })
  })

  it('attributes a join to its invite link, and lets the bot write to who asked to join', async () => {
    const chat = scene.control.createChat({ type: 'supergroup' })
    const rights = { can_invite_users: true }
    scene.control.setMember({ chatId: chat.id, memberId: scene.bot.id, status: 'administrator', rights })
    const create = (params: object) =>
      scene.ok<{ invite_link: string }>('createChatInviteLink', { chat_id: chat.id, ...params })
    const open = await create({ name: 'kampanya 7', member_limit: 1 })
    await poll({ offset: -1, allowed_updates: ['chat_member', 'chat_join_request'] })
    scene.control.join({ userId: scene.user.id, link: open.invite_link })
    const late = scene.control.createUser({})
    expect(scene.control.join({ userId: late.id, link: open.invite_link })).toEqual({ outcome: 'link_invalid' })
    const gated = await create({ creates_join_request: true })
    const guest = scene.control.createUser({})
    scene.control.join({ userId: guest.id, link: gated.invite_link })
    expect((await scene.call('sendMessage', { chat_id: guest.id, text: 'hoş geldin' })).ok).toBe(true)
    const updates = await poll({ offset: 0 })
    expect(updates.findLast(({ chat_member }) => chat_member)?.chat_member?.invite_link).toMatchObject({
      name: 'kampanya 7',
    })
    expect(updates.at(-1)?.chat_join_request).toMatchObject({
      user_chat_id: guest.id,
      invite_link: { creates_join_request: true },
    })
    await scene.ok('approveChatJoinRequest', { chat_id: chat.id, user_id: guest.id })
    expect((await poll()).at(-1)?.chat_member).toMatchObject({
      via_join_request: true,
      new_chat_member: { status: 'member' },
    })
  })
})
