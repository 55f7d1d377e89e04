import type { TenantTx } from '#server/db/tenant-scope.ts'
import { wantActs } from '#server/modules/groups/index.ts'

import { listUnpinnedPosts, pinKey } from './pin-posts.store.ts'

/**
 * Has posts of announcements pinned that are to be, once they are in their chats: wanted once each, done by the job that
 * acts in groups, with its end on record. `at` is epoch ms. Returns how many were wanted.
 */
export const pinAnnouncements = async (tx: TenantTx, at: number): Promise<number> => {
  const posts = await listUnpinnedPosts(tx, at)
  if (posts.length === 0) return 0
  await wantActs(
    tx,
    posts.map(({ deliveryId, chatId, accountId, messageId, campaignId }) => ({
      kind: 'pin',
      chatId,
      accountId,
      contactId: null,
      messageIds: [messageId],
      dedupeKey: pinKey(deliveryId),
      by: `campaign:${campaignId}`,
      at,
    })),
  )
  return posts.length
}
