import type { tl } from '@mtcute/core'
import { presentChannelMessage, presentMailEvent, presentUpdates } from '#simulator/mtproto/present-messages.ts'
import { presentChat, presentUser } from '#simulator/mtproto/present-peers.ts'
import type { UserAccounts, UserEvent } from '#simulator/user-accounts/types.ts'
import { isPresent } from '#simulator/world/members.ts'
import { findMessage } from '#simulator/world/messages.ts'
import { chatPlace } from '#simulator/world/user-actions.ts'

/** The event as it is pushed to a person's client; null when it is not theirs to see. */
export function presentUserEvent(
  accounts: UserAccounts,
  userId: number,
  event: Exclude<UserEvent, { readonly kind: 'login_token_accepted' }>,
): tl.RawUpdates | null {
  if (event.kind === 'mail') {
    if (event.userId !== userId) return null
    return presentUpdates(accounts, userId, [presentMailEvent(event.event)], [event.event.mail])
  }
  const chat = accounts.world.chats.get(event.chatId)
  const message = chat && isPresent(chat.members.get(userId)) ? findMessage(chatPlace(chat), event.messageId) : null
  if (!chat || !message) return null
  const shown = presentChannelMessage(userId, chat, message)
  const update = { _: 'updateNewChannelMessage', message: shown, pts: event.pts, ptsCount: 1 } as const
  const updates = presentUpdates(accounts, userId, [update], [])
  const author = message.from && message.from.id !== userId ? [presentUser(accounts, userId, message.from.id)] : []
  return { ...updates, users: [...updates.users, ...author], chats: [presentChat(accounts, userId, chat)] }
}
