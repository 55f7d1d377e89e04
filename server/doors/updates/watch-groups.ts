import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { TouchedContact } from '#server/modules/contacts/index.ts'
import { type GroupMessage, detectSpam, spotOwnLinks } from '#server/modules/groups/index.ts'

import type { Happening } from './happening.rules.ts'

/** What people wrote into groups among these happenings; what bots and channels post is nobody's. */
const groupMessagesOf = (people: ReadonlyMap<Happening, TouchedContact>): readonly GroupMessage[] =>
  [...people].flatMap(([{ update, activities }, { contactId, seenBeforeAt }]) => {
    const [activity] = activities
    if (activity?.kind !== 'group_message' || !activity.chat || activity.messageId === undefined) return []
    const { chat, messageId, at, text = '', messageKind } = activity
    const hasLink = messageKind === 'link'
    return [
      {
        contactId,
        chatTelegramId: chat.telegramId,
        messageId,
        updateId: update.updateId,
        at,
        text,
        hasLink,
        seenBeforeAt,
      },
    ]
  })

/** Sees to what looks like spam, and to the tenant's own addresses, among messages that came into the tenant's groups, once they are recorded. */
export const watchGroups = async (
  tx: TenantTx,
  accountId: number,
  people: ReadonlyMap<Happening, TouchedContact>,
): Promise<void> => {
  const messages = groupMessagesOf(people)
  await detectSpam(tx, accountId, messages)
  await spotOwnLinks(tx, messages)
}
