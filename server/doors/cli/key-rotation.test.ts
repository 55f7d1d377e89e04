import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createUserSession, createUserSessionStore, openAccount } from '#server/modules/accounts/index.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant, createUserAccount } from '#server/testing/factories.ts'

const TOKEN = '7000000001:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
const PLACE = { dc: 2, index: null } as const
const AUTH_KEY = Buffer.from('an auth key as good as the account')

const scene = async () => {
  const db = createDb((await createTestDatabase()).pool)
  const folder = mkdtempSync(path.join(tmpdir(), 'keys-'))
  const file = (name: string, text?: string) => {
    const at = path.join(folder, name)
    if (text !== undefined) writeFileSync(at, text)
    return at
  }
  const box = secretBox(randomKey())
  const tenantId = await createTenant(db)
  const session = await inTenant(db, tenantId, (tx) => createUserSession(tx, null, NOON))
  const sessions = (key = box) => createUserSessionStore({ db, box: key, clock: new ManualClock(NOON) })
  await sessions().writeKey(session, PLACE, AUTH_KEY, 0)
  await sessions().writeValues(session, new Map([['self', Buffer.from('me')]]))
  await sessions().writePeers(session, [{ peerId: 7, accessHash: '1', usernames: ['ayse'] }])
  const userId = await createUserAccount(db, tenantId)
  await db.updateTable('account').set({ session_id: session.sessionId }).where('id', '=', userId).execute()
  const botId = await createAccount(db, tenantId)
  const seal = async (key = box) => {
    for (const { id, telegram_id } of await db.selectFrom('account').select(['id', 'telegram_id']).execute()) {
      const token_sealed = id === botId ? key.seal(TOKEN, `account.token:${tenantId}:${telegram_id}`) : null
      const webhook_secret_sealed = key.seal('s', `account.webhook_secret:${tenantId}:${telegram_id}`)
      await db.updateTable('account').set({ token_sealed, webhook_secret_sealed }).where('id', '=', id).execute()
    }
  }
  await seal()
  const cli = (key = box) =>
    createCliRunner(db, {
      telegram: () => Promise.resolve({ box: key, feed: {} as never, publicUrl: null, apiRoot: null }),
    })
  return { db, file, box, cli, session, sessions, botId, seal }
}

describe('keys rotate', () => {
  it('gives the tenant a new key after a yes, and undoes it under --dry-run', async () => {
    const { cli, session, sessions } = await scene()
    expect((await cli().run(['keys', 'rotate'])).code).not.toBe(0)
    expect(await cli().run(['keys', 'rotate', '--dry-run'])).toMatchObject({ code: 0 })
    expect(await cli().json(['keys', 'rotate', '--yes'])).toMatchObject({ scope: 'tenant', version: 2, resealed: 2 })
    expect((await sessions().readKey(session, PLACE))?.key).toEqual(AUTH_KEY)
  })

  it('seals everything under a new installation key and says what to set afterwards', async () => {
    const { db, cli, file, session, sessions, botId } = await scene()
    const key = randomKey()
    const keyFile = file('new', key.toString('base64'))
    const short = await cli().run(['keys', 'rotate', '--master', '--new-key-file', file('short', 'AAAA'), '--yes'])
    expect(short.code).not.toBe(0)
    expect((await cli().run(['keys', 'rotate', '--master', '--yes'])).err).toContain('--new-key-file')
    const done = await cli().run(['keys', 'rotate', '--master', '--new-key-file', keyFile, '--yes'])
    expect(done).toMatchObject({ code: 0 })
    expect(done.out).toContain('APP_KEK')
    expect(done.out).not.toContain(key.toString('base64'))
    expect((await openAccount({ db, box: secretBox(key) }, botId)).token).toBe(TOKEN)
    expect((await sessions(secretBox(key)).readKey(session, PLACE))?.key).toEqual(AUTH_KEY)
  })
})

describe('keys backup', () => {
  it('comes back under another installation key, opens for no other passphrase, and is never readable on disk', async () => {
    const { db, cli, file, session, sessions, botId } = await scene()
    const [archive, passphrase] = [file('copy'), file('words', 'doğru at pil zımba\n')]
    const args = ['--file', archive, '--passphrase-file', passphrase, '--yes']
    expect(await cli().json(['keys', 'backup', ...args])).toMatchObject({ accounts: 2 })
    const text = readFileSync(archive, 'utf8')
    expect(text).not.toContain(TOKEN)
    expect(text).not.toContain(AUTH_KEY.toString('base64'))
    expect(statSync(archive).mode & 0o777).toBe(0o600)
    expect((await cli().run(['keys', 'backup', ...args])).err).toContain('must not exist yet')

    const another = secretBox(randomKey())
    const wrong = ['--file', archive, '--passphrase-file', file('wrong', 'yanlış parola buraya'), '--yes']
    expect((await cli(another).run(['keys', 'restore', ...wrong])).err).toContain('does not open')
    const changed = file('changed', text.replace(/"body":"../, '"body":"//'))
    const broken = ['--file', changed, '--passphrase-file', passphrase, '--yes']
    expect((await cli(another).run(['keys', 'restore', ...broken])).err).toContain('does not open')
    await expect(openAccount({ db, box: another }, botId)).rejects.toMatchObject({ code: 'secret_unreadable' })

    expect(await cli(another).json(['keys', 'restore', ...args])).toEqual({ restored: 2, missing: [] })
    expect((await openAccount({ db, box: another }, botId)).token).toBe(TOKEN)
    const restored = sessions(another)
    expect((await restored.readKey(session, PLACE))?.key).toEqual(AUTH_KEY)
    expect(Buffer.from((await restored.readValues(session)).get('self') ?? []).toString()).toBe('me')
    expect(await restored.findPeer(session, { username: 'ayse' })).toMatchObject({ peerId: 7 })
  }, 90_000)

  it('names the accounts that are not here, and leaves no file without a proper passphrase', async () => {
    const { cli, file, db } = await scene()
    const archive = file('copy')
    const short = ['--file', archive, '--passphrase-file', file('short', 'kısa')]
    expect((await cli().run(['keys', 'backup', ...short])).err).toContain('at least 12')
    expect(existsSync(archive)).toBe(false)
    const args = ['--file', archive, '--passphrase-file', file('words', 'doğru at pil zımba'), '--yes']
    await cli().json(['keys', 'backup', ...args])
    await db.deleteFrom('account').where('kind', '=', 'bot').execute()
    const { restored, missing } = (await cli().json(['keys', 'restore', ...args])) as {
      restored: number
      missing: string[]
    }
    expect([restored, missing.length]).toEqual([1, 1])
  }, 90_000)
})
