import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ReservedDelivery } from '../delivery.rules.ts'
import { type ComposedContent, composeContent, loadWordings } from './compose-content.ts'
import { decideRepeat } from './guard.rules.ts'
import { findAccountRow } from './guard.store.ts'
import { loadFacts } from './load-facts.ts'
import { claimDoubtfulRows, writeRepeats } from './repeat.store.ts'
import { type ReserveInput, accountBlock, joinAttempts } from './reserve-slots.ts'

/**
 * Takes up sends of a user account that were cut off, to repeat them under the same number: Telegram delivers such a
 * message once, however often it is sent. Each keeps the slot it has, and the guard is asked again about everything but
 * the slots: whoever withdrew meanwhile is left alone. In the caller's transaction, with the locks of
 * {@link reserveSlots}; what comes back must be sent at once after the commit.
 */
export const reserveRepeats = async (
  tx: TenantTx,
  { accountId, now, limit }: Pick<ReserveInput, 'accountId' | 'now' | 'limit'>,
): Promise<readonly ReservedDelivery[]> => {
  const account = await findAccountRow(tx, accountId, true)
  if (!account || accountBlock(account, now)) return []
  const rows = await claimDoubtfulRows(tx, accountId, now, limit)
  if (rows.length === 0) return []
  const wordings = await loadWordings(tx, rows)
  const facts = await loadFacts(tx, accountId, account, rows, now)
  const sender = { senderName: account.sender_name, locale: account.locale }
  const composed = new Map<number, ComposedContent>()
  for (const row of rows) {
    const recipient = row.contact_id === null ? undefined : facts.recipients.get(row.contact_id)
    const content = composeContent(row, wordings, recipient, sender)
    const { contentHash, templateApproved } = content
    if (decideRepeat(facts.factsOf({ row, contentHash, templateApproved }), now).kind === 'allow')
      composed.set(row.id, content)
  }
  const attempts = await writeRepeats(tx, accountId, [...composed.keys()], now)
  return joinAttempts(accountId, rows, composed, attempts, true)
}
