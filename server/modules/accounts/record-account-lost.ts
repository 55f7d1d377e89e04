import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { lockAccount, saveState } from './account.store.ts'

/**
 * Telegram refuses the token for good: the account is disconnected until its owner gives a new one. Emits
 * `account.lost` once. Locks the account.
 */
export const recordAccountLost = async (tx: TenantTx, id: number, reason: string, at: number): Promise<void> => {
  const account = await lockAccount(tx, id)
  if (!account || account.state === 'disconnected') return
  await saveState(tx, id, 'disconnected', reason)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: 'system',
    action: 'account.lost',
    target: `account:${id}`,
    detail: { reason },
    at,
  })
  await emitEvents(tx, at, [{ type: 'account.lost', payload: { accountId: id, reason } }])
}
