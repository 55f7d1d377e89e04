import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { UserSession } from '#server/gateways/telegram/user-session.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'
import { itKeepsTheUserSessionContract } from '#server/testing/suites/user-session-store.suite.ts'

import { createUserSession, createUserSessionStore, getUserSession, removeUserSession } from './keep-user-sessions.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)
const key = randomKey()
const clock = new ManualClock(NOON)
const store = createUserSessionStore({ db, box: secretBox(key), clock })
const [tenantA, tenantB] = [await createTenant(db), await createTenant(db)]

const newSession = (tenantId: number): Promise<UserSession> =>
  inTenant(db, tenantId, (tx) => createUserSession(tx, null, NOON))

const PERMANENT = { dc: 2, index: null } as const
const secret = Buffer.from('the key of this account, 32 bytes long and then some')

const fill = async (session: UserSession): Promise<void> => {
  await store.writeKey(session, PERMANENT, secret, 0)
  await store.writeValues(session, new Map([['self', secret]]))
  await store.writePeers(session, [{ peerId: 7, accessHash: 'a', usernames: ['ayse'] }])
}

describe('createUserSessionStore', () => {
  itKeepsTheUserSessionContract(() =>
    Promise.resolve({ store, newSession: (tenant) => newSession(tenant === 0 ? tenantA : tenantB) }),
  )

  it('writes no key and no value as it is', async () => {
    const session = await newSession(tenantA)
    await fill(session)
    const { rows } = await sql<{ sealed: Buffer }>`
      select key_sealed as sealed from user_session_key union all select value_sealed from user_session_value
      union all select key_sealed from tenant_key`.execute(db)
    expect(rows.length).toBeGreaterThan(2)
    for (const { sealed } of rows) {
      expect(sealed.includes(secret)).toBe(false)
      expect(sealed.includes(key)).toBe(false)
    }
  })

  it('opens nothing that was changed, or moved to another place, session or tenant', async () => {
    const [mine, sibling, theirs] = [await newSession(tenantA), await newSession(tenantA), await newSession(tenantB)]
    for (const session of [mine, sibling, theirs]) await fill(session)
    const take = async (column: 'key_sealed' | 'value_sealed', table: string, from: UserSession, to: UserSession) => {
      await sql`update ${sql.table(table)} set ${sql.ref(column)} =
        (select ${sql.ref(column)} from ${sql.table(table)} where session_id = ${from.sessionId})
        where session_id = ${to.sessionId}`.execute(db)
    }
    for (const from of [sibling, theirs]) {
      await take('key_sealed', 'user_session_key', from, mine)
      await expect(store.readKey(mine, PERMANENT)).rejects.toMatchObject({ code: 'secret_unreadable' })
      await take('value_sealed', 'user_session_value', from, mine)
      await expect(store.readValues(mine)).rejects.toMatchObject({ code: 'secret_unreadable' })
    }
    await fill(mine)
    await sql`update user_session_key set dc = 4 where session_id = ${mine.sessionId}`.execute(db)
    await expect(store.readKey(mine, { dc: 4, index: null })).rejects.toMatchObject({ code: 'secret_unreadable' })
    await fill(mine)
    await sql`update user_session_key set key_sealed = set_byte(key_sealed, 40, get_byte(key_sealed, 40) # 1)
      where session_id = ${mine.sessionId} and dc = 2`.execute(db)
    await expect(store.readKey(mine, PERMANENT)).rejects.toMatchObject({ code: 'secret_unreadable' })
  })

  it('opens no tenant with the data key of another, and nothing under another installation key', async () => {
    const session = await newSession(tenantA)
    await fill(session)
    const other = createUserSessionStore({ db, box: secretBox(randomKey()), clock })
    await expect(other.readKey(session, PERMANENT)).rejects.toMatchObject({ code: 'secret_unreadable' })
    await fill(await newSession(tenantB))
    const { rows } = await sql<{ sealed: Buffer }>`
      select key_sealed as sealed from tenant_key where tenant_id = ${tenantA}`.execute(db)
    await sql`update tenant_key set key_sealed = (select key_sealed from tenant_key where tenant_id = ${tenantB})
      where tenant_id = ${tenantA}`.execute(db)
    await expect(store.readKey(session, PERMANENT)).rejects.toMatchObject({ code: 'secret_unreadable' })
    await sql`update tenant_key set key_sealed = ${rows[0]?.sealed} where tenant_id = ${tenantA}`.execute(db)
    expect((await store.readKey(session, PERMANENT))?.key).toEqual(secret)
  })

  it('agrees on one data key when two sessions of a tenant begin at once', async () => {
    const tenantId = await createTenant(db)
    const sessions = await Promise.all(Array.from({ length: 6 }, () => newSession(tenantId)))
    await Promise.all(sessions.map(fill))
    for (const session of sessions) expect((await store.readKey(session, PERMANENT))?.key).toEqual(secret)
  })
})

describe('removeUserSession', () => {
  it('leaves nothing of the session behind, and lets no other tenant remove it', async () => {
    const session = await newSession(tenantA)
    await fill(session)
    await inTenant(db, tenantB, (tx) => removeUserSession(tx, session.sessionId))
    expect(await inTenant(db, tenantA, (tx) => getUserSession(tx, session.sessionId))).toEqual(session)
    await expect(inTenant(db, tenantB, (tx) => getUserSession(tx, session.sessionId))).rejects.toMatchObject({
      code: 'not_found',
    })
    await inTenant(db, tenantA, (tx) => removeUserSession(tx, session.sessionId))
    for (const table of ['user_session_key', 'user_session_value', 'user_session_peer']) {
      const { rows } = await sql`select from ${sql.table(table)} where session_id = ${session.sessionId}`.execute(db)
      expect(rows).toEqual([])
    }
    await expect(inTenant(db, tenantA, (tx) => getUserSession(tx, session.sessionId))).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
