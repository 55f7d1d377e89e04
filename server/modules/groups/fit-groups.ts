import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findAllowance, lockSubscription, noticeUsage } from '#server/modules/billing/index.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { listJoinedGroups, saveOverPackage } from './chat.store.ts'

/** Why nothing is posted into a group; a word of `words:reason`. */
const OVER_PACKAGE = 'group_over_package'

/**
 * Brings the groups in step with the package: those known first go on, nothing is posted into those beyond its number,
 * and that ends when there is room again. Nothing is removed. Repeatable. Locks the subscription. When groups fall
 * behind, the tenant is noticed of its usage. Returns how many were held and how many go on.
 */
export const fitGroupsToPackage = async (
  tx: TenantTx,
  at: number,
): Promise<{ readonly held: number; readonly freed: number }> => {
  await lockSubscription(tx)
  const allowed = await findAllowance(tx, 'groups')
  const groups = await listJoinedGroups(tx)
  const isBeyond = (place: number) => allowed !== null && place >= allowed
  const held = groups.filter((group, place) => isBeyond(place) && !group.isOver).map(({ id }) => id)
  const freed = groups.filter((group, place) => !isBeyond(place) && group.isOver).map(({ id }) => id)
  await saveOverPackage(tx, held, at)
  await saveOverPackage(tx, freed, null)
  for (const [action, ids] of [
    ['group.held', held],
    ['group.freed', freed],
  ] as const) {
    for (const id of ids) {
      const detail = { reason: OVER_PACKAGE }
      await recordAudit(tx, { tenantId: tx.tenantId, actor: 'system', action, target: `chat:${id}`, detail, at })
    }
  }
  if (held.length > 0) await noticeUsage(tx, at)
  return { held: held.length, freed: freed.length }
}
