import { afterEach, beforeEach, expect, it } from 'vitest'

import type { TelegramWorld } from './telegram-world.ts'

/** What every directory must do; called inside the `describe` of each adapter's own test. */
export const itKeepsTheDirectoryContract = (open: () => Promise<TelegramWorld>): void => {
  let world: TelegramWorld
  beforeEach(async () => {
    world = await open()
  })
  afterEach(() => world.close())

  it('finds a group and a person by id', async () => {
    const group = await world.addGroup('administrator')
    const person = await world.addPerson('started')
    const found = await world.directory.getChat(world.account, group)
    expect(found).toMatchObject({ kind: 'done', value: { chatId: group, title: expect.stringMatching(/./) as string } })
    expect(await world.directory.getChat(world.account, person)).toMatchObject({
      kind: 'done',
      value: { chatId: person, kind: 'private' },
    })
  })

  it('finds nothing under an id or name nobody has', async () => {
    const rejected = { kind: 'rejected', reason: 'chat_not_found' }
    expect(await world.directory.getChat(world.account, world.unknownChatId)).toMatchObject(rejected)
    expect(await world.directory.getChat(world.account, '@nobody_has_this_name')).toMatchObject(rejected)
  })

  it.each([
    ['administrator', true],
    ['member', true],
    ['left', false],
    ['kicked', false],
  ] as const)('tells that somebody who is %s is in the chat: %s', async (status, isMember) => {
    const group = await world.addGroup('administrator')
    const userId = await world.addMember(group, status)
    expect(await world.directory.getMember(world.account, group, userId)).toStrictEqual({
      kind: 'done',
      value: { userId, status, isMember, isBot: false },
    })
  })

  it('counts members and administrators', async () => {
    const group = await world.addGroup('administrator')
    const count = async () => ({
      members: await world.directory.countMembers(world.account, group),
      administrators: await world.directory.countAdministrators(world.account, group),
    })
    const before = await count()
    await world.addMember(group, 'member')
    await world.addMember(group, 'administrator')
    await world.addMember(group, 'left')
    const after = await count()
    const valueOf = (result: (typeof before)['members']) => (result.kind === 'done' ? result.value : Number.NaN)
    expect(valueOf(after.members) - valueOf(before.members)).toBe(2)
    expect(valueOf(after.administrators) - valueOf(before.administrators)).toBe(1)
  })

  it('makes an invite link that carries its name', async () => {
    const group = await world.addGroup('administrator')
    const open = await world.directory.createInviteLink(world.account, group, { name: 'Haziran' })
    expect(open).toMatchObject({ kind: 'done', value: { name: 'Haziran', createsJoinRequest: false } })
    const guarded = await world.directory.createInviteLink(world.account, group, {
      name: 'Onaylı',
      admission: { kind: 'approved_by_administrator' },
    })
    expect(guarded).toMatchObject({ kind: 'done', value: { name: 'Onaylı', createsJoinRequest: true } })
    expect(guarded).not.toMatchObject({ value: { url: open.kind === 'done' ? open.value.url : '' } })
  })

  it('ends an invite link, also twice, and knows none that nobody made', async () => {
    const group = await world.addGroup('administrator')
    const made = await world.directory.createInviteLink(world.account, group, { name: 'Haziran' })
    const url = made.kind === 'done' ? made.value.url : ''
    for (let times = 0; times < 2; times += 1)
      expect(await world.directory.revokeInviteLink(world.account, group, url)).toStrictEqual({ kind: 'done' })
    const unknown = await world.directory.revokeInviteLink(world.account, group, 'https://t.me/+nobodyMadeThisLink')
    expect(unknown).toMatchObject({ kind: 'rejected' })
  })

  it('makes no invite link where it may not', async () => {
    const group = await world.addGroup('member')
    expect(await world.directory.createInviteLink(world.account, group, { name: 'Haziran' })).toMatchObject({
      kind: 'rejected',
      reason: 'no_admin_right',
    })
  })

  it('lets in whom it approves, keeps out whom it declines, and may say so twice', async () => {
    const group = await world.addGroup('administrator')
    const [welcome, unwelcome] = [await world.addJoinRequest(group), await world.addJoinRequest(group)]
    const { directory, account } = world
    for (let times = 0; times < 2; times += 1) {
      expect(await directory.approveJoinRequest(account, group, welcome)).toStrictEqual({ kind: 'done' })
      expect(await directory.declineJoinRequest(account, group, unwelcome)).toStrictEqual({ kind: 'done' })
    }
    expect(await directory.getMember(account, group, welcome)).toMatchObject({ value: { isMember: true } })
    expect(await directory.getMember(account, group, unwelcome)).toMatchObject({ value: { isMember: false } })
  })

  it('may ask again after a cut connection, and is lost with its token', async () => {
    const group = await world.addGroup('administrator')
    await world.failNext(group, { kind: 'cut_before_accepting' })
    expect(await world.directory.countMembers(world.account, group)).toMatchObject({
      kind: 'retry',
      reason: 'connection_cut',
    })
    await world.revokeToken()
    expect(await world.directory.countMembers(world.account, group)).toMatchObject({
      kind: 'account_lost',
      reason: 'token_revoked',
    })
  })
}
