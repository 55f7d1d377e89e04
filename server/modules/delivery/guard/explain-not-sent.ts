import type { DeliveryState, GuardReason } from '#contract/words.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { findAccountRow } from './account-row.store.ts'
import type { ClaimedRow } from './claim.store.ts'
import { composeContent, loadWordings } from './compose-content.ts'
import { decide } from './guard.rules.ts'
import { type ContactDeliveryRow, findDelivery, listContactDeliveries } from './contact-delivery.store.ts'
import { loadFacts } from './load-facts.ts'

/** One delivery of a contact and why it stands where it stands. */
export interface NotSentExplanation {
  readonly deliveryId: number
  readonly state: DeliveryState
  /** What was recorded when it was last looked at. */
  readonly recordedReason: string | null
  /** What the guard would say now, for a delivery that still waits. */
  readonly nowSays: {
    readonly kind: 'allow' | 'defer' | 'refuse'
    readonly reason: GuardReason | null
    readonly until: number | null
  } | null
  readonly dueAt: number
  readonly campaignPaused: boolean
}

const explain = async (
  tx: TenantTx,
  rows: readonly ContactDeliveryRow[],
  now: number,
): Promise<readonly NotSentExplanation[]> => {
  const waiting = rows.filter((r) => r.state === 'planned' || r.state === 'deferred')
  const answers = new Map<number, NotSentExplanation['nowSays']>()
  for (const [accountId, group] of Map.groupBy(waiting, (r) => r.account_id)) {
    for (const [id, answer] of await askGuard(tx, accountId, group, now)) answers.set(id, answer)
  }
  return rows.map((row) => ({
    deliveryId: row.id,
    state: row.state,
    recordedReason: row.reason,
    nowSays: answers.get(row.id) ?? null,
    dueAt: row.due_at.getTime(),
    campaignPaused: row.campaign_state === 'paused',
  }))
}

/**
 * Why the contact did not get its newest deliveries (at most `limit`, default 20): the recorded reason, and for those
 * that wait, the guard's answer at `now` from the same facts and the same rules that will decide. Takes no lock.
 */
export const explainNotSent = async (
  tx: TenantTx,
  contactId: number,
  now: number,
  limit = 20,
): Promise<readonly NotSentExplanation[]> => explain(tx, await listContactDeliveries(tx, contactId, limit), now)

/** The same of one delivery. Errors: `not_found`. */
export const explainDelivery = async (tx: TenantTx, deliveryId: number, now: number): Promise<NotSentExplanation> => {
  const row = await findDelivery(tx, deliveryId)
  const [explanation] = row ? await explain(tx, [row], now) : []
  if (!explanation) throw notFound('delivery', deliveryId)
  return explanation
}

const askGuard = async (tx: TenantTx, accountId: number, rows: readonly ClaimedRow[], now: number) => {
  const account = await findAccountRow(tx, accountId)
  if (!account) return []
  const wordings = await loadWordings(tx, rows)
  const facts = await loadFacts(tx, new Map([[accountId, account]]), rows, now)
  const sender = { senderName: account.sender_name, locale: account.locale }
  return rows.map((row): readonly [number, NotSentExplanation['nowSays']] => {
    const { contentHash, templateApproved } = composeContent(row, wordings, facts.recipientOf(row), sender)
    const decision = decide(facts.factsOf({ row, contentHash, templateApproved }), now)
    return [
      row.id,
      {
        kind: decision.kind,
        reason: decision.kind === 'allow' ? null : decision.reason,
        until: decision.kind === 'defer' ? decision.until : null,
      },
    ]
  })
}
