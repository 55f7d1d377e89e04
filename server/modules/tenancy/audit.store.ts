import { type Selectable, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { AuditLogTable } from '#server/db/schema.generated.ts'
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

const toLine = (row: Selectable<AuditLogTable>): AuditLine => ({
  id: row.id,
  tenantId: row.tenant_id,
  actor: row.actor,
  action: row.action,
  target: row.target,
  detail: row.detail as AuditLine['detail'],
  at: row.at.getTime(),
})

/** Whether one of these was ever done in the tenant. */
export const hasAudit = async (tx: TenantTx, actions: readonly string[]): Promise<boolean> => {
  const row = await tx
    .selectFrom('audit_log')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('action', 'in', actions)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
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
  return (await (tenantId === null ? all : all.where('tenant_id', '=', tenantId)).execute()).map(toLine)
}

/** What the log is narrowed to; what is left out narrows nothing. */
export interface AuditFilter {
  readonly tenantId?: number
  /** The beginning of who did it: `operator:`, `member:12`. */
  readonly actor?: string
  /** The beginning of what was done: `payment.`. */
  readonly action?: string
  /** Written from here on, and before there; epoch ms. */
  readonly from?: number
  readonly until?: number
  /** Lines before this one. */
  readonly beforeId?: number
}

/** Lines in the order they were written, newest first, at most `limit`. */
export const searchAudit = async (
  tx: OperatorTx,
  { tenantId, actor, action, from, until, beforeId }: AuditFilter,
  limit: number,
): Promise<readonly AuditLine[]> => {
  let query = tx.selectFrom('audit_log').selectAll()
  if (tenantId !== undefined) query = query.where('tenant_id', '=', tenantId)
  if (actor !== undefined) query = query.where(sql<boolean>`starts_with(actor, ${actor})`)
  if (action !== undefined) query = query.where(sql<boolean>`starts_with(action, ${action})`)
  if (from !== undefined) query = query.where('at', '>=', toDate(from))
  if (until !== undefined) query = query.where('at', '<', toDate(until))
  if (beforeId !== undefined) query = query.where('id', '<', beforeId)
  return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toLine)
}
