import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { writeRule } from './change-rule.ts'
import { prioritiesFor } from './rule-order.rules.ts'
import type { Rule } from './rule.rules.ts'
import { lockRules, selectRules } from './rule.store.ts'

/**
 * Has the account's rules asked in this order, by giving as few of them as possible another priority; each of those gets
 * a version. `ids` names each of them once. Locks the account's rules. Errors: `forbidden/not_allowed`, `not_found` for
 * the account, `conflict/rules_moved_on` where there are other rules by now.
 */
export const orderRules = async (
  tx: TenantTx,
  { accountId, ids }: { readonly accountId: number; readonly ids: readonly number[] },
  actor: ActingPerson,
): Promise<readonly Rule[]> => {
  requireCan(actor.access, 'settings.edit')
  await getAccount(tx, accountId)
  await lockRules(tx, accountId)
  const rules = await selectRules(tx, accountId)
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const order = [...new Set(ids)].flatMap((id) => byId.get(id) ?? [])
  if (order.length !== rules.length || ids.length !== rules.length)
    throw new AppError('conflict', 'rules_moved_on', { field: 'ids', account: accountId })
  for (const [id, priority] of prioritiesFor(order)) {
    const before = byId.get(id)
    if (before) await writeRule(tx, before, { ...before, priority }, 'rule.updated', actor)
  }
  return selectRules(tx, accountId)
}
