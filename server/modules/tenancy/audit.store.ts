import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

export interface AuditEntry {
  /** Null for what concerns the whole installation. */
  readonly tenantId: number | null
  /** `member:12`, `operator`, `contact`, `system`. */
  readonly actor: string
  /** `tenant.created`, `sending.stopped` … */
  readonly action: string
  readonly target?: string
  /** Ids and words only; never a secret or what somebody wrote. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>
  readonly at: number
}

/** Adds one line to the audit log, in the caller's transaction. */
export const recordAudit = async (tx: TenantTx | OperatorTx, entry: AuditEntry): Promise<void> => {
  await (tx as OperatorTx)
    .insertInto('audit_log')
    .values({
      tenant_id: entry.tenantId,
      actor: entry.actor,
      action: entry.action,
      target: entry.target ?? null,
      detail: JSON.stringify(entry.detail ?? {}),
      at: toDate(entry.at),
    })
    .execute()
}

export interface AuditLine extends Required<Omit<AuditEntry, 'target'>> {
  readonly id: number
  readonly target: string | null
}

/** The newest lines, at most `limit`; of one tenant or, with null, of the whole installation. */
export const listAudit = async (
  tx: TenantTx | OperatorTx,
  tenantId: number | null,
  limit: number,
): Promise<readonly AuditLine[]> => {
  const all = (tx as OperatorTx)
    .selectFrom('audit_log')
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  const rows = await (tenantId === null ? all : all.where('tenant_id', '=', tenantId)).execute()
  return rows.map((row) => ({
    id: row.id,
    tenantId: row.tenant_id,
    actor: row.actor,
    action: row.action,
    target: row.target,
    detail: row.detail as AuditLine['detail'],
    at: row.at.getTime(),
  }))
}
