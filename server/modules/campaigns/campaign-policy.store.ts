import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Whether campaigns of the tenant start only once somebody else approved them. */
export const findNeedsApproval = async (tx: TenantTx): Promise<boolean> => {
  const row = await tx
    .selectFrom('campaign_policy')
    .select('needs_approval')
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirst()
  return row?.needs_approval ?? false
}

export const saveNeedsApproval = async (
  tx: TenantTx,
  needsApproval: boolean,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const row = { needs_approval: needsApproval, changed_by: by, changed_at: toDate(at) }
  await tx
    .insertInto('campaign_policy')
    .values({ tenant_id: tx.tenantId, ...row })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(row))
    .execute()
}
