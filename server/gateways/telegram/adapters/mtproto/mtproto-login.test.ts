import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { TelegramLogin } from '#server/gateways/telegram/login.ts'
import type { UserSession, UserSessionStore } from '#server/gateways/telegram/user-session.ts'
import { createMemoryUserSessions } from '#server/testing/memory-user-sessions.ts'
import { PHONE, logInUser, mtprotoRoot, openMtproto } from '#server/testing/simulated-user-telegram.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

import type { Mtproto } from './create-mtproto.ts'

describe('createMtprotoLogin', () => {
  let simulator: Simulator
  let store: UserSessionStore
  let mtproto: Mtproto
  let login: TelegramLogin
  let session: UserSession
  let userId: number

  beforeEach(async () => {
    simulator = await startSimulator({ seed: 'login', mtproto: true, limits: false })
    store = createMemoryUserSessions()
    mtproto = await openMtproto(store)
    login = mtproto.login
    session = { tenantId: 1, sessionId: 1, apiRoot: mtprotoRoot(simulator) }
    ;({ userId } = simulator.control.createUserLogin({ phone: PHONE, firstName: 'Ayşe', username: 'ayse' }))
  })
  afterEach(async () => {
    await mtproto.close()
    await simulator.close()
  })

  const codeOf = (phone: string): string => simulator.control.getLoginCode({ phone }).code
  const requestCode = async (phone: string): Promise<string> => {
    const sent = await login.requestCode(session, `+${phone}`)
    if (sent.kind !== 'done') throw new Error(sent.refusal)
    return sent.value.codeHash
  }

  it('logs in with the code alone, and names who it is', async () => {
    expect(await login.requestCode(session, PHONE)).toMatchObject({ kind: 'done', value: { length: 5, via: 'app' } })
    const codeHash = await requestCode(PHONE)
    expect(await login.submitCode(session, PHONE, codeHash, '00000')).toMatchObject({ refusal: 'code_invalid' })
    expect(await login.submitCode(session, PHONE, codeHash, '')).toMatchObject({ refusal: 'code_empty' })
    expect(await login.submitCode(session, PHONE, codeHash, codeOf(PHONE))).toStrictEqual({
      kind: 'done',
      value: { kind: 'logged_in', profile: { telegramId: userId, displayName: 'Ayşe', username: 'ayse' } },
    })
  })

  it('goes on with the password where there is one', async () => {
    const phone = '905550000002'
    simulator.control.createUserLogin({ phone, password: 'gizli', hint: 'kedi', firstName: 'Ali' })
    const entered = await login.submitCode(session, phone, await requestCode(phone), codeOf(phone))
    expect(entered).toStrictEqual({ kind: 'done', value: { kind: 'password_needed', hint: 'kedi' } })
    expect(await login.submitPassword(session, 'yanlış')).toMatchObject({ refusal: 'password_invalid' })
    expect(await login.submitPassword(session, 'gizli')).toMatchObject({ kind: 'done', value: { displayName: 'Ali' } })
  })

  it('logs in by QR code', async () => {
    const shown = await login.showQr(session)
    if (shown.kind !== 'done' || shown.value.kind !== 'code') throw new Error(JSON.stringify(shown))
    expect(login.wasQrScanned(session)).toBe(false)
    simulator.control.scanQr({ userId, url: shown.value.url })
    await expect.poll(() => login.wasQrScanned(session)).toBe(true)
    expect(await login.showQr(session)).toMatchObject({ value: { kind: 'logged_in', profile: { telegramId: userId } } })
  })

  it('says why it is refused', async () => {
    expect(await login.requestCode(session, '905')).toMatchObject({ refusal: 'phone_invalid' })
    const stranger = '905550000003'
    const codeHash = await requestCode(stranger)
    expect(await login.submitCode(session, stranger, codeHash, codeOf(stranger))).toMatchObject({
      refusal: 'phone_unoccupied',
    })
    simulator.control.addRpcFault({ kind: 'refuse', method: 'auth.sendCode', code: 420, text: 'FLOOD_WAIT_600' })
    expect(await login.requestCode(session, PHONE)).toStrictEqual({
      kind: 'refused',
      refusal: 'flood_wait',
      waitSeconds: 600,
    })
  })

  it('resumes a session from the store, and writes by an id it has learned', async () => {
    const person = simulator.control.createUser({}).id
    simulator.control.writeToUser({ userId: person, toUserId: userId, text: 'selam' })
    await logInUser(simulator, mtproto, session)
    expect(await mtproto.learnChats(session)).toStrictEqual({ kind: 'done', value: 1 })
    await mtproto.close()
    const again = await openMtproto(store)
    const account = { ...session, accountId: 1, kind: 'user', token: '' } as const
    const message = { chatId: person, text: '<b>Merhaba</b>', randomId: 42n }
    const first = await again.sender.send(account, message)
    expect(first).toMatchObject({ kind: 'sent' })
    expect(await again.sender.send(account, message)).toStrictEqual(first)
    expect(simulator.control.getUserDialog({ userId: person, peerId: userId })).toMatchObject([
      { text: 'selam' },
      { text: 'Merhaba', entities: [{ type: 'bold', offset: 0, length: 7 }] },
    ])
    await again.close()
  })

  it('lists sessions, ends another one, and logs out once and for all', async () => {
    await logInUser(simulator, mtproto, session)
    const other: UserSession = { ...session, sessionId: 2 }
    await logInUser(simulator, mtproto, other)
    const listed = await login.listSessions(other)
    if (listed.kind !== 'done') throw new Error(listed.refusal)
    expect(listed.value.map(({ isOurs, device }) => [isOurs, device])).toEqual([
      [false, 'Gavatcore'],
      [true, 'Gavatcore'],
    ])
    const foreign = listed.value.find(({ isOurs }) => !isOurs)
    expect(await login.endSession(other, foreign?.hash ?? '')).toMatchObject({ kind: 'done' })
    expect(await login.listSessions(session)).toMatchObject({ refusal: 'session_lost' })
    expect(await login.logOut(other)).toMatchObject({ kind: 'done' })
    expect(await login.logOut(other)).toMatchObject({ kind: 'done' })
  })
})
