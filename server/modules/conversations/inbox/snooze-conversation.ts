import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'

import { checkSnooze } from './conversation.rules.ts'
import { saveSnooze } from './conversation.store.ts'
import { insertConversationEvent } from './conversation-event.store.ts'
import { type ConversationChange, requireSeen } from './require-conversation.ts'

/**
 * Puts a conversation out of sight until an instant (epoch ms, at most a year away) or until the contact writes. Locks
 * it. Errors: `invalid/snooze_until`, those of `requireSeen`.
 */
export const snoozeConversation = async (
  tx: TenantTx,
  { until, ...change }: ConversationChange & { readonly until: number },
  actor: ActingPerson,
): Promise<void> => {
  const { by, at } = actor
  checkSnooze(until, at)
  const conversation = await requireSeen(tx, change, actor)
  if (conversation.state === 'closed') await insertConversationEvent(tx, conversation, { kind: 'opened', by, at })
  await saveSnooze(tx, conversation.id, until)
  await insertConversationEvent(tx, conversation, { kind: 'snoozed', by, at, detail: { until } })
}
