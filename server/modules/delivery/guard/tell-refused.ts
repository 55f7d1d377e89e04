import type { TenantTx } from '#server/db/tenant-scope.ts'
import { emitWanted } from '#server/modules/webhooks/index.ts'

import type { ClaimedRow } from './claim.store.ts'
import type { Verdict } from './guard.store.ts'

/** Programs of the tenant hear what the guard refused, which will never leave, where they want to. */
export const tellRefused = async (
  tx: TenantTx,
  verdicts: readonly Pick<Verdict, 'id' | 'state' | 'reason'>[],
  rows: readonly Pick<ClaimedRow, 'id' | 'account_id' | 'contact_id'>[],
  now: number,
): Promise<void> => {
  const rowOf = new Map(rows.map((row) => [row.id, row]))
  const deliveries = verdicts.flatMap(({ id, state, reason }) => {
    const row = rowOf.get(id)
    if (state !== 'refused' || row === undefined) return []
    return [{ deliveryId: id, accountId: row.account_id, contactId: row.contact_id, state, reason }]
  })
  const ended = { type: 'delivery.ended', payload: { deliveries }, at: now } as const
  await emitWanted(tx, ['message.failed'], deliveries.length === 0 ? [] : [ended])
}
