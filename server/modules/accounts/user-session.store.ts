import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'
import type { SessionPeer } from '#server/gateways/telegram/user-session.ts'

/** Makes an empty session. */
export const insertSession = async (tx: TenantTx, apiRoot: string | null, at: number): Promise<number> => {
  const { id } = await tx
    .insertInto('user_session')
    .values({ tenant_id: tx.tenantId, api_root: apiRoot, created_at: toDate(at) })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export const selectSession = async (
  tx: TenantTx,
  id: number,
): Promise<{ readonly id: number; readonly apiRoot: string | null } | null> => {
  const row = await tx
    .selectFrom('user_session')
    .select(['id', 'api_root'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? { id: row.id, apiRoot: row.api_root } : null
}

/** Removes a session with all it holds, and its mention in a disconnected account. */
export const deleteSession = async (tx: TenantTx, id: number): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ session_id: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('session_id', '=', id)
    .execute()
  await tx.deleteFrom('user_session').where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute()
}

export interface SealedValue {
  readonly sessionId: number
  readonly name: string
  readonly valueSealed: Buffer
}

/** The sealed values of one session, or of all the tenant's. */
export const selectValues = async (tx: TenantTx, sessionId?: number): Promise<readonly SealedValue[]> => {
  let query = tx
    .selectFrom('user_session_value')
    .select(['session_id', 'name', 'value_sealed'])
    .where('tenant_id', '=', tx.tenantId)
  if (sessionId !== undefined) query = query.where('session_id', '=', sessionId)
  const rows = await query.execute()
  return rows.map((row) => ({ sessionId: row.session_id, name: row.name, valueSealed: row.value_sealed }))
}

export const saveValues = async (tx: TenantTx, values: readonly SealedValue[]): Promise<void> => {
  if (values.length === 0) return
  await tx
    .insertInto('user_session_value')
    .values(
      values.map(({ sessionId, name, valueSealed }) => ({
        tenant_id: tx.tenantId,
        session_id: sessionId,
        name,
        value_sealed: valueSealed,
      })),
    )
    .onConflict((c) =>
      c
        .columns(['tenant_id', 'session_id', 'name'])
        .doUpdateSet((e) => ({ value_sealed: e.ref('excluded.value_sealed') })),
    )
    .execute()
}

export const deleteValues = async (tx: TenantTx, sessionId: number, names: readonly string[]): Promise<void> => {
  if (names.length === 0) return
  await tx
    .deleteFrom('user_session_value')
    .where('tenant_id', '=', tx.tenantId)
    .where('session_id', '=', sessionId)
    .where('name', 'in', [...names])
    .execute()
}

export interface SealedKey {
  readonly sessionId: number
  readonly dc: number
  readonly slot: number
  readonly keySealed: Buffer
  readonly expiresAt: number
}

/** The sealed keys of one session, or of all the tenant's. */
export const selectKeys = async (
  tx: TenantTx,
  which: { readonly sessionId?: number; readonly dc?: number; readonly slot?: number } = {},
): Promise<readonly SealedKey[]> => {
  let query = tx
    .selectFrom('user_session_key')
    .select(['session_id', 'dc', 'slot', 'key_sealed', 'expires_at'])
    .where('tenant_id', '=', tx.tenantId)
  if (which.sessionId !== undefined) query = query.where('session_id', '=', which.sessionId)
  if (which.dc !== undefined) query = query.where('dc', '=', which.dc)
  if (which.slot !== undefined) query = query.where('slot', '=', which.slot)
  const rows = await query.execute()
  return rows.map((row) => ({
    sessionId: row.session_id,
    dc: row.dc,
    slot: row.slot,
    keySealed: row.key_sealed,
    expiresAt: row.expires_at,
  }))
}

export const saveKeys = async (tx: TenantTx, keys: readonly SealedKey[]): Promise<void> => {
  if (keys.length === 0) return
  await tx
    .insertInto('user_session_key')
    .values(
      keys.map((key) => ({
        tenant_id: tx.tenantId,
        session_id: key.sessionId,
        dc: key.dc,
        slot: key.slot,
        key_sealed: key.keySealed,
        expires_at: key.expiresAt,
      })),
    )
    .onConflict((c) =>
      c
        .columns(['tenant_id', 'session_id', 'dc', 'slot'])
        .doUpdateSet((e) => ({ key_sealed: e.ref('excluded.key_sealed'), expires_at: e.ref('excluded.expires_at') })),
    )
    .execute()
}

/** Keys of one slot, of one data centre, or of the whole session. */
export const deleteKeys = async (
  tx: TenantTx,
  sessionId: number,
  which: { readonly dc?: number | null; readonly slot?: number } = {},
): Promise<void> => {
  let query = tx.deleteFrom('user_session_key').where('tenant_id', '=', tx.tenantId).where('session_id', '=', sessionId)
  if (which.dc != null) query = query.where('dc', '=', which.dc)
  if (which.slot !== undefined) query = query.where('slot', '=', which.slot)
  await query.execute()
}

/** A peer of the session by its number or by a name in lower case. */
export const selectPeer = async (
  tx: TenantTx,
  sessionId: number,
  by: { readonly id: number } | { readonly username: string },
): Promise<SessionPeer | null> => {
  const which = 'id' in by ? sql<boolean>`peer_id = ${by.id}` : sql<boolean>`usernames @> ${[by.username]}::text[]`
  const row = await tx
    .selectFrom('user_session_peer')
    .select(['peer_id', 'access_hash', 'usernames'])
    .where('tenant_id', '=', tx.tenantId)
    .where('session_id', '=', sessionId)
    .where(which)
    .executeTakeFirst()
  return row ? { peerId: row.peer_id, accessHash: row.access_hash, usernames: row.usernames } : null
}

/** Writes peers; of one named twice, the later stays. */
export const savePeers = async (tx: TenantTx, sessionId: number, peers: readonly SessionPeer[]): Promise<void> => {
  const latest = [...new Map(peers.map((peer) => [peer.peerId, peer])).values()]
  if (latest.length === 0) return
  await tx
    .insertInto('user_session_peer')
    .values(
      latest.map((peer) => ({
        tenant_id: tx.tenantId,
        session_id: sessionId,
        peer_id: peer.peerId,
        access_hash: peer.accessHash,
        usernames: [...peer.usernames],
      })),
    )
    .onConflict((c) =>
      c
        .columns(['tenant_id', 'session_id', 'peer_id'])
        .doUpdateSet((e) => ({ access_hash: e.ref('excluded.access_hash'), usernames: e.ref('excluded.usernames') })),
    )
    .execute()
}

export const deletePeers = async (tx: TenantTx, sessionId: number): Promise<void> => {
  await tx
    .deleteFrom('user_session_peer')
    .where('tenant_id', '=', tx.tenantId)
    .where('session_id', '=', sessionId)
    .execute()
}

/** Sessions of disconnected accounts. */
export const selectSpentSessions = async (
  tx: OperatorTx,
): Promise<
  readonly {
    readonly tenantId: number
    readonly accountId: number
    readonly sessionId: number
    readonly apiRoot: string | null
  }[]
> => {
  const rows = await tx
    .selectFrom('account as a')
    .innerJoin('user_session as s', (join) =>
      join.onRef('s.tenant_id', '=', 'a.tenant_id').onRef('s.id', '=', 'a.session_id'),
    )
    .select(['a.tenant_id', 'a.id', 's.id as session_id', 's.api_root'])
    .where('a.state', '=', 'disconnected')
    .orderBy('a.id')
    .execute()
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    accountId: row.id,
    sessionId: row.session_id,
    apiRoot: row.api_root,
  }))
}
