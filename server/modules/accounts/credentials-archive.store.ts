import { sql } from 'kysely'

import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'
import type { SessionPeer } from '#server/gateways/telegram/user-session.ts'

/** Tenants by the name that stays the same in every installation. */
export const selectTenantSlugs = async (tx: OperatorTx): Promise<ReadonlyMap<string, number>> => {
  const rows = await tx.selectFrom('tenant').select(['id', 'slug']).orderBy('id').execute()
  return new Map(rows.map((row) => [row.slug, row.id]))
}

/** Everybody whom a session can address. */
export const selectPeers = async (tx: TenantTx, sessionId: number): Promise<readonly SessionPeer[]> => {
  const rows = await tx
    .selectFrom('user_session_peer')
    .select(['peer_id', 'access_hash', 'usernames'])
    .where('tenant_id', '=', tx.tenantId)
    .where('session_id', '=', sessionId)
    .orderBy('peer_id')
    .execute()
  return rows.map((row) => ({ peerId: row.peer_id, accessHash: row.access_hash, usernames: row.usernames }))
}

/** Puts secrets of the account in the place of those it has. */
export const saveSecrets = async (
  tx: TenantTx,
  accountId: number,
  secrets: {
    readonly tokenSealed: Buffer | null
    readonly webhookSecretSealed: Buffer
    readonly webhookKey: string
    readonly sessionId: number | null
  },
): Promise<void> => {
  await tx
    .updateTable('account')
    .set({
      token_sealed: secrets.tokenSealed,
      webhook_secret_sealed: secrets.webhookSecretSealed,
      webhook_key: secrets.webhookKey,
      session_id: secrets.sessionId,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .execute()
}

/** Removes a data key that does not open, and what it sealed: nobody can read that any more. */
export const dropUnreadable = async (tx: TenantTx): Promise<void> => {
  for (const table of ['user_session_value', 'user_session_key', 'tenant_key']) {
    await sql`delete from ${sql.table(table)} where tenant_id = ${tx.tenantId}`.execute(tx)
  }
}
