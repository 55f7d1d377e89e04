import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, type AuditEntry, recordAudit } from '#server/modules/tenancy/index.ts'

/** Writes down who did what with a campaign; `id` null for all of the tenant's. */
export const auditCampaign = (
  tx: TenantTx,
  action: string,
  id: number | null,
  { by, at }: Pick<ActingPerson, 'by' | 'at'>,
  detail: NonNullable<AuditEntry['detail']> = {},
): Promise<void> =>
  recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action,
    ...(id !== null && { target: `campaign:${id}` }),
    detail,
    at,
  })
