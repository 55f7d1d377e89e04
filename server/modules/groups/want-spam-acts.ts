import type { TenantTx } from '#server/db/tenant-scope.ts'

import { wantActs } from './act.store.ts'
import { type ModerationSettings, planActs } from './moderation.rules.ts'
import { countRecentFindings, listSilenced, listTrusted } from './moderation.store.ts'
import type { NewFinding } from './spam.store.ts'

/**
 * Wants what a group's settings say is to follow from new findings there. In the transaction that wrote them; what is
 * wanted is done by a job once it has committed. Trusted people and those who may not write already are left alone, and
 * administrators are spared when it comes to the act.
 */
export const wantSpamActs = async (
  tx: TenantTx,
  { chatId, settings }: { readonly chatId: number; readonly settings: ModerationSettings },
  findings: readonly NewFinding[],
): Promise<void> => {
  const [first] = findings
  if (settings.action === 'log' || !first) return
  const contactIds = [...new Set(findings.map((found) => found.contactId))]
  const at = Math.max(...findings.map((found) => found.at))
  const counts = await countRecentFindings(tx, chatId, contactIds, at)
  const trusted = await listTrusted(tx, chatId, contactIds)
  const silenced = settings.action === 'delete' ? new Set<number>() : await listSilenced(tx, chatId, contactIds, at)
  const planned = planActs(
    settings,
    findings.map((found) => ({ ...found, findings: counts.get(found.contactId) ?? 0 })),
    (contactId) => trusted.has(contactId) || silenced.has(contactId),
  )
  await wantActs(
    tx,
    planned.map((act) => ({
      ...act,
      chatId,
      accountId: first.accountId,
      dedupeKey: `spam:${act.kind}:${chatId}:${act.contactId}:${act.messageIds.join('.')}`,
      by: 'system',
    })),
  )
}
