import { sql } from 'kysely'

import type { DeliveryState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { notifyQueue } from '../delivery.store.ts'

export interface PostInput {
  readonly accountId: number
  /** Telegram's id of the group or channel. */
  readonly chatId: number
  /** An arm of a template, or a text of its own in Telegram HTML. */
  readonly content: { readonly templateId: number; readonly variant: string } | { readonly text: string }
  /** A template's own class; `transactional` for a text. Never a reply: posts keep their distance in a chat. */
  readonly messageClass: 'transactional' | 'commercial'
  /** Not before then, and of no use from then on; epoch ms. */
  readonly dueAt: number
  readonly expiresAt: number
  /** The same key is the same post. */
  readonly dedupeKey: string
  readonly at: number
}

/** Behind answers, beside what one person is sent. */
const PRIORITY = 40

/**
 * Puts a post into a group or channel into its account's queue, in the caller's transaction; the guard decides when and
 * whether it leaves. Returns the delivery's id, or null when this post was already created.
 */
export const createPost = async (tx: TenantTx, input: PostInput): Promise<number | null> => {
  const { content } = input
  const row = await tx
    .insertInto('delivery')
    .values({
      tenant_id: tx.tenantId,
      account_id: input.accountId,
      contact_id: null,
      chat_id: input.chatId,
      source: 'post',
      message_class: input.messageClass,
      ...('templateId' in content
        ? { template_id: content.templateId, variant: content.variant }
        : { content: JSON.stringify({ text: content.text, buttons: [] }) }),
      is_outreach: false,
      priority: PRIORITY,
      due_at: toDate(input.dueAt),
      expires_at: toDate(input.expiresAt),
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

/** Gives a post that still waits another text; false when it is on its way, went, or was called off. */
export const rewritePost = async (tx: TenantTx, deliveryId: number, text: string): Promise<boolean> => {
  const { rows } = await sql`
    update delivery set content = jsonb_set(content, '{text}', to_jsonb(${text}::text))
    where tenant_id = ${tx.tenantId} and id = ${deliveryId} and contact_id is null and state in ('planned', 'deferred')
    returning id`.execute(tx)
  return rows.length > 0
}

/** Calls off those of these posts that still wait. `reason` is a word of the guard's or of posts. */
export const cancelPosts = async (
  tx: TenantTx,
  deliveryIds: readonly number[],
  reason: string,
  at: number,
): Promise<void> => {
  if (deliveryIds.length === 0) return
  await tx
    .updateTable('delivery')
    .set({ state: 'cancelled', reason, finished_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', 'in', [...deliveryIds])
    .where('contact_id', 'is', null)
    .where('state', 'in', ['planned', 'deferred'])
    .execute()
}

export interface PostEnd {
  readonly deliveryId: number
  readonly state: DeliveryState
  readonly reason: string | null
  readonly chatId: number
  readonly messageId: number | null
  readonly finishedAt: number | null
}

/** Where these posts stand. */
export const listPostEnds = async (tx: TenantTx, deliveryIds: readonly number[]): Promise<readonly PostEnd[]> => {
  if (deliveryIds.length === 0) return []
  const rows = await tx
    .selectFrom('delivery')
    .select(['id', 'state', 'reason', 'chat_id', 'telegram_message_id', 'finished_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', 'in', [...deliveryIds])
    .execute()
  return rows.map((row) => ({
    deliveryId: row.id,
    state: row.state as DeliveryState,
    reason: row.reason,
    chatId: row.chat_id,
    messageId: row.telegram_message_id,
    finishedAt: row.finished_at?.getTime() ?? null,
  }))
}
