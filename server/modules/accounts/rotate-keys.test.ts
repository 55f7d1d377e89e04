import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { acquireLeases, releaseLeases } from '#server/db/lease.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { tokenContext, webhookSecretContext } from './account.rules.ts'
import { createUserSession, createUserSessionStore } from './keep-user-sessions.ts'
import { openAccount } from './open-account.ts'
import { rotateMasterKey, rotateTenantKey } from './rotate-keys.ts'
import { MASTER_SEALED, TENANT_SEALED } from './sealed-columns.store.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const actor = { by: 'test', at: NOON }
const PLACE = { dc: 2, index: null } as const
const TOKEN = '7000000001:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'

const scene = async (box = secretBox(randomKey())) => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const { telegram_id: telegramId } = await db
    .selectFrom('account')
    .select('telegram_id')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  await db
    .updateTable('account')
    .set({
      token_sealed: box.seal(TOKEN, tokenContext(tenantId, telegramId)),
      webhook_secret_sealed: box.seal('s', webhookSecretContext(tenantId, telegramId)),
    })
    .where('id', '=', accountId)
    .execute()
  const store = createUserSessionStore({ db, box, clock })
  const session = await inTenant(db, tenantId, (tx) => createUserSession(tx, null, NOON))
  await store.writeKey(session, PLACE, Buffer.from('auth key'), 0)
  await store.writeValues(session, new Map([['self', Buffer.from('me')]]))
  return { box, tenantId, accountId, store, session }
}

describe('MASTER_SEALED and TENANT_SEALED', () => {
  it('name every sealed column there is: one that is forgotten would be lost with the old key', async () => {
    const { rows } = await sql<{ name: string }>`
      select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and column_name like '%sealed' order by 1`.execute(db)
    const named = [...MASTER_SEALED, ...TENANT_SEALED].map(({ table, column }) => `${table}.${column}`)
    expect(named.toSorted()).toEqual(rows.map(({ name }) => name))
  })
})

describe('rotateTenantKey', () => {
  it('seals everything of the tenant anew, and nothing of another', async () => {
    const { box, tenantId, store, session } = await scene()
    const other = await scene(box)
    const sealed = async (id: number) =>
      (
        await sql<{
          sealed: Buffer
        }>`select key_sealed as sealed from user_session_key where tenant_id = ${id}`.execute(db)
      ).rows[0]?.sealed
    const [before, theirs] = [await sealed(tenantId), await sealed(other.tenantId)]
    const rotation = await inTenant(db, tenantId, (tx) => rotateTenantKey(tx, box, actor))
    expect(rotation).toEqual({ version: 2, resealed: 2 })
    expect(await sealed(tenantId)).not.toEqual(before)
    expect(await sealed(other.tenantId)).toEqual(theirs)
    expect((await store.readKey(session, PLACE))?.key.toString()).toBe('auth key')
    expect((await other.store.readKey(other.session, PLACE))?.key.toString()).toBe('auth key')
    const audit = await db.selectFrom('audit_log').select('action').where('tenant_id', '=', tenantId).execute()
    expect(audit).toEqual([{ action: 'keys.rotated' }])
  })

  it('loses nothing that servers write meanwhile', async () => {
    const { box, tenantId, store, session } = await scene()
    const writes = Array.from({ length: 30 }, (_, n) =>
      store.writeValues(session, new Map([[`v${n}`, Buffer.from(String(n))]])),
    )
    const rotations = [1, 2, 3].map(() => inTenant(db, tenantId, (tx) => rotateTenantKey(tx, box, actor)))
    await Promise.all([...writes, ...rotations])
    const values = await store.readValues(session)
    expect(values.size).toBe(31)
    for (let n = 0; n < 30; n++) expect(Buffer.from(values.get(`v${n}`) ?? []).toString()).toBe(String(n))
  })

  it('changes nothing when one value does not open', async () => {
    const { box, tenantId, store, session } = await scene()
    await sql`update user_session_value set value_sealed = '\\x01'::bytea || substring(value_sealed from 3)
      where tenant_id = ${tenantId}`.execute(db)
    await expect(inTenant(db, tenantId, (tx) => rotateTenantKey(tx, box, actor))).rejects.toMatchObject({
      code: 'secret_unreadable',
    })
    expect((await store.readKey(session, PLACE))?.key.toString()).toBe('auth key')
  })
})

describe('rotateMasterKey', () => {
  it('opens everything with the new key alone, is all or nothing, and refuses while a server runs', async () => {
    await db.deleteFrom('account').execute()
    await db.deleteFrom('tenant_key').execute()
    const { box, tenantId, accountId, session } = await scene()
    const another = secretBox(randomKey())
    const rotate = (from = box) => asOperator(db, 'test', (tx) => rotateMasterKey(tx, from, another))
    const leases = await acquireLeases(db, 'sending', 'somebody:1', [{ tenantId, accountId }])
    await expect(rotate()).rejects.toMatchObject({ code: 'server_running' })
    await releaseLeases(db, leases)
    await expect(rotate(secretBox(randomKey()))).rejects.toMatchObject({ code: 'secret_unreadable' })
    expect((await openAccount({ db, box }, accountId)).token).toBe(TOKEN)
    await db
      .insertInto('login_attempt')
      .values({
        tenant_id: tenantId,
        telegram_id: 5,
        kind: 'qr',
        state: 'scan',
        session_id: session.sessionId,
        consent_version: '1',
        qr_url_sealed: box.seal('tg://login', `login_attempt.qr:${tenantId}:${session.sessionId}`),
        created_at: toDate(NOON),
        expires_at: toDate(NOON),
      })
      .execute()
    expect(await rotate()).toBe(4)
    expect((await openAccount({ db, box: another }, accountId)).token).toBe(TOKEN)
    await expect(openAccount({ db, box }, accountId)).rejects.toMatchObject({ code: 'secret_unreadable' })
    const read = (key = another) => createUserSessionStore({ db, box: key, clock }).readKey(session, PLACE)
    expect((await read())?.key.toString()).toBe('auth key')
    await expect(read(box)).rejects.toMatchObject({ code: 'secret_unreadable' })
  })
})
