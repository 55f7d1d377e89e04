import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import { PHONE, logInUser, mtprotoRoot, openMtproto } from '#server/testing/simulated-user-telegram.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

import type { Mtproto } from './create-mtproto.ts'

describe('createMtprotoSender', () => {
  let simulator: Simulator
  let mtproto: Mtproto
  let account: TelegramAccount
  let friend: number

  beforeEach(async () => {
    simulator = await startSimulator({ limits: false, seed: 7, mtproto: true })
    const { userId } = simulator.control.createUserLogin({ phone: PHONE, firstName: 'Ayşe' })
    friend = simulator.control.createUser({}).id
    simulator.control.writeToUser({ userId: friend, toUserId: userId, text: 'Selam' })
    mtproto = await openMtproto()
    const session = { tenantId: 1, sessionId: 1, apiRoot: mtprotoRoot(simulator) }
    await logInUser(simulator, mtproto, session)
    await mtproto.learnChats(session)
    account = { tenantId: 1, accountId: 1, kind: 'user', token: '', sessionId: 1, apiRoot: session.apiRoot }
  })
  afterEach(async () => {
    await mtproto.close()
    await simulator.close()
  })

  const numbered = (low: bigint) => (BigInt(Math.floor(simulator.clock.now() / 1_000)) << 32n) | low
  const send = (randomId: bigint, text = '<b>Merhaba</b>') =>
    mtproto.sender.send(account, { chatId: friend, text, randomId })
  const sayDuplicate = () =>
    simulator.control.addRpcFault({
      kind: 'refuse',
      method: 'messages.sendMessage',
      times: 1,
      code: 500,
      text: 'RANDOM_ID_DUPLICATE',
    })

  it('finds the message whose number Telegram has taken before, and counts it as sent', async () => {
    const number = numbered(5n)
    const first = await send(number)
    expect(first.kind).toBe('sent')
    sayDuplicate()
    expect(await send(number)).toEqual(first)
  })

  it('leaves in doubt what is not there, or there twice, or was there long before', async () => {
    sayDuplicate()
    expect(await send(numbered(6n))).toEqual({ kind: 'unknown', reason: 'random_id_used' })
    await send(numbered(7n))
    sayDuplicate()
    expect(await send(numbered(8n) + (3_600n << 32n))).toEqual({ kind: 'unknown', reason: 'random_id_used' })
    await send(numbered(9n))
    sayDuplicate()
    expect(await send(numbered(10n))).toEqual({ kind: 'unknown', reason: 'random_id_used' })
  })

  it('may be asked again where the chat cannot be looked at now', async () => {
    const number = numbered(11n)
    const first = await send(number)
    sayDuplicate()
    simulator.control.addRpcFault({
      kind: 'refuse',
      method: 'messages.getHistory',
      times: 1,
      code: 420,
      text: 'FLOOD_WAIT_60',
    })
    expect(await send(number)).toEqual({ kind: 'unknown', reason: 'server_error' })
    sayDuplicate()
    expect(await send(number)).toEqual(first)
  })
})
