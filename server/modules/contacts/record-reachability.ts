import type { Reachability } from '#contract/words.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { insertContactEvents } from './message.store.ts'
import { findReachability, saveReach } from './reach.store.ts'

export interface ReachabilityInput {
  readonly contactId: number
  readonly accountId: number
  readonly reachability: Reachability
  /** Epoch ms. */
  readonly at: number
}

/**
 * Records what became known of an account's way to a contact. Older news never overrides newer. A change goes on the
 * timeline and emits `contact.changed`, a new block `contact.blocked` too; saying the known again emits nothing.
 */
export const recordReachability = async (tx: TenantTx, input: ReachabilityInput): Promise<void> => {
  const { contactId, accountId, reachability, at } = input
  const before = await findReachability(tx, contactId, accountId)
  await saveReach(tx, [
    { contactId, accountId, reachability, at, startedAt: null, startPayload: null, inboundAt: null },
  ])
  if (before && (before.reachability === reachability || before.changedAt > at)) return
  await insertContactEvents(tx, [{ at, contactId, kind: 'reachability', detail: { accountId, reachability } }])
  await emitEvents(tx, at, [
    ...(reachability === 'blocked' ? [{ type: 'contact.blocked', payload: { contactId, accountId } } as const] : []),
    { type: 'contact.changed', payload: { contactIds: [contactId] } },
  ])
}
