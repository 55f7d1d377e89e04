import type { TenantTx } from '#server/db/tenant-scope.ts'

/** The tenant's time zone (IANA name). */
export const findTenantZone = async (tx: TenantTx): Promise<string> => {
  const { time_zone } = await tx
    .selectFrom('tenant')
    .select('time_zone')
    .where('id', '=', tx.tenantId)
    .executeTakeFirstOrThrow()
  return time_zone
}
