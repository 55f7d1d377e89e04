import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ReservedDelivery } from '../delivery.rules.ts'
import { lockAccountRows } from './account-row.store.ts'
import { type ComposedContent, composeContent, loadWordings } from './compose-content.ts'
import { decideRepeat } from './guard.rules.ts'
import { loadFacts } from './load-facts.ts'
import { claimDoubtfulRows, writeRepeats } from './repeat.store.ts'
import { type ReserveWish, accountBlock, joinAttempts } from './reserve-slots.ts'

/**
 * Takes up sends of a user account that were cut off, to repeat them under the same number: Telegram delivers such a
 * message once, however often it is sent. Each keeps the slot it has, and the guard is asked again about everything but
 * the slots: whoever withdrew meanwhile is left alone. In the caller's transaction, with the locks of
 * {@link reserveSlots}; what comes back must be sent at once after the commit.
 */
export const reserveRepeats = async (
  tx: TenantTx,
  { accountId, limit }: Pick<ReserveWish, 'accountId' | 'limit'>,
  now: number,
): Promise<readonly ReservedDelivery[]> => {
  const accounts = await lockAccountRows(tx, [accountId])
  const account = accounts.get(accountId)
  if (!account || accountBlock(account, now)) return []
  const rows = await claimDoubtfulRows(tx, accountId, now, limit)
  if (rows.length === 0) return []
  const wordings = await loadWordings(tx, rows)
  const facts = await loadFacts(tx, accounts, rows, now)
  const sender = { senderName: account.sender_name, locale: account.locale }
  const composed = new Map<number, ComposedContent>()
  for (const row of rows) {
    const content = composeContent(row, wordings, facts.recipientOf(row), sender)
    const { contentHash, templateApproved } = content
    if (decideRepeat(facts.factsOf({ row, contentHash, templateApproved }), now).kind === 'allow')
      composed.set(row.id, content)
  }
  const attempts = await writeRepeats(tx, accountId, [...composed.keys()], now)
  return joinAttempts(rows, composed, attempts, true)
}
