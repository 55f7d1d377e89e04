import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { Campaign } from '#server/modules/campaigns/index.ts'
import { type PostTarget, listPostTargets } from '#server/modules/groups/index.ts'

import { type TargetEvidence, findChosenChats, listEvidence } from './announcement.store.ts'
import { type RankedChat, rankChats } from './best-chat.rules.ts'

export interface AnnouncementChats {
  /** Where it goes, with those named that the account may not write into. */
  readonly targets: readonly PostTarget[]
  /** All that could have been chosen, best first, with their numbers; null where all of them are meant. */
  readonly ranked: readonly RankedChat[] | null
  readonly evidence: ReadonlyMap<number, TargetEvidence>
}

const NO_EVIDENCE = { posts: 0, exposures: 0, reactions: 0, replies: 0, clicks: 0, joins: 0, responders: 0 } as const

/**
 * Where an announcement goes: all its chats or the best of them by measured response at `now` (epoch ms). A choice that
 * was made before stands. Reads only.
 */
export const chooseChats = async (tx: TenantTx, campaign: Campaign, now: number): Promise<AnnouncementChats> => {
  const all = await listPostTargets(tx, campaign.accountId, campaign.audience.chats)
  const evidence = await listEvidence(tx, all, now)
  if (campaign.bestChats === null) return { targets: all, ranked: null, evidence }
  const measured = all.map((chat) => ({ ...NO_EVIDENCE, ...evidence.get(chat.chatId), ...chat }))
  const ranked = (await findChosenChats(tx, campaign.id)) ?? rankChats(measured, campaign.bestChats)
  const chosen = new Set(ranked.flatMap((chat) => (chat.isChosen ? [chat.chatId] : [])))
  return { targets: all.filter(({ chatId }) => chosen.has(chatId)), ranked, evidence }
}
