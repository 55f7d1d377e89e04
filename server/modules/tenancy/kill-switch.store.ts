import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

/** When and why sending stops; null starts it again. */
export type KillSwitch = { readonly at: number; readonly reason: string } | null

const columns = (value: KillSwitch) => ({
  sending_stopped_at: value ? toDate(value.at) : null,
  sending_stopped_reason: value?.reason ?? null,
})

export const saveGlobalSwitch = async (tx: OperatorTx, value: KillSwitch): Promise<void> => {
  await tx.updateTable('installation').set(columns(value)).execute()
}

export const findGlobalSwitch = async (tx: OperatorTx | TenantTx): Promise<string | null> => {
  const row = await (tx as OperatorTx).selectFrom('installation').select('sending_stopped_reason').executeTakeFirst()
  return row?.sending_stopped_reason ?? null
}

/** Whether there is such a tenant. */
export const saveTenantSwitch = async (
  tx: OperatorTx | TenantTx,
  tenantId: number,
  value: KillSwitch,
): Promise<boolean> => {
  const result = await (tx as OperatorTx)
    .updateTable('tenant')
    .set(columns(value))
    .where('id', '=', tenantId)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}
