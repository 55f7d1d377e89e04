import { afterEach, beforeEach, expect, it } from 'vitest'

import type { TelegramUpdate } from '#server/gateways/telegram/update-feed.ts'

import type { TelegramWorld } from './telegram-world.ts'

const WEBHOOK = { url: 'https://example.com/telegram/1', secretToken: 'secret-1', maxConnections: 40 }

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** What every update feed must do; called inside the `describe` of each adapter's own test. */
export const itKeepsTheUpdateFeedContract = (open: () => Promise<TelegramWorld>): void => {
  let world: TelegramWorld
  let person: number
  beforeEach(async () => {
    world = await open()
    person = await world.addPerson('started')
    await drain()
  })
  afterEach(() => world.close())

  const poll = async (offset: number, waitSeconds = 0): Promise<readonly TelegramUpdate[]> => {
    const result = await world.updateFeed.getUpdates(world.account, { offset, waitSeconds })
    if (result.kind !== 'done') throw new Error(`no updates: ${JSON.stringify(result)}`)
    return result.value
  }
  const after = (updates: readonly TelegramUpdate[]) => (updates.at(-1)?.update_id ?? -1) + 1
  let nextOffset = 0
  const drain = async () => {
    nextOffset = after(await poll(0))
    await poll(nextOffset)
  }

  it('gives updates in order until they are confirmed by the offset', async () => {
    await world.writeToBot(person, 'bir')
    await world.writeToBot(person, 'iki')
    const updates = await poll(nextOffset)
    expect(updates).toMatchObject([{ message: { text: 'bir' } }, { message: { text: 'iki' } }])
    expect(await poll(nextOffset)).toStrictEqual(updates)
    expect(await poll(updates[1]!.update_id)).toMatchObject([{ message: { text: 'iki' } }])
    expect(await poll(after(updates))).toStrictEqual([])
  })

  it('answers a waiting poll as soon as there is something', async () => {
    const waiting = poll(nextOffset, 50)
    await pause(30)
    await world.writeToBot(person, 'merhaba')
    expect(await waiting).toMatchObject([{ message: { text: 'merhaba' } }])
  })

  it('tells the first poller about a second one', async () => {
    const first = world.updateFeed.getUpdates(world.account, { offset: nextOffset, waitSeconds: 50 })
    // The first may reach the server late, so the second asks until it has met it.
    const endOfFirst = async () => {
      for (;;) {
        await poll(nextOffset)
        const end = await Promise.race([first, pause(5)])
        if (end) return end
      }
    }
    expect(await endOfFirst()).toMatchObject({ kind: 'retry', reason: 'polled_elsewhere', scope: 'account' })
  })

  it('ends a poll its caller gives up', async () => {
    const giveUp = new AbortController()
    const options = { offset: nextOffset, waitSeconds: 50, signal: giveUp.signal }
    const waiting = world.updateFeed.getUpdates(world.account, options)
    await pause(30)
    giveUp.abort()
    expect(await waiting).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/^aborted_/) as string })
  })

  it('does not poll beside a webhook, and keeps what is waiting when it is taken down', async () => {
    const { updateFeed, account } = world
    expect(await updateFeed.getWebhook(account)).toStrictEqual({
      kind: 'done',
      value: { url: null, pendingUpdates: 0, lastError: null },
    })
    expect(await updateFeed.setWebhook(account, WEBHOOK)).toStrictEqual({ kind: 'done' })
    expect(await updateFeed.getWebhook(account)).toMatchObject({ kind: 'done', value: { url: WEBHOOK.url } })
    expect(await updateFeed.getUpdates(account, { offset: nextOffset, waitSeconds: 0 })).toMatchObject({
      kind: 'rejected',
      reason: 'webhook_active',
    })
    expect(await updateFeed.deleteWebhook(account)).toStrictEqual({ kind: 'done' })
    await world.writeToBot(person, 'hâlâ burada')
    expect(await poll(nextOffset)).toMatchObject([{ message: { text: 'hâlâ burada' } }])
  })

  it('knows whose token it is, and that a stranger has none', async () => {
    const profile = await world.updateFeed.validateToken(world.account)
    expect(profile).toMatchObject({
      kind: 'done',
      value: {
        telegramId: Number(world.account.token.split(':')[0]),
        username: expect.stringMatching(/bot$/i) as string,
      },
    })
    expect(await world.updateFeed.validateToken(world.strangersAccount)).toMatchObject({
      kind: 'account_lost',
      reason: 'token_revoked',
    })
    await world.revokeToken()
    expect(await world.updateFeed.validateToken(world.account)).toMatchObject({ kind: 'account_lost' })
  })
}
