import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type DeliveryContent, REPLY_PRIORITY } from '../delivery.rules.ts'
import { queueNotice } from '../delivery.store.ts'

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
  readonly media?: DeliveryContent['media']
  /** Sent in place of text and buttons; of bots alone. */
  readonly invoice?: DeliveryContent['invoice']
  readonly source: 'reply' | 'system' | 'rule' | 'order'
  readonly messageClass: 'reply' | 'transactional'
  /** Row id of the chat that the answer shows the way into; counted and capped like every invitation. */
  readonly inviteChatId?: number
  /** Typed by a person: not counted in any quota. */
  readonly isHuman?: boolean
  /** Written by a model: held back when a person takes the conversation over. */
  readonly isAi?: boolean
  /** Who typed it: `member:12`. */
  readonly writtenBy?: string
  /** The same key is the same answer: a repeated update answers once. */
  readonly dedupeKey: string
  readonly at: number
  /** Of no use from then on; an hour after `at` for a reply unless told otherwise. */
  readonly expiresAt?: number
}

/** An answer older than this helps nobody. */
const REPLY_LIFE_MS = 60 * 60_000

const expiryOf = ({ messageClass, expiresAt, at }: ReplyInput): Date | null => {
  if (expiresAt !== undefined) return toDate(expiresAt)
  return messageClass === 'reply' ? toDate(at + REPLY_LIFE_MS) : null
}

const rowOf = (tenantId: number, input: ReplyInput) => ({
  tenant_id: tenantId,
  account_id: input.accountId,
  contact_id: input.contactId,
  chat_id: input.chatId,
  source: input.source,
  message_class: input.messageClass,
  content: JSON.stringify({
    text: input.text,
    buttons: input.buttons ?? [],
    media: input.media,
    invoice: input.invoice,
  }),
  is_outreach: false,
  invite_chat_id: input.inviteChatId ?? null,
  is_human: input.isHuman ?? false,
  is_ai: input.isAi ?? false,
  written_by: input.writtenBy ?? null,
  priority: REPLY_PRIORITY,
  due_at: toDate(input.at),
  expires_at: expiryOf(input),
  dedupe_key: input.dedupeKey,
  planned_at: toDate(input.at),
})

/**
 * Puts answers at the heads of their accounts' queues, in the caller's transaction and in one statement. Returns the ids
 * of the new deliveries by their keys; an answer that was already created has none.
 */
export const createReplies = async (
  tx: TenantTx,
  inputs: readonly ReplyInput[],
): Promise<ReadonlyMap<string, number>> => {
  if (inputs.length === 0) return new Map()
  const rows = await tx
    .with('written', (q) =>
      q
        .insertInto('delivery')
        .values(inputs.map((input) => rowOf(tx.tenantId, input)))
        .onConflict((c) => c.columns(['tenant_id', 'dedupe_key']).doNothing())
        .returning(['id', 'dedupe_key', 'tenant_id', 'account_id']),
    )
    .selectFrom('written')
    .select(['id', 'dedupe_key', queueNotice('written')])
    .execute()
  return new Map(rows.map((row) => [row.dedupe_key, row.id]))
}

/**
 * Puts an answer at the head of its account's queue, in the caller's transaction. Returns the delivery's id, or null
 * when this answer was already created.
 */
export const createReply = async (tx: TenantTx, input: ReplyInput): Promise<number | null> =>
  (await createReplies(tx, [input])).get(input.dedupeKey) ?? null
