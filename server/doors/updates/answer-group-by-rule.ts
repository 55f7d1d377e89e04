import { MINUTE_MS } from '#server/base/duration.ts'
import { fireRules } from '#server/modules/automations/index.ts'
import type { TouchedContact } from '#server/modules/contacts/index.ts'

import type { GroupResponder, GroupTending } from './group-words.ts'
import type { Happening } from './happening.rules.ts'

/** The account's rules for groups. A command for another bot is another bot's. */
export const answerGroupByRule: GroupResponder = async (words) => {
  const { command, username, chatTelegramId: chatId } = words
  if (command !== null && command.to !== null && command.to !== username?.toLowerCase()) return false
  const { isHandled } = await fireRules(words.tx, {
    ...words,
    chatId,
    conversation: null,
    kind: 'words',
    place: 'group',
    // A command of the tenant's own is said to whoever knows it.
    isAddressed: words.isAddressed || command !== null,
    isFirst: false,
  })
  return isHandled
}

const KINDS = new Map([
  ['joined_chat', 'join'],
  ['left_chat', 'leave'],
] as const)

/** Who came or went long ago is not spoken of any more. */
const LATE_MAX_MS = 10 * MINUTE_MS

/** Does what the account's rules say of people who come into groups and leave them. */
export const followMembersByRule = async (
  { tx, tenant, accountId, now }: GroupTending,
  people: ReadonlyMap<Happening, TouchedContact>,
): Promise<void> => {
  for (const [{ activities, update, at }, { contactId }] of people) {
    const [activity] = activities
    const kind = KINDS.get(activity?.kind as 'joined_chat')
    const isGroup = activity?.chat !== undefined && activity.chat.kind !== 'channel'
    if (!activity?.chat || !isGroup || kind === undefined || at <= now - LATE_MAX_MS) continue
    await fireRules(tx, {
      tenant,
      accountId,
      contactId,
      chatId: activity.chat.telegramId,
      updateId: update.updateId,
      conversation: null,
      kind,
      place: 'group',
      text: '',
      isAddressed: false,
      isFirst: false,
      at,
      now,
    })
  }
}
