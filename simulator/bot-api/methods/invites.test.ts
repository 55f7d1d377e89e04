import type { ChatInviteLink, Update } from '@grammyjs/types'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

const MINUTE_MS = 60_000

describe('inviteMethods', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  let chatId: number
  beforeEach(async () => {
    clock = createManualSimulatorClock(Date.UTC(2026, 10, 21))
    scene = await createScene({ clock })
    chatId = scene.control.createChat({ type: 'supergroup', title: 'Mahalle' }).id
    promote(scene.bot.id)
    await scene.ok('getUpdates', { allowed_updates: ['chat_member', 'chat_join_request'] })
  })
  afterEach(() => scene.simulator.close())

  const promote = (memberId: number, rights = { can_invite_users: true }) =>
    scene.control.setMember({ chatId, memberId, status: 'administrator', rights })
  const create = (params: object = {}) =>
    scene.ok<ChatInviteLink>('createChatInviteLink', { chat_id: chatId, ...params })
  const join = (link: ChatInviteLink) => {
    const { id } = scene.control.createUser({})
    return { id, ...scene.control.join({ userId: id, link: link.invite_link }) }
  }
  const updates = () => scene.ok<Update[]>('getUpdates')

  it('make a link that ends at its date', async () => {
    const link = await create({ name: 'kış', expire_date: Math.floor(clock.now() / 1000) + 60 })
    expect(link).toMatchObject({ name: 'kış', creates_join_request: false, is_primary: false, is_revoked: false })
    expect(join(link).outcome).toBe('joined')
    await clock.advance(MINUTE_MS)
    expect(join(link).outcome).toBe('link_invalid')
  })

  it('take a limit or a request, not both', async () => {
    expect(
      await scene.refusal('createChatInviteLink', { chat_id: chatId, member_limit: 3, creates_join_request: true }),
    ).toBe("Bad Request: member limit can't be specified for links requiring administrator approval")
    const link = await create({ member_limit: 1 })
    expect([join(link).outcome, join(link).outcome]).toEqual(['joined', 'link_invalid'])
  })

  it('change, revoke and replace links, those of others excepted', async () => {
    const link = await create({ name: 'eski' })
    const address = { chat_id: chatId, invite_link: link.invite_link }
    expect(
      await scene.ok('editChatInviteLink', { ...address, name: 'yeni', creates_join_request: true }),
    ).toMatchObject({ name: 'yeni', creates_join_request: true })
    const other = scene.control.createBot({})
    promote(other.id)
    expect(await scene.call('revokeChatInviteLink', address, other.token)).toMatchObject({
      description: 'Bad Request: not enough rights to manage chat invite link',
    })
    expect(await scene.ok('revokeChatInviteLink', address)).toMatchObject({ is_revoked: true })
    expect(join(link).outcome).toBe('link_invalid')
    expect(await scene.refusal('editChatInviteLink', { ...address, name: 'x' })).toContain('CHAT_INVITE_PERMANENT')
    const first = await scene.ok<string>('exportChatInviteLink', { chat_id: chatId })
    expect(await scene.ok<string>('exportChatInviteLink', { chat_id: chatId })).not.toBe(first)
    const { id: userId } = scene.control.createUser({})
    expect(scene.control.join({ userId, link: first })).toEqual({ outcome: 'link_invalid' })
  })

  it('say by which link somebody came, with the address shown to the bot that made it alone', async () => {
    const other = scene.control.createBot({})
    promote(other.id)
    await scene.call('getUpdates', { allowed_updates: ['chat_member'] }, other.token)
    const link = await create({ name: 'kampanya' })
    join(link)
    expect((await updates()).at(-1)?.chat_member?.invite_link?.invite_link).toBe(link.invite_link)
    const seen = (await scene.call('getUpdates', {}, other.token)) as unknown as { readonly result: readonly Update[] }
    const shown = seen.result.at(-1)?.chat_member?.invite_link
    expect(shown).toMatchObject({ name: 'kampanya', invite_link: expect.stringMatching(/^https:\/\/t\.me\/\+.{8}…$/) })
  })

  it('let the bot write to who asks, for five minutes and until it is decided', async () => {
    const link = await create({ creates_join_request: true })
    const send = async (id: number) => (await scene.call('sendMessage', { chat_id: id, text: 'hoş geldin' })).ok
    const [slow, decided] = [join(link), join(link)]
    expect([slow.outcome, decided.outcome]).toEqual(['requested', 'requested'])
    expect((await updates()).at(-1)?.chat_join_request).toMatchObject({
      user_chat_id: decided.id,
      invite_link: { invite_link: link.invite_link, pending_join_request_count: 2 },
    })
    expect([await send(slow.id), await send(decided.id)]).toEqual([true, true])
    await scene.ok('declineChatJoinRequest', { chat_id: chatId, user_id: decided.id })
    await clock.advance(5 * MINUTE_MS - 1)
    expect([await send(slow.id), await send(decided.id)]).toEqual([true, false])
    await clock.advance(1)
    expect(await send(slow.id)).toBe(false)
  })

  it('decide a request once, with Telegram’s words for what is too late', async () => {
    const link = await create({ creates_join_request: true })
    const guest = join(link)
    const request = { chat_id: chatId, user_id: guest.id }
    await scene.ok('approveChatJoinRequest', request)
    expect((await updates()).at(-1)?.chat_member).toMatchObject({
      via_join_request: true,
      invite_link: { invite_link: link.invite_link },
      new_chat_member: { status: 'member' },
    })
    expect(await scene.refusal('declineChatJoinRequest', request)).toBe('Bad Request: USER_ALREADY_PARTICIPANT')
    expect(await scene.refusal('approveChatJoinRequest', { ...request, user_id: scene.user.id })).toBe(
      'Bad Request: HIDE_REQUESTER_MISSING',
    )
  })

  it('refuse administrators without the right to invite', async () => {
    promote(scene.bot.id, { can_invite_users: false })
    expect(await scene.refusal('createChatInviteLink', { chat_id: chatId })).toBe(
      'Bad Request: not enough rights to manage chat invite link',
    )
    expect(await scene.refusal('approveChatJoinRequest', { chat_id: chatId, user_id: scene.user.id })).toBe(
      'Bad Request: not enough rights to manage chat join requests',
    )
  })
})
