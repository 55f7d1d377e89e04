import { afterEach, beforeEach, expect, it } from 'vitest'

import { MINUTE_MS } from '#server/base/duration.ts'
import { systemClock } from '#server/base/clock.ts'

import type { TelegramWorld } from './telegram-world.ts'

/** What every adapter that keeps order must do; called inside the `describe` of each adapter's own test. */
export const itKeepsTheModerationContract = (open: () => Promise<TelegramWorld>): void => {
  let world: TelegramWorld
  beforeEach(async () => {
    world = await open()
  })
  afterEach(() => world.close())

  const statusOf = async (chatId: number, userId: number) => {
    const standing = await world.moderation.getStanding(world.account, chatId, userId)
    return standing.kind === 'done' ? standing.value.status : standing.kind
  }

  it('tells its own standing and rights', async () => {
    const [group, other] = [await world.addGroup('administrator'), await world.addGroup('member')]
    const { moderation, account, selfId } = world
    expect(await moderation.getStanding(account, group, selfId)).toMatchObject({
      kind: 'done',
      value: { status: 'administrator', isMember: true, rights: { can_delete_messages: true } },
    })
    expect(await moderation.getStanding(account, other, selfId)).toMatchObject({
      value: { status: 'member', isMember: true, rights: {} },
    })
  })

  it('restricts and frees a member, twice as well as once', async () => {
    const group = await world.addGroup('administrator')
    const userId = await world.addMember(group, 'member')
    const { moderation, account } = world
    for (const until of [systemClock.now() + 5 * MINUTE_MS, null]) {
      expect(await moderation.restrictMember(account, group, userId, until)).toStrictEqual({ kind: 'done' })
      expect(await statusOf(group, userId)).toBe('restricted')
    }
    for (let n = 0; n < 2; n += 1)
      expect(await moderation.liftRestriction(account, group, userId)).toStrictEqual({ kind: 'done' })
    expect(await statusOf(group, userId)).toBe('member')
  })

  it('bans and unbans, and leaves in the chat whoever is there', async () => {
    const group = await world.addGroup('administrator')
    const [one, other] = [await world.addMember(group, 'member'), await world.addMember(group, 'member')]
    const { moderation, account } = world
    for (let n = 0; n < 2; n += 1)
      expect(await moderation.banMember(account, group, one, null)).toStrictEqual({ kind: 'done' })
    expect(await statusOf(group, one)).toBe('kicked')
    for (const userId of [one, one, other])
      expect(await moderation.unbanMember(account, group, userId)).toStrictEqual({ kind: 'done' })
    expect([await statusOf(group, one), await statusOf(group, other)]).toStrictEqual(['left', 'member'])
  })

  it('never touches an administrator', async () => {
    const group = await world.addGroup('administrator')
    const chief = await world.addMember(group, 'administrator')
    const refused = { kind: 'rejected', reason: 'target_is_administrator' }
    expect(await world.moderation.restrictMember(world.account, group, chief, null)).toMatchObject(refused)
    expect(await world.moderation.banMember(world.account, group, chief, null)).toMatchObject(refused)
  })

  it('is refused where the account may not', async () => {
    const group = await world.addGroup('member')
    const userId = await world.addMember(group, 'member')
    expect((await world.moderation.restrictMember(world.account, group, userId, null)).kind).toBe('rejected')
    expect((await world.moderation.banMember(world.account, group, userId, null)).kind).toBe('rejected')
  })

  it('counts messages that are gone as deleted', async () => {
    const group = await world.addGroup('administrator')
    expect(await world.moderation.deleteMessages(world.account, group, [987_654])).toStrictEqual({ kind: 'done' })
  })

  it('may ask again after a cut connection, and is lost with its token', async () => {
    const group = await world.addGroup('administrator')
    await world.failNext(group, { kind: 'cut_before_accepting' })
    expect(await world.moderation.deleteMessages(world.account, group, [1])).toMatchObject({ kind: 'retry' })
    await world.revokeToken()
    expect(await world.moderation.deleteMessages(world.account, group, [1])).toMatchObject({ kind: 'account_lost' })
  })

  it('has nothing to do for accounts that are no bots', async () => {
    const group = await world.addGroup('administrator')
    const user = { ...world.account, kind: 'user' } as const
    expect(await world.moderation.deleteMessages(user, group, [1])).toMatchObject({ reason: 'method_unknown' })
    expect(await world.moderation.getStanding(user, group, world.selfId)).toMatchObject({ reason: 'method_unknown' })
  })
}
