import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ConversationEventKind } from './conversation.rules.ts'

interface ConversationEvent {
  readonly kind: ConversationEventKind
  /** `member:12`, `cli`, `contact`, `owner`, `automatic`, `system`. */
  readonly by: string
  readonly at: number
  /** Ids and words only. */
  readonly detail?: Readonly<Record<string, string | number | null>>
  /** Of a note. */
  readonly text?: string
}

/** Writes down what happened to a conversation; returns the entry's id. */
export const insertConversationEvent = async (
  tx: TenantTx,
  { id, contactId }: { readonly id: number; readonly contactId: number },
  event: ConversationEvent,
): Promise<number> => {
  const row = await tx
    .insertInto('conversation_event')
    .values({
      tenant_id: tx.tenantId,
      conversation_id: id,
      contact_id: contactId,
      at: toDate(event.at),
      kind: event.kind,
      by: event.by,
      detail: JSON.stringify(event.detail ?? {}),
      text: event.text ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}
