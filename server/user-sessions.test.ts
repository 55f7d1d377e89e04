import { describe, expect, it, onTestFinished } from 'vitest'

import { systemClock, toDate } from '#server/base/clock.ts'
import { secretBox } from '#server/base/secret.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

import { createUserSession, createUserSessionStore, disconnectAccount } from './modules/accounts/index.ts'
import { createTestApp } from './testing/app.ts'
import { createTenant, createUserAccount } from './testing/factories.ts'
import { PHONE, logInUser, mtprotoRoot, openMtproto } from './testing/simulated-user-telegram.ts'

const POLL = { timeout: 15_000, interval: 100 }

/** A running server with one person's own account, logged in. */
const scene = async (simulator: Simulator) => {
  const { control } = simulator
  const me = control.createUserLogin({ phone: PHONE, firstName: 'Ayşe' }).userId
  const friend = control.createUser({ firstName: 'Berk' }).id
  const apiRoot = mtprotoRoot(simulator)
  const app = await createTestApp({
    settings: { userAccounts: { apiId: 1, apiHash: 'hash', apiRoot } },
    lookEveryMs: 200,
  })
  const { db } = app.database
  const tenantId = await createTenant(db, { at: systemClock.now() })
  const session = await inTenant(db, tenantId, (tx) => createUserSession(tx, apiRoot, systemClock.now()))
  const store = createUserSessionStore({ db, box: secretBox(Buffer.alloc(32, 5)), clock: systemClock })
  const telegram = await openMtproto(store)
  await logInUser(simulator, telegram, session)
  await telegram.close()
  const accountId = await createUserAccount(db, tenantId)
  await db
    .updateTable('account')
    .set({ session_id: session.sessionId, api_root: apiRoot, telegram_id: me, linked_at: toDate(systemClock.now()) })
    .where('id', '=', accountId)
    .execute()
  const say = (text: string) => control.writeToUser({ userId: friend, toUserId: me, text })
  const inbox = () =>
    db
      .selectFrom('update_inbox')
      .select(['state', 'payload', 'update_id'])
      .where('account_id', '=', accountId)
      .orderBy('update_id')
      .execute()
  const account = () =>
    db
      .selectFrom('account')
      .select(['state', 'state_reason', 'session_id'])
      .where('id', '=', accountId)
      .executeTakeFirstOrThrow()
  const keysLeft = async () =>
    (await db.selectFrom('user_session_key').select('dc').where('session_id', '=', session.sessionId).execute()).length
  const dialog = () => control.getUserDialog({ userId: me, peerId: friend })
  return { app, db, control, me, friend, tenantId, accountId, session, say, inbox, account, keysLeft, dialog }
}

const simulated = async (): Promise<Simulator> => {
  const simulator = await startSimulator({ limits: false, seed: 7, mtproto: true })
  onTestFinished(() => simulator.close())
  return simulator
}

describe('accompanyUser', () => {
  it('brings what people write into the inbox and the domain, and answers through the same session', async () => {
    const { app, db, friend, tenantId, accountId, say, inbox, dialog } = await scene(await simulated())
    await app.start()
    await expect
      .poll(
        async () => {
          say('Merhaba')
          return (await inbox()).length
        },
        { ...POLL, interval: 1_000 },
      )
      .toBeGreaterThan(0)
    await expect.poll(async () => (await inbox()).every(({ state }) => state === 'done'), POLL).toBe(true)
    const contact = await db
      .selectFrom('contact')
      .select(['first_name', 'id'])
      .where('tenant_id', '=', tenantId)
      .where('telegram_id', '=', friend)
      .executeTakeFirstOrThrow()
    expect(contact.first_name).toBe('Berk')
    say('dur')
    await expect.poll(() => dialog().filter(({ isOut }) => isOut).length, POLL).toBeGreaterThan(0)
    const answered = await db
      .selectFrom('attempt')
      .select((e) => [e.ref('result').as('result'), e.cast<string>('random_id', 'text').as('number')])
      .where('account_id', '=', accountId)
      .execute()
    expect(answered.every(({ number }) => number !== null)).toBe(true)
    const heard = (await inbox()).map(
      ({ payload }) => (payload as { message: { from: { id: number } } }).message.from.id,
    )
    expect(new Set(heard)).toEqual(new Set([friend]))
  })

  it('disconnects an account whose session is ended elsewhere, says why, and removes its keys', async () => {
    const { app, db, control, me, account, keysLeft, accountId } = await scene(await simulated())
    await app.start()
    await expect.poll(() => app.sending.accountIds(), POLL).toContain(accountId)
    control.revokeSession({ userId: me })
    control.addRpcFault({ kind: 'drop_before', times: 1 })
    control.writeToUser({ userId: me, toUserId: me, text: 'uyan' })
    await db.updateTable('account').set({ state: 'paused' }).where('id', '=', accountId).execute()
    await expect.poll(() => app.sending.accountIds(), POLL).not.toContain(accountId)
    await db.updateTable('account').set({ state: 'active' }).where('id', '=', accountId).execute()
    await expect
      .poll(account, POLL)
      .toMatchObject({ state: 'disconnected', state_reason: 'session_lost', session_id: null })
    expect(await keysLeft()).toBe(0)
    const events = await db
      .selectFrom('domain_event')
      .select(['type', 'payload'])
      .where('type', '=', 'account.lost')
      .execute()
    expect(events).toMatchObject([{ payload: { accountId, reason: 'session_lost' } }])
  })
})

describe('createSessionEndings', () => {
  it('logs a disconnected account out at Telegram and leaves nothing of its session', async () => {
    const { app, db, control, me, tenantId, accountId, account, keysLeft } = await scene(await simulated())
    await app.start()
    await expect.poll(() => app.sending.accountIds(), POLL).toContain(accountId)
    expect(control.listSessions({ userId: me })).toHaveLength(1)
    await disconnectAccount(app.accounts, tenantId, accountId, { by: 'test', at: systemClock.now() })
    await expect.poll(account, POLL).toMatchObject({ state: 'disconnected', session_id: null })
    expect(control.listSessions({ userId: me })).toEqual([])
    expect(await keysLeft()).toBe(0)
    expect(await db.selectFrom('user_session').select('id').where('tenant_id', '=', tenantId).execute()).toHaveLength(1)
  })

  it('waits for Telegram when it cannot be asked, and only removes the keys where nobody can speak as people', async () => {
    const { app, db, control, tenantId, accountId, account, keysLeft } = await scene(await simulated())
    control.addRpcFault({ kind: 'refuse', method: 'auth.logOut', times: 1, code: 420, text: 'FLOOD_WAIT_600' })
    await disconnectAccount(app.accounts, tenantId, accountId, { by: 'test', at: systemClock.now() })
    await app.start()
    const lease = () => db.selectFrom('account_lease').select('holder').where('account_id', '=', accountId).execute()
    await expect.poll(async () => (await lease()).length, POLL).toBe(1)
    await systemClock.sleep(500)
    expect((await account()).session_id).not.toBeNull()
    expect(await keysLeft()).toBeGreaterThan(0)
    await app.stop(10_000)
    const without = await createTestApp({ database: app.database, lookEveryMs: 200 })
    await without.start()
    await expect.poll(account, POLL).toMatchObject({ state: 'disconnected', session_id: null })
    expect(await keysLeft()).toBe(0)
  })
})
