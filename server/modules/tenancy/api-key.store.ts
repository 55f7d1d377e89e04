import type { Selectable } from 'kysely'

import type { TenantAction } from '#contract/actions.ts'
import { toDate } from '#server/base/clock.ts'
import type { ApiKeyTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { ApiKey } from './api-key.rules.ts'

const toApiKey = (row: Selectable<ApiKeyTable>): ApiKey => ({
  tenantId: row.tenant_id,
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes as TenantAction[],
  createdBy: row.created_by,
  createdAt: row.created_at.getTime(),
  lastUsedAt: row.last_used_at?.getTime() ?? null,
  revokedAt: row.revoked_at?.getTime() ?? null,
})

export interface NewApiKey {
  readonly name: string
  readonly prefix: string
  readonly secretHash: Buffer
  readonly scopes: readonly TenantAction[]
  readonly createdBy: string
}

export const insertApiKey = async (tx: TenantTx, key: NewApiKey, at: number): Promise<ApiKey> =>
  toApiKey(
    await tx
      .insertInto('api_key')
      .values({
        tenant_id: tx.tenantId,
        name: key.name,
        prefix: key.prefix,
        secret_hash: key.secretHash,
        scopes: [...key.scopes],
        created_by: key.createdBy,
        created_at: toDate(at),
      })
      .returningAll()
      .executeTakeFirstOrThrow(),
  )

/** The tenant's keys, revoked ones included, oldest first. */
export const listApiKeys = async (tx: TenantTx): Promise<readonly ApiKey[]> =>
  (await tx.selectFrom('api_key').selectAll().where('tenant_id', '=', tx.tenantId).orderBy('id').execute()).map(
    toApiKey,
  )

/** A key of any tenant with the hash of its secret. */
export const findKeyByPrefix = async (
  tx: OperatorTx,
  prefix: string,
): Promise<{ readonly key: ApiKey; readonly secretHash: Buffer } | null> => {
  const row = await tx.selectFrom('api_key').selectAll().where('prefix', '=', prefix).executeTakeFirst()
  return row ? { key: toApiKey(row), secretHash: row.secret_hash } : null
}

/** Written at most once a minute: a busy key does not write its row over and over. */
export const saveKeyUse = async (tx: OperatorTx, prefix: string, at: number): Promise<void> => {
  await tx
    .updateTable('api_key')
    .set({ last_used_at: toDate(at) })
    .where('prefix', '=', prefix)
    .where((e) => e.or([e('last_used_at', 'is', null), e('last_used_at', '<', toDate(at - 60_000))]))
    .execute()
}

/** False when there is no such key that works. */
export const saveRevocation = async (tx: TenantTx, id: number, at: number): Promise<boolean> => {
  const result = await tx
    .updateTable('api_key')
    .set({ revoked_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}
