import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { RenderedMessage } from '#server/modules/templates/index.ts'

import { notifyQueue } from '../delivery.store.ts'

export interface OutreachInput {
  readonly accountId: number
  readonly contactId: number
  /** Telegram's chat id: the person's id. */
  readonly chatId: number
  /** An arm of a template, or a text of its own in Telegram HTML. */
  readonly content:
    | { readonly templateId: number; readonly variant: string }
    | { readonly text: string; readonly buttons: RenderedMessage['buttons'] }
  /** Row id of the chat the message invites into. */
  readonly inviteChatId?: number
  /** The same key is the same message. */
  readonly dedupeKey: string
  readonly at: number
}

/** In the middle of what strategies plan (1–100): a person of the tenant asked for it, somebody else waits as well. */
const PRIORITY = 50

/** What could not leave within a week is no longer meant. */
const LIFE_MS = 7 * DAY_MS

/**
 * Puts a commercial message to one person into its account's queue, in the caller's transaction; the guard decides when
 * and whether it leaves. Returns the delivery's id, or null when this message was already created.
 */
export const createOutreach = async (tx: TenantTx, input: OutreachInput): Promise<number | null> => {
  const { content } = input
  const row = await tx
    .insertInto('delivery')
    .values({
      tenant_id: tx.tenantId,
      account_id: input.accountId,
      contact_id: input.contactId,
      chat_id: input.chatId,
      source: 'system',
      message_class: 'commercial',
      ...('templateId' in content
        ? { template_id: content.templateId, variant: content.variant }
        : { content: JSON.stringify({ text: content.text, buttons: content.buttons }) }),
      invite_chat_id: input.inviteChatId ?? null,
      is_outreach: true,
      priority: PRIORITY,
      due_at: toDate(input.at),
      expires_at: toDate(input.at + LIFE_MS),
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
