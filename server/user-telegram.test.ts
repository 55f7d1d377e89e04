import { describe, expect, it } from 'vitest'

import { ManualClock } from './base/clock.ts'
import { secretBox } from './base/secret.ts'
import { createDb } from './db/pool.ts'
import { inTenant } from './db/tenant-scope.ts'
import type { TelegramAccount, TelegramSender } from './gateways/telegram/sender.ts'
import { createUserSession } from './modules/accounts/index.ts'
import { createTestDatabase } from './testing/db.ts'
import { NOON, createTenant } from './testing/factories.ts'
import { PHONE, logInUser, mtprotoRoot } from './testing/simulated-user-telegram.ts'
import { startSimulator } from '#simulator/index.ts'
import { createUserTelegram, routeSender } from './user-telegram.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)
const deps = { db, box: secretBox(Buffer.alloc(32, 5)), clock: new ManualClock(NOON) }

const saidByBot: string[] = []
const bots: TelegramSender = {
  send: (_account, { text }) => {
    saidByBot.push(text)
    return Promise.resolve({ kind: 'sent', messageId: 1 })
  },
  editText: () => Promise.resolve({ kind: 'sent', messageId: 1 }),
  deleteMessage: () => Promise.resolve({ kind: 'done' }),
  answerCallback: () => Promise.resolve({ kind: 'done' }),
  showThinking: async () => ({ kind: 'done' }),
}
const account = (kind: TelegramAccount['kind'], more: Partial<TelegramAccount> = {}): TelegramAccount => ({
  tenantId: 1,
  accountId: 1,
  kind,
  token: '',
  apiRoot: null,
  ...more,
})

describe('createUserTelegram', () => {
  it('refuses to link with a code of its own where it is not set up', async () => {
    const users = createUserTelegram(deps, null)
    expect(users.isSetUp).toBe(false)
    await expect(users.login()).rejects.toMatchObject({ kind: 'unavailable', code: 'user_accounts_off' })
    await users.close()
  })

  it('resumes from the database, in another process, the session that somebody logged in with', async () => {
    const simulator = await startSimulator({ limits: false, seed: 7, mtproto: true })
    const { userId } = simulator.control.createUserLogin({ phone: PHONE, firstName: 'Ayşe' })
    const friend = simulator.control.createUser({}).id
    const apiRoot = mtprotoRoot(simulator)
    const settings = { apiId: 1, apiHash: 'hash', apiRoot }
    const tenantId = await createTenant(db)
    const session = await inTenant(db, tenantId, (tx) => createUserSession(tx, apiRoot, NOON))
    const first = createUserTelegram(deps, settings)
    await logInUser(simulator, await first.open(), session)
    simulator.control.writeToUser({ userId: friend, toUserId: userId, text: 'Selam' })
    await (await first.open()).learnChats(session)
    await first.close()

    const second = createUserTelegram(deps, settings)
    const me = account('user', { tenantId, sessionId: session.sessionId, apiRoot })
    const sent = await routeSender(bots, second).send(me, { chatId: friend, text: 'Merhaba' })
    expect(sent).toMatchObject({ kind: 'sent' })
    const dialog = simulator.control.getUserDialog({ userId, peerId: friend })
    expect(dialog.map(({ text }) => text)).toEqual(['Selam', 'Merhaba'])
    await second.close()
    await simulator.close()
  })
})

describe('routeSender', () => {
  it('sends as bots and business accounts through the Bot API, and never as people', async () => {
    const sender = routeSender(bots, createUserTelegram(deps, null))
    for (const kind of ['bot', 'business'] as const) await sender.send(account(kind), { chatId: 5, text: kind })
    expect(saidByBot).toEqual(['bot', 'business'])
    const user = account('user', { sessionId: 1 })
    const refused = { kind: 'rejected', reason: 'method_unknown', errorCode: 0 }
    expect(await sender.send(user, { chatId: 5, text: 'user' })).toEqual(refused)
    expect(await sender.editText(user, 5, 1, { text: 'user' })).toEqual(refused)
    expect(await sender.deleteMessage(user, 5, 1)).toEqual(refused)
    expect(await sender.answerCallback(user, 'x')).toEqual(refused)
    expect(saidByBot).toEqual(['bot', 'business'])
  })
})
