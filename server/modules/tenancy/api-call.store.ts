import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** One call by the name its caller gave it. */
export interface NamedCall {
  /** `key:7`, `member:12`. */
  readonly caller: string
  readonly key: string
}

export interface StoredCall {
  readonly fingerprint: Buffer
  readonly state: 'running' | 'done' | 'unknown'
  readonly status: number | null
  readonly answerSealed: Buffer | null
  readonly begunAt: number
}

const rowOf = (tx: TenantTx, { caller, key }: NamedCall) => ({ tenant_id: tx.tenantId, caller, key })

/** Writes the call down as begun; false where it is written down already and that is not over. */
export const insertCall = async (
  tx: TenantTx,
  call: NamedCall & { readonly fingerprint: Buffer },
  { at, expiresAt }: { readonly at: number; readonly expiresAt: number },
): Promise<boolean> => {
  const begun = {
    fingerprint: call.fingerprint,
    state: 'running',
    status: null,
    answer_sealed: null,
    begun_at: toDate(at),
    expires_at: toDate(expiresAt),
  }
  const row = await tx
    .insertInto('api_call')
    .values({ ...rowOf(tx, call), ...begun })
    .onConflict((c) =>
      c.columns(['tenant_id', 'caller', 'key']).doUpdateSet(begun).where('api_call.expires_at', '<=', toDate(at)),
    )
    .returning('caller')
    .executeTakeFirst()
  return row !== undefined
}

/** A call that is written down; null when it was forgotten meanwhile. */
export const findCall = async (tx: TenantTx, { caller, key }: NamedCall): Promise<StoredCall | null> => {
  const row = await tx
    .selectFrom('api_call')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('caller', '=', caller)
    .where('key', '=', key)
    .executeTakeFirst()
  return row
    ? {
        fingerprint: row.fingerprint,
        state: row.state as StoredCall['state'],
        status: row.status,
        answerSealed: row.answer_sealed,
        begunAt: row.begun_at.getTime(),
      }
    : null
}

/** Ends a call that runs: with its answer, or with nobody knowing how. */
export const saveCallEnd = async (
  tx: TenantTx,
  { caller, key }: NamedCall,
  end: { readonly status: number; readonly answerSealed: Buffer } | 'unknown',
): Promise<void> => {
  await tx
    .updateTable('api_call')
    .set(
      end === 'unknown' ? { state: 'unknown' } : { state: 'done', status: end.status, answer_sealed: end.answerSealed },
    )
    .where('tenant_id', '=', tx.tenantId)
    .where('caller', '=', caller)
    .where('key', '=', key)
    .where('state', '=', 'running')
    .execute()
}

/** Forgets a call that did nothing, so that it may be made again. */
export const deleteCall = async (tx: TenantTx, { caller, key }: NamedCall): Promise<void> => {
  await tx
    .deleteFrom('api_call')
    .where('tenant_id', '=', tx.tenantId)
    .where('caller', '=', caller)
    .where('key', '=', key)
    .where('state', '=', 'running')
    .execute()
}
