import type { MessageClass } from '#contract/words.ts'
import { bucketOf } from '#server/base/random.ts'
import type { Campaign } from '#server/modules/campaigns/index.ts'

import type { AnnouncementChats } from './choose-chats.ts'
import type { PreviewGroup } from './preview-group.rules.ts'

/** The posts an announcement would write, each with what stands against it: the holdout, a missing right, the chat's cooldown. */
export const chatGroups = (
  campaign: Pick<Campaign, 'id' | 'holdoutRatio'>,
  messageClass: MessageClass,
  { targets, evidence }: AnnouncementChats,
  cooldownMs: number,
): readonly PreviewGroup[] =>
  targets.map(({ chatId, mayPost, isOverPackage }): PreviewGroup => {
    const lastPostAt = evidence.get(chatId)?.lastPostAt ?? null
    const isHoldout = bucketOf('campaign holdout', campaign.id, chatId) < campaign.holdoutRatio
    return {
      step: 0,
      messageClass,
      // A group beyond the package waits for room that only a bigger package gives.
      refusedBy: isHoldout ? 'holdout' : mayPost ? (isOverPackage ? 'group_over_package' : null) : 'no_right_to_post',
      heldBy: lastPostAt === null || cooldownMs === 0 ? null : 'group_post_cooldown',
      heldUntil: lastPostAt === null || cooldownMs === 0 ? null : lastPostAt + cooldownMs,
      isOutreach: false,
      timeZone: null,
      hasNightConsent: false,
      count: 1,
    }
  })
