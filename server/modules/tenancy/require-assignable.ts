import type { TenantAction } from '#contract/actions.ts'
import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { can } from './access.rules.ts'
import { holdRole } from './member.store.ts'

/**
 * Something may be given to this member: they have not left and may do what it takes, and stay so until the transaction
 * ends. Locks the member. Errors: `invalid/assignee`.
 */
export const requireAssignable = async (tx: TenantTx, memberId: number, action: TenantAction): Promise<void> => {
  const role = await holdRole(tx, memberId)
  if (role === null || !can({ kind: 'member', role }, action)) throw invalid('assignee', 'memberId', { id: memberId })
}
