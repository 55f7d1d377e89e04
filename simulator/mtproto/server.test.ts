import type { SentCode, TelegramClient } from '@mtcute/node'
import { Long, MemoryStorage, tl } from '@mtcute/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'
import { createUserClient, type UserClientOptions } from '#simulator/testing/user-client.ts'

const PHONE = '+905551112233'

describe('startMtprotoServer', () => {
  let simulator: Simulator
  let clock: ManualSimulatorClock
  let clients: TelegramClient[]
  let userId: number
  let bugs: unknown[]

  beforeEach(async () => {
    clock = createManualSimulatorClock(Date.UTC(2026, 5, 1))
    bugs = []
    const onBug = (error: unknown) => void bugs.push(error)
    simulator = await startSimulator({ seed: 'mtproto', mtproto: true, limits: false, clock, onBug })
    clients = []
    ;({ userId } = simulator.control.createUserLogin({ phone: PHONE, firstName: 'Ayşe', username: 'ayse_s' }))
  })
  afterEach(async () => {
    for (const client of clients) await client.destroy()
    await simulator.close()
    if (bugs.length > 0) throw new AggregateError(bugs, 'the simulator broke')
  })

  const open = async (options?: UserClientOptions): Promise<TelegramClient> => {
    const client = await createUserClient(simulator, options)
    clients.push(client)
    return client
  }
  const codeOf = (phone = PHONE): string => simulator.control.getLoginCode({ phone }).code
  const askForCode = async (client: TelegramClient, phone = PHONE): Promise<SentCode> => {
    const sent = await client.sendCode({ phone })
    if (!('phoneCodeHash' in sent)) throw new Error('logged in without a code')
    return sent
  }
  const logIn = async (client: TelegramClient, phone = PHONE): Promise<TelegramClient> => {
    const { phoneCodeHash } = await askForCode(client, phone)
    await client.signIn({ phone, phoneCodeHash, phoneCode: codeOf(phone) })
    return client
  }
  const refusalOf = async (call: Promise<unknown>): Promise<string> => {
    const error: unknown = await call.then(
      () => null,
      (reason: unknown) => reason,
    )
    if (!(error instanceof tl.RpcError)) throw new Error(`refused with ${String(error)}`)
    return `${error.code} ${error.text}`
  }

  it('logs an unmodified client in by code, and refuses what it must', async () => {
    const client = await open()
    const { phoneCodeHash, length } = await askForCode(client)
    expect(length).toBe(codeOf().length)
    const signIn = (phoneCode: string) => client.signIn({ phone: PHONE, phoneCodeHash, phoneCode })
    expect(await refusalOf(client.getMe())).toBe('401 AUTH_KEY_UNREGISTERED')
    expect(await refusalOf(signIn('00000'))).toBe('400 PHONE_CODE_INVALID')
    const me = await signIn(codeOf())
    expect({ id: me.id, name: me.firstName, phone: me.phoneNumber }).toEqual({
      id: userId,
      name: 'Ayşe',
      phone: '905551112233',
    })
    expect((await client.getMe()).username).toBe('ayse_s')
  })

  it.each([
    ['905', '406 PHONE_NUMBER_INVALID'],
    ['905559990000', '400 PHONE_NUMBER_BANNED'],
  ])('sends no code to %s', async (phone, refusal) => {
    const banned = simulator.control.createUserLogin({ phone: '905559990000' })
    simulator.control.updateUserLogin({ userId: banned.userId, isBanned: true })
    expect(await refusalOf((await open()).sendCode({ phone }))).toBe(refusal)
  })

  it('honours a code for five minutes and four wrong tries', async () => {
    const client = await open()
    const first = await askForCode(client)
    const late = codeOf()
    await clock.advance(300_000)
    const signIn = (phoneCodeHash: string, phoneCode: string) =>
      refusalOf(client.signIn({ phone: PHONE, phoneCodeHash, phoneCode }))
    expect(await signIn(first.phoneCodeHash, late)).toBe('400 PHONE_CODE_EXPIRED')
    const second = await askForCode(client)
    const code = codeOf()
    for (let tried = 0; tried < 5; tried++) {
      expect(await signIn(second.phoneCodeHash, '00000')).toBe('400 PHONE_CODE_INVALID')
    }
    expect(await signIn(second.phoneCodeHash, code)).toBe('400 PHONE_CODE_EXPIRED')
  })

  it.each(['a bot', 'a person', 'a group'])('voids a code whose digits are written to %s', async (where) => {
    const { control } = simulator
    const bot = control.createBot({})
    const other = control.createUser({}).id
    const chatId = control.createChat({ type: 'group', ownerId: userId }).id
    const client = await open()
    const { phoneCodeHash } = await askForCode(client)
    const text = `kodum ${codeOf()}, kimseye söyleme`
    if (where === 'a bot') control.sendText({ userId, botId: bot.id, text })
    else if (where === 'a person') control.writeToUser({ userId, toUserId: other, text })
    else control.sendText({ userId, chatId, text })
    const phoneCode = codeOf()
    expect(await refusalOf(client.signIn({ phone: PHONE, phoneCodeHash, phoneCode }))).toBe('400 PHONE_CODE_EXPIRED')
  })

  it('asks for the password and believes only a proof of it', async () => {
    const phone = '905550000001'
    simulator.control.createUserLogin({ phone, password: 'gizli söz', hint: 'kedi' })
    const client = await open()
    expect(await refusalOf(logIn(client, phone))).toBe('401 SESSION_PASSWORD_NEEDED')
    expect(await refusalOf(client.getMe())).toBe('401 SESSION_PASSWORD_NEEDED')
    expect(await client.getPasswordHint()).toBe('kedi')
    expect(await refusalOf(client.checkPassword('yanlış'))).toBe('400 PASSWORD_HASH_INVALID')
    expect((await client.checkPassword('gizli söz')).phoneNumber).toBe(phone)
  })

  it('logs in by QR code, which lives for 30 seconds', async () => {
    const client = await open({ isListening: true })
    const show = () => client.call({ _: 'auth.exportLoginToken', apiId: 1, apiHash: 'hash', exceptIds: [] })
    const urlOf = (token: Uint8Array) => `tg://login?token=${Buffer.from(token).toString('base64url')}`
    const stale = await show()
    if (stale._ !== 'auth.loginToken') throw new Error(stale._)
    await clock.advance(30_000)
    expect(() => simulator.control.scanQr({ userId, url: urlOf(stale.token) })).toThrow('AUTH_TOKEN_EXPIRED')
    const scanned = new Promise<void>((resolve) => {
      client.onServerUpdate.add((update) => {
        if (update._ === 'updateShort' && update.update._ === 'updateLoginToken') resolve()
      })
    })
    const shown = await show()
    if (shown._ !== 'auth.loginToken') throw new Error(shown._)
    const phone = await logIn(await open())
    await phone.call({ _: 'auth.acceptLoginToken', token: shown.token })
    await scanned
    expect(await refusalOf(phone.call({ _: 'auth.acceptLoginToken', token: shown.token }))).toBe(
      '400 AUTH_TOKEN_ALREADY_ACCEPTED',
    )
    expect(await show()).toMatchObject({ _: 'auth.loginTokenSuccess', authorization: { user: { id: userId } } })
  })

  it('delivers a message once, however often its random id is sent', async () => {
    const { control } = simulator
    const target = control.createUser({ firstName: 'Hedef', username: 'hedef' }).id
    const client = await logIn(await open())
    const randomId = Long.fromNumber(777)
    const send = () => client.sendText('hedef', 'merhaba', { randomId })
    const first = await send()
    expect((await send()).id).toBe(first.id)
    const again = await client.call({
      _: 'messages.sendMessage',
      peer: await client.resolvePeer('hedef'),
      message: 'merhaba',
      randomId,
    })
    expect(again).toMatchObject({ updates: [{ _: 'updateMessageID', id: first.id }, { ptsCount: 0 }] })
    expect(control.getUserDialog({ userId: target, peerId: userId })).toMatchObject([{ text: 'merhaba', isOut: false }])
  })

  it('answers once for a call whose answer was lost', async () => {
    const { control } = simulator
    const target = control.createUser({ username: 'hedef' }).id
    const client = await logIn(await open())
    await client.resolvePeer('hedef')
    control.addRpcFault({ kind: 'drop_after', method: 'messages.sendMessage', times: 1 })
    await client.sendText('hedef', 'bir kez')
    expect(control.getUserDialog({ userId: target, peerId: userId })).toHaveLength(1)
  })

  it('pushes new messages, and catches a client up on what it missed', async () => {
    const { control } = simulator
    const other = control.createUser({ firstName: 'Ali', username: 'ali_k' }).id
    const storage = new MemoryStorage()
    const client = await logIn(await open({ storage, isListening: true }))
    const heard: string[] = []
    const waitFor = (text: string) =>
      new Promise<void>((resolve) => {
        client.onNewMessage.add((message) => {
          heard.push(message.text)
          if (message.text === text) resolve()
        })
      })
    const pushed = waitFor('selam')
    await client.startUpdatesLoop()
    control.writeToUser({ userId: other, toUserId: userId, text: 'selam' })
    await pushed
    const history = await client.getHistory(other)
    expect(history.map(({ text, isOutgoing, sender }) => [text, isOutgoing, sender.displayName])).toEqual([
      ['selam', false, 'Ali'],
    ])
    expect(heard).toEqual(['selam'])
    const state = await client.call({ _: 'updates.getState' })
    control.writeToUser({ userId: other, toUserId: userId, text: 'orada mısın' })
    expect(await client.call({ _: 'updates.getDifference', pts: state.pts, date: 0, qts: 0 })).toMatchObject({
      newMessages: [{ message: 'orada mısın' }],
    })
  })

  it('shares one world with bots: dialogs, groups and supergroups', async () => {
    const { control } = simulator
    const bot = control.createBot({ username: 'dukkan_bot' })
    const group = control.createChat({ type: 'group', title: 'Mahalle', ownerId: userId }).id
    const channel = control.createChat({ type: 'supergroup', title: 'Çarşı', ownerId: userId }).id
    const client = await logIn(await open())
    await client.sendText('dukkan_bot', '/start')
    expect(control.getDialog({ userId, botId: bot.id }).messages).toMatchObject([{ text: '/start' }])
    const dialogs = []
    for await (const dialog of client.iterDialogs()) dialogs.push(dialog.peer.displayName)
    expect(dialogs.toSorted()).toEqual(['Mahalle', 'Test bot 2', 'Çarşı'].toSorted())
    await client.sendText(group, 'gruba')
    await client.sendText(channel, 'çarşıya')
    expect(simulator.world.chats.get(group)?.messages.at(-1)).toMatchObject({ text: 'gruba', from: { id: userId } })
    expect(simulator.world.chats.get(channel)?.messages.at(-1)).toMatchObject({ text: 'çarşıya' })
    expect((await client.getHistory(channel)).map(({ text }) => text)).toEqual(['çarşıya'])
  })

  it('refuses writers as Telegram does', async () => {
    const { control } = simulator
    const person = control.createUser({ username: 'kapali' }).id
    const client = await logIn(await open())
    const write = () => refusalOf(client.sendText('kapali', 'selam'))
    control.setPrivacy({ userId: person, acceptsFrom: 'contacts' })
    expect(await write()).toBe('403 PRIVACY_PREMIUM_REQUIRED')
    control.setPrivacy({ userId: person, acceptsFrom: 'everybody', block: userId })
    expect(await write()).toBe('400 USER_IS_BLOCKED')
    control.setPrivacy({ userId: person, unblock: userId })
    control.updateUserLogin({ userId, isSpamLimited: true })
    expect(await write()).toBe('400 PEER_FLOOD')
    control.updateUserLogin({ userId, isSpamLimited: false, isFrozen: true })
    expect(await write()).toBe('420 FROZEN_METHOD_INVALID')
    control.updateUserLogin({ userId, isFrozen: false })
    control.addRpcFault({ kind: 'refuse', method: 'messages.sendMessage', code: 420, text: 'FLOOD_WAIT_30', times: 1 })
    expect(await write()).toBe('420 FLOOD_WAIT_%d')
    await client.sendText('kapali', 'selam')
  })

  it('destroys a key that two programs use at once', async () => {
    const storage = new MemoryStorage()
    const client = await logIn(await open({ storage }))
    await client.getMe()
    const session = await client.exportSession()
    const second = await open()
    await second.importSession(session)
    expect(await refusalOf(second.getMe())).toBe('406 AUTH_KEY_DUPLICATED')
    expect(await refusalOf(client.getMe())).toBe('401 AUTH_KEY_UNREGISTERED')
  })

  it('resumes a session, lists sessions, and ends them', async () => {
    const first = await logIn(await open())
    const session = await first.exportSession()
    await first.destroy()
    const second = await open()
    await second.importSession(session)
    expect((await second.getMe()).id).toBe(userId)
    const third = await logIn(await open())
    const { authorizations } = await third.call({ _: 'account.getAuthorizations' })
    expect(authorizations).toHaveLength(2)
    const other = authorizations.find(({ current }) => !current)
    await third.call({ _: 'account.resetAuthorization', hash: other?.hash ?? Long.ZERO })
    expect(await refusalOf(second.getMe())).toBe('401 AUTH_KEY_UNREGISTERED')
    expect(simulator.control.listSessions({ userId })).toHaveLength(1)
    await third.logOut()
    expect(simulator.control.listSessions({ userId })).toHaveLength(0)
  })
})
