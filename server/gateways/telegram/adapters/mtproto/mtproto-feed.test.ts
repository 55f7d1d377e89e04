import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import { createMemoryUserSessions } from '#server/testing/memory-user-sessions.ts'
import { PHONE, logInUser, mtprotoRoot, openMtproto } from '#server/testing/simulated-user-telegram.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

import type { FollowEnd, FollowOptions, UserUpdate } from '../../user-feed.ts'
import type { Mtproto } from './create-mtproto.ts'

describe('createMtprotoFeed', () => {
  let simulator: Simulator
  let mtproto: Mtproto
  let account: TelegramAccount
  let me: number
  let friend: number
  let following: { readonly abort: AbortController; readonly ended: Promise<FollowEnd> }[]
  const store = createMemoryUserSessions()
  let sessionId = 0

  beforeEach(async () => {
    simulator = await startSimulator({ limits: false, seed: 7, mtproto: true })
    me = simulator.control.createUserLogin({ phone: PHONE, firstName: 'Ayşe' }).userId
    friend = simulator.control.createUser({ firstName: 'Berk', username: 'berk' }).id
    mtproto = await openMtproto(store)
    sessionId += 1
    const apiRoot = mtprotoRoot(simulator)
    account = { tenantId: 1, accountId: 1, kind: 'user', token: '', sessionId, apiRoot }
    await logInUser(simulator, mtproto, { tenantId: 1, sessionId, apiRoot })
    following = []
  })
  afterEach(async () => {
    for (const { abort, ended } of following) {
      abort.abort()
      await ended
    }
    await mtproto.close()
    await simulator.close()
  })

  const follow = (more: Partial<FollowOptions> = {}, telegram = mtproto) => {
    const abort = new AbortController()
    const received: UserUpdate[] = []
    const deliver = (updates: readonly UserUpdate[]) => {
      received.push(...updates)
      return Promise.resolve()
    }
    const ended = telegram.feed.follow(account, { deliver, signal: abort.signal, checkEveryMs: 300, ...more })
    following.push({ abort, ended })
    return { received, abort, ended }
  }
  const textsOf = (updates: readonly UserUpdate[]) => updates.map(({ body }) => body['text'])
  const say = (text: string) => simulator.control.writeToUser({ userId: friend, toUserId: me, text })
  /** Until the feed listens: what is said before its first start is not its to tell. */
  const hear = async ({ received }: { readonly received: readonly UserUpdate[] }) => {
    for (let n = 0; received.length === 0; n++) {
      say(`ses ${n}`)
      await expect
        .poll(() => received.length, { timeout: 1_500 })
        .toBeGreaterThan(0)
        .catch(() => undefined)
    }
  }

  // On a starved machine the first message of a supergroup just joined was missed once in some dozens of runs; why is open.
  it(
    'tells of private and group messages as bots are told, and of what the account wrote to people',
    { retry: 2 },
    async () => {
      const { control } = simulator
      const feed = follow()
      await hear(feed)
      const heard = feed.received.length
      const group = control.createChat({ type: 'group', title: 'Mahalle', ownerId: friend })
      control.setMember({ chatId: group.id, memberId: me, status: 'member' })
      const superGroup = control.createChat({ type: 'supergroup', title: 'Meydan', ownerId: friend })
      control.setMember({ chatId: superGroup.id, memberId: me, status: 'member' })
      say('Merhaba')
      control.sendText({ userId: friend, chatId: group.id, text: 'Gruba' })
      control.sendText({ userId: friend, chatId: superGroup.id, text: 'Meydana' })
      await mtproto.sender.send(account, { chatId: friend, text: 'Benden' })
      control.writeToUser({ userId: me, toUserId: friend, text: 'Elimle' })
      say('Son')
      await expect
        .poll(() => textsOf(feed.received.slice(heard)).map(String).toSorted(), { timeout: 10_000 })
        .toEqual(['Benden', 'Elimle', 'Gruba', 'Merhaba', 'Meydana', 'Son'])
      const own = feed.received.find(({ body }) => body['text'] === 'Elimle')
      expect(own?.kind).toBe('business_message')
      expect(own?.body).toMatchObject({ chat: { id: friend, type: 'private' } })
      expect(own?.body).not.toHaveProperty('from')
      const [privately] = feed.received.filter(({ body }) => body['text'] === 'Merhaba')
      expect(privately?.body).toMatchObject({
        chat: { id: friend, type: 'private', first_name: 'Berk' },
        from: { id: friend, is_bot: false, first_name: 'Berk', username: 'berk' },
      })
      const inGroup = feed.received.find(({ body }) => body['text'] === 'Gruba')
      expect(inGroup?.body).toMatchObject({ chat: { id: group.id, type: 'group', title: 'Mahalle' } })
      const inSuper = feed.received.find(({ body }) => body['text'] === 'Meydana')
      expect(inSuper?.body).toMatchObject({ chat: { id: superGroup.id, type: 'supergroup', title: 'Meydan' } })
      expect(new Set(feed.received.map(({ key }) => key)).size).toBe(feed.received.length)
    },
  )

  it('catches up on what was said while nobody listened', async () => {
    const first = follow()
    await hear(first)
    first.abort.abort()
    expect(await first.ended).toEqual({ kind: 'stopped' })
    await mtproto.close()
    say('bir')
    say('iki')
    mtproto = await openMtproto(store)
    const second = follow({}, mtproto)
    await expect.poll(() => textsOf(second.received), { timeout: 10_000 }).toEqual(['bir', 'iki'])
  })

  it('catches up on supergroups: all that was said while nobody listened, page by page, each once', async () => {
    const { control } = simulator
    const { id: chatId } = control.createChat({ type: 'supergroup', title: 'Meydan', ownerId: friend })
    control.setMember({ chatId, memberId: me, status: 'member' })
    const first = follow()
    await hear(first)
    control.sendText({ userId: friend, chatId, text: 'Duyuldu' })
    await expect.poll(() => textsOf(first.received), { timeout: 10_000 }).toContain('Duyuldu')
    first.abort.abort()
    await first.ended
    await mtproto.close()
    const missed = Array.from({ length: 130 }, (_, n) => `kaçan ${n}`)
    for (const text of missed) control.sendText({ userId: friend, chatId, text })
    mtproto = await openMtproto(store)
    const second = follow({}, mtproto)
    await expect.poll(() => textsOf(second.received), { timeout: 15_000 }).toEqual(missed)
    control.sendText({ userId: friend, chatId, text: 'Sonra' })
    await expect.poll(() => textsOf(second.received).slice(missed.length), { timeout: 10_000 }).toEqual(['Sonra'])
  })

  it('asks again for what was not stored when the process ended', async () => {
    const first = follow()
    await hear(first)
    first.abort.abort()
    await first.ended
    await mtproto.close()
    mtproto = await openMtproto(store)
    const troubles: string[] = []
    const broken = follow({
      deliver: () => Promise.reject(new Error('no database')),
      onTrouble: (what) => troubles.push(what),
    })
    say('kaybolmasın')
    await expect.poll(() => troubles.length, { timeout: 10_000 }).toBeGreaterThan(0)
    broken.abort.abort()
    await broken.ended
    await mtproto.close()
    mtproto = await openMtproto(store)
    const third = follow({}, mtproto)
    await expect.poll(() => textsOf(third.received), { timeout: 10_000 }).toEqual(['kaybolmasın'])
  })

  it('reconnects by itself, misses nothing and says nothing twice', async () => {
    const feed = follow()
    await hear(feed)
    const heard = feed.received.length
    const said: string[] = []
    for (const word of ['bir', 'iki', 'üç']) {
      simulator.control.addRpcFault({ kind: 'drop_before', method: 'updates.getState', times: 1 })
      simulator.control.addRpcFault({ kind: 'drop_after', method: 'updates.getDifference', times: 1 })
      say(word)
      said.push(word)
      await expect.poll(() => textsOf(feed.received.slice(heard)), { timeout: 10_000 }).toEqual(said)
    }
    expect(new Set(feed.received.map(({ key }) => key)).size).toBe(feed.received.length)
  })

  it('waits out a flood wait, and ends when the session was ended elsewhere', async () => {
    const troubles: string[] = []
    simulator.control.addRpcFault({
      kind: 'refuse',
      method: 'updates.getState',
      times: 1,
      code: 420,
      text: 'FLOOD_WAIT_1',
    })
    const feed = follow({ onTrouble: (what) => troubles.push(what) })
    await hear(feed)
    expect(troubles).toEqual(['flood_wait'])
    simulator.control.revokeSession({ userId: me })
    expect(await feed.ended).toEqual({ kind: 'account_lost', reason: 'session_lost' })
  })
})
