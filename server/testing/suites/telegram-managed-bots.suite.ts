import { afterEach, beforeEach, expect, it } from 'vitest'

import type { TelegramManagedBots } from '#server/gateways/telegram/managed-bots.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

/** A Telegram in which a manager bot and a bot somebody made for it exist. */
export interface ManagedBotsWorld {
  readonly managedBots: TelegramManagedBots
  readonly manager: TelegramAccount
  /** A bot that manages nothing. */
  readonly otherBot: TelegramAccount
  readonly botTelegramId: number
  /** A person whom access can be given to. */
  readonly personId: number
  /** The owner makes a new token in BotFather; answers it. */
  revokeInBotFather(): Promise<string>
  deleteBot(): Promise<void>
  revokeManager(): Promise<void>
  /** The next call's connection is cut after Telegram accepted it. */
  cutNext(): Promise<void>
  isAlive(token: string): Promise<boolean>
  close(): Promise<void>
}

/** What every adapter for managed bots must do; called inside the `describe` of each adapter's own test. */
export const itKeepsTheManagedBotsContract = (open: () => Promise<ManagedBotsWorld>): void => {
  let world: ManagedBotsWorld
  beforeEach(async () => {
    world = await open()
  })
  afterEach(() => world.close())

  const getToken = () => world.managedBots.getToken(world.manager, world.botTelegramId)
  const tokenOf = async (result: ReturnType<TelegramManagedBots['getToken']>): Promise<string> => {
    const answer = await result
    if (answer.kind !== 'done') throw new Error(`no token: ${JSON.stringify(answer)}`)
    return answer.value
  }

  it('gives the token that works to the manager', async () => {
    const token = await tokenOf(getToken())
    expect(Number(token.split(':')[0])).toBe(world.botTelegramId)
    expect(await world.isAlive(token)).toBe(true)
    expect(await tokenOf(getToken())).toBe(token)
  })

  it('replaces a token, whose predecessor is dead at once', async () => {
    const before = await tokenOf(getToken())
    const after = await tokenOf(world.managedBots.replaceToken(world.manager, world.botTelegramId))
    expect(await Promise.all([before, after].map((token) => world.isAlive(token)))).toStrictEqual([false, true])
    expect(await tokenOf(getToken())).toBe(after)
  })

  it('gives the token its owner made in BotFather', async () => {
    const before = await tokenOf(getToken())
    const token = await world.revokeInBotFather()
    expect(token).not.toBe(before)
    expect(await tokenOf(getToken())).toBe(token)
  })

  it('keeps other bots out', async () => {
    const { managedBots, otherBot, botTelegramId } = world
    const refused = { kind: 'rejected', reason: 'managed_bot_missing' }
    expect(await managedBots.getToken(otherBot, botTelegramId)).toMatchObject(refused)
    expect(await managedBots.replaceToken(otherBot, botTelegramId)).toMatchObject(refused)
    expect(
      await managedBots.setAccess(otherBot, botTelegramId, { isRestricted: true, addedUserIds: [] }),
    ).toMatchObject(refused)
    expect(await world.isAlive(await tokenOf(getToken()))).toBe(true)
  })

  it('says that a deleted bot is gone, and that a revoked manager can ask nothing', async () => {
    await world.deleteBot()
    expect(await getToken()).toMatchObject({ kind: 'rejected', reason: 'managed_bot_missing' })
    await world.revokeManager()
    expect(await getToken()).toMatchObject({ kind: 'account_lost', reason: 'token_revoked' })
  })

  it('lets a call whose answer was lost be tried again', async () => {
    await world.cutNext()
    expect(await world.managedBots.replaceToken(world.manager, world.botTelegramId)).toMatchObject({ kind: 'retry' })
    expect(await world.isAlive(await tokenOf(getToken()))).toBe(true)
  })

  it('restricts access and opens it again', async () => {
    const { managedBots, manager, botTelegramId, personId } = world
    expect(await managedBots.getAccess(manager, botTelegramId)).toStrictEqual({
      kind: 'done',
      value: { isRestricted: false, addedUserIds: [] },
    })
    const access = { isRestricted: true, addedUserIds: [personId] }
    expect(await managedBots.setAccess(manager, botTelegramId, access)).toStrictEqual({ kind: 'done' })
    expect(await managedBots.getAccess(manager, botTelegramId)).toStrictEqual({ kind: 'done', value: access })
    await managedBots.setAccess(manager, botTelegramId, { isRestricted: false, addedUserIds: [] })
    expect(await managedBots.getAccess(manager, botTelegramId)).toMatchObject({ value: { isRestricted: false } })
  })
}
