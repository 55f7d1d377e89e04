import type { TouchedContact } from '#server/modules/contacts/index.ts'
import { closeJoinRequests, recordJoinRequest } from '#server/modules/groups/index.ts'
import { findInviteByLink } from '#server/modules/invites/index.ts'
import { welcomeMembers } from '#server/modules/posts/index.ts'

import { followMembersByRule } from './answer-group-by-rule.ts'
import type { GroupTending } from './group-words.ts'
import type { Happening } from './happening.rules.ts'

/** Sees to people who come into groups or ask to: requests are answered by rule, newcomers welcomed where that is set. */
export const tendGroups = async (
  tending: GroupTending,
  people: ReadonlyMap<Happening, TouchedContact>,
): Promise<void> => {
  const { tx, tenant, accountId, now, translator } = tending
  const came = [...people].flatMap(([{ activities }, { contactId }]) => {
    const [activity] = activities
    return activity?.chat && activity.chat.kind !== 'channel'
      ? [
          {
            contactId,
            chatTelegramId: activity.chat.telegramId,
            kind: activity.kind,
            at: activity.at,
            telegramId: activity.person.telegramId,
            label: activity.label,
          },
        ]
      : []
  })
  for (const asked of came.filter(({ kind }) => kind === 'join_requested')) {
    const { contactId, chatTelegramId, telegramId, label, at } = asked
    const link = await findInviteByLink(tx, chatTelegramId, label, telegramId)
    const isInvited = link !== null && link.isForRequester && link.isOpen
    const request = { accountId, chatTelegramId, contactId, isViaOwnLink: link !== null, isInvited }
    await recordJoinRequest(tx, { ...request, requestedAt: at, now })
  }
  const joined = came.filter(({ kind }) => kind === 'joined_chat')
  await closeJoinRequests(tx, joined, now)
  const t = translator(tenant.locale)
  await welcomeMembers(tx, joined, { now, more: (count) => t('group.more', { count }) })
  await followMembersByRule(tending, people)
}
