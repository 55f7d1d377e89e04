import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** By what the pinning of a post is known among what is done in groups. */
export const pinKey = (deliveryId: number): string => `campaign.pin:${deliveryId}`

/** A post that is there for longer than this is no news to be pinned any more. */
export const PIN_WITHIN_MS = 2 * DAY_MS

export interface UnpinnedPost {
  readonly deliveryId: number
  readonly campaignId: number
  readonly chatId: number
  readonly accountId: number
  readonly messageId: number
}

/** Posts of announcements that are to be pinned, are in their chats, and nobody was asked to pin yet. */
export const listUnpinnedPosts = async (tx: TenantTx, at: number): Promise<readonly UnpinnedPost[]> => {
  const { rows } = await sql<UnpinnedPost>`
    select d.id as "deliveryId", c.id as "campaignId", ch.id as "chatId", d.account_id as "accountId", d.telegram_message_id as "messageId"
    from campaign c
    join delivery d on d.tenant_id = c.tenant_id and d.campaign_id = c.id and d.state = 'sent' and d.contact_id is null
      and d.reserved_at > ${toDate(at - PIN_WITHIN_MS)}
    join chat ch on ch.tenant_id = d.tenant_id and ch.telegram_id = d.chat_id
    where c.tenant_id = ${tx.tenantId} and c.kind = 'announcement' and c.pins
      and not exists (select from group_act a where a.tenant_id = d.tenant_id and a.dedupe_key = 'campaign.pin:' || d.id)
    order by d.id limit 500`.execute(tx)
  return rows
}
