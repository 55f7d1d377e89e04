import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { describe, expect, it, onTestFinished } from 'vitest'

import { systemClock, toDate } from '#server/base/clock.ts'
import { secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { startSimulator } from '#simulator/index.ts'

import { createUserSession, createUserSessionStore } from './modules/accounts/index.ts'
import { createTestDatabase } from './testing/db.ts'
import { createContact, createDelivery, createTenant, createUserAccount } from './testing/factories.ts'
import { PHONE, logInUser, mtprotoRoot, openMtproto } from './testing/simulated-user-telegram.ts'

const PROGRAM = fileURLToPath(new URL('./testing/serve-users.ts', import.meta.url))
const POLL = { timeout: 30_000, interval: 50 }

/** A person's own account, logged in, that knows one friend; and servers for it, each in a process of its own. */
const scene = async () => {
  const simulator = await startSimulator({ limits: false, seed: 7, mtproto: true })
  onTestFinished(() => simulator.close())
  const { control } = simulator
  const me = control.createUserLogin({ phone: PHONE, firstName: 'Ayşe' }).userId
  const friend = control.createUser({ firstName: 'Berk' }).id
  control.writeToUser({ userId: friend, toUserId: me, text: 'Selam' })
  const apiRoot = mtprotoRoot(simulator)
  const { pool, connectionString } = await createTestDatabase()
  const db = createDb(pool)
  const now = systemClock.now()
  const tenantId = await createTenant(db, { at: now, limits: { quiet_from_hour: 0, quiet_to_hour: 0 } })
  const session = await inTenant(db, tenantId, (tx) => createUserSession(tx, apiRoot, now))
  const store = createUserSessionStore({ db, box: secretBox(Buffer.alloc(32, 5)), clock: systemClock })
  const telegram = await openMtproto(store)
  await logInUser(simulator, telegram, session)
  await telegram.learnChats(session)
  await telegram.close()
  const accountId = await createUserAccount(db, tenantId)
  await db
    .updateTable('account')
    .set({ session_id: session.sessionId, api_root: apiRoot, telegram_id: me, linked_at: toDate(now - 1_000) })
    .where('id', '=', accountId)
    .execute()
  const contactId = await createContact(db, tenantId, { telegramId: friend, accountId, consents: ['marketing'] })
  const deliver = () =>
    createDelivery(db, tenantId, { accountId, contactId, chatId: friend, dueAt: systemClock.now() - 1_000 })
  const serve = async () => {
    const child = spawn(process.execPath, [PROGRAM, connectionString, apiRoot], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    return child
  }
  const received = () => control.getUserDialog({ userId: friend, peerId: me }).filter(({ isOut }) => !isOut)
  const delivery = (id: number) =>
    db
      .selectFrom('delivery')
      .select(['state', 'attempt_count', 'telegram_message_id'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  return { control, deliver, serve, received, delivery }
}

describe('createApp', () => {
  it.each([
    ['after Telegram has accepted the message', 'silent_after'],
    ['before Telegram has seen it', 'drop_before'],
  ] as const)(
    'brings a message exactly once when it is killed in the middle of a send, %s',
    async (_name, kind) => {
      const { control, deliver, serve, received, delivery } = await scene()
      control.addRpcFault({ kind, method: 'messages.sendMessage' })
      const first = await serve()
      const id = await deliver()
      await expect.poll(async () => (await delivery(id)).state, POLL).toBe('reserved')
      if (kind === 'silent_after') await expect.poll(() => received().length, POLL).toBe(1)
      first.kill('SIGKILL')
      await once(first, 'exit')
      expect(await delivery(id)).toMatchObject({ state: 'reserved', attempt_count: 1 })
      control.clearRpcFaults({})
      await serve()
      await expect.poll(async () => (await delivery(id)).state, POLL).toBe('sent')
      expect(received()).toHaveLength(1)
      const { attempt_count, telegram_message_id } = await delivery(id)
      expect(attempt_count).toBe(2)
      expect(telegram_message_id).not.toBeNull()
    },
    90_000,
  )
})
