import { sql } from 'kysely'

import type { PostResponseKind } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** What somebody did with a message in a group or channel. Epoch ms, Telegram's numbers. */
export interface PostResponse {
  readonly chatTelegramId: number
  readonly messageId: number
  readonly contactId: number
  readonly kind: PostResponseKind
  readonly at: number
}

/**
 * Credits these to our own posts of the day before, once for each person and kind; whatever was done with anybody else's
 * message is not kept. Returns how many were new.
 */
export const recordPostResponses = async (tx: TenantTx, responses: readonly PostResponse[]): Promise<number> => {
  if (responses.length === 0) return 0
  const { numAffectedRows } = await sql`
    insert into post_response (tenant_id, delivery_id, contact_id, kind, at)
    select ${tx.tenantId}, d.id, r.contact_id, r.kind, r.at
    from unnest(
      ${responses.map((r) => r.chatTelegramId)}::bigint[], ${responses.map((r) => r.messageId)}::bigint[],
      ${responses.map((r) => r.contactId)}::bigint[], ${responses.map((r) => r.kind)}::text[],
      ${responses.map((r) => toDate(r.at))}::timestamptz[]
    ) as r (chat_id, message_id, contact_id, kind, at)
    join delivery d on d.tenant_id = ${tx.tenantId} and d.chat_id = r.chat_id and d.contact_id is null
      and d.telegram_message_id = r.message_id and d.reserved_at is not null
      and d.reserved_at > r.at - make_interval(secs => ${DAY_MS / 1_000})
    on conflict (tenant_id, delivery_id, contact_id, kind) do nothing`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
