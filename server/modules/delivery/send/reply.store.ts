import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { REPLY_PRIORITY } from '../delivery.rules.ts'
import { notifyQueue } from '../delivery.store.ts'

export interface ReplyInput {
  readonly accountId: number
  /** Null for an answer inside a group. */
  readonly contactId: number | null
  /** Telegram's chat id. */
  readonly chatId: number
  /** Telegram HTML. */
  readonly text: string
  readonly buttons?: readonly (readonly (
    | { readonly text: string; readonly url: string }
    | { readonly text: string; readonly action: string }
  )[])[]
  readonly source: 'reply' | 'system'
  readonly messageClass: 'reply' | 'transactional'
  /** Row id of the chat that the answer shows the way into; counted and capped like every invitation. */
  readonly inviteChatId?: number
  /** Typed by a person: not counted in any quota. */
  readonly isHuman?: boolean
  /** The same key is the same answer: a repeated update answers once. */
  readonly dedupeKey: string
  readonly at: number
}

/** An answer older than this helps nobody. */
const REPLY_LIFE_MS = 60 * 60_000

/**
 * Puts an answer at the head of its account's queue, in the caller's transaction. Returns the delivery's id, or null
 * when this answer was already created.
 */
export const createReply = async (tx: TenantTx, input: ReplyInput): Promise<number | null> => {
  const row = await tx
    .insertInto('delivery')
    .values({
      tenant_id: tx.tenantId,
      account_id: input.accountId,
      contact_id: input.contactId,
      chat_id: input.chatId,
      source: input.source,
      message_class: input.messageClass,
      content: JSON.stringify({ text: input.text, buttons: input.buttons ?? [] }),
      is_outreach: false,
      invite_chat_id: input.inviteChatId ?? null,
      is_human: input.isHuman ?? false,
      priority: REPLY_PRIORITY,
      due_at: toDate(input.at),
      expires_at: input.messageClass === 'reply' ? toDate(input.at + REPLY_LIFE_MS) : null,
      dedupe_key: input.dedupeKey,
      planned_at: toDate(input.at),
    })
    .onConflict((c) => c.columns(['tenant_id', 'dedupe_key']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!row) return null
  await notifyQueue(tx, input.accountId)
  return row.id
}
