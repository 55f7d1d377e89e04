import { notFound } from '#server/base/errors.ts'
import type { Clock } from '#server/base/clock.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { UserSession, UserSessionStore } from '#server/gateways/telegram/user-session.ts'

import { openTenantKey } from './open-tenant-key.ts'
import { sessionKeyContext, sessionValueContext, slotOf } from './user-session.rules.ts'
import {
  deleteKeys,
  deletePeers,
  deleteSession,
  deleteValues,
  insertSession,
  saveKeys,
  savePeers,
  saveValues,
  selectKeys,
  selectPeer,
  selectSession,
  selectValues,
} from './user-session.store.ts'

/** Makes an empty session for a login to begin with. `apiRoot` as a {@link UserSession} has it. */
export const createUserSession = async (tx: TenantTx, apiRoot: string | null, at: number): Promise<UserSession> => ({
  tenantId: tx.tenantId,
  sessionId: await insertSession(tx, apiRoot, at),
  apiRoot,
})

/** A session of the tenant. Errors: `not_found`. */
export const getUserSession = async (tx: TenantTx, id: number): Promise<UserSession> => {
  const session = await selectSession(tx, id)
  if (!session) throw notFound('user_session', id)
  return { tenantId: tx.tenantId, sessionId: session.id, apiRoot: session.apiRoot }
}

/** Removes a session with its keys, values and peers; nothing of it stays. The account it belongs to must be disconnected. */
export const removeUserSession = (tx: TenantTx, id: number): Promise<void> => deleteSession(tx, id)

/**
 * Keeps sessions in the database: keys and values sealed with the tenant's data key, each bound to its tenant, session
 * and place. What was changed or moved does not open: `internal/secret_unreadable`.
 */
export const createUserSessionStore = (deps: {
  readonly db: Db
  readonly box: SecretBox
  readonly clock: Clock
}): UserSessionStore => {
  const within = <T>({ tenantId }: UserSession, work: (tx: TenantTx) => Promise<T>) => inTenant(deps.db, tenantId, work)
  const boxOf = (tx: TenantTx) => openTenantKey(tx, deps.box, deps.clock.now())

  return {
    readValues: (session) =>
      within(session, async (tx) => {
        const { tenantId, sessionId } = session
        const box = await boxOf(tx)
        const sealed = await selectValues(tx, sessionId)
        return new Map(
          sealed.map(({ name, valueSealed }) => [
            name,
            box.openBytes(valueSealed, sessionValueContext(tenantId, sessionId, name)),
          ]),
        )
      }),

    writeValues: (session, values) =>
      within(session, async (tx) => {
        const { tenantId, sessionId } = session
        const box = await boxOf(tx)
        const kept = [...values].flatMap(([name, value]) =>
          value === null
            ? []
            : [{ sessionId, name, valueSealed: box.sealBytes(value, sessionValueContext(tenantId, sessionId, name)) }],
        )
        await saveValues(tx, kept)
        const dropped = [...values].flatMap(([name, value]) => (value === null ? [name] : []))
        await deleteValues(tx, sessionId, dropped)
      }),

    readKey: (session, place) =>
      within(session, async (tx) => {
        const { tenantId, sessionId } = session
        const box = await boxOf(tx)
        const [found] = await selectKeys(tx, { sessionId, dc: place.dc, slot: slotOf(place) })
        if (!found) return null
        const key = box.openBytes(found.keySealed, sessionKeyContext(tenantId, sessionId, found.dc, found.slot))
        return { key, expiresAt: found.expiresAt }
      }),

    writeKey: (session, place, key, expiresAt) =>
      within(session, async (tx) => {
        const { tenantId, sessionId } = session
        const { dc } = place
        const slot = slotOf(place)
        if (key === null) return deleteKeys(tx, sessionId, { dc, slot })
        const box = await boxOf(tx)
        const keySealed = box.sealBytes(key, sessionKeyContext(tenantId, sessionId, dc, slot))
        return saveKeys(tx, [{ sessionId, dc, slot, keySealed, expiresAt }])
      }),

    deleteKeys: (session, dc) => within(session, (tx) => deleteKeys(tx, session.sessionId, { dc })),
    findPeer: (session, by) => within(session, (tx) => selectPeer(tx, session.sessionId, by)),
    writePeers: (session, peers) => within(session, (tx) => savePeers(tx, session.sessionId, peers)),
    deletePeers: (session) => within(session, (tx) => deletePeers(tx, session.sessionId)),
  }
}
