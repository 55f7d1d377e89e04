import type { MessageReactionUpdated, ReactionType } from '@grammyjs/types'
import { pushUpdate } from '#simulator/updates/queue.ts'
import { isAdmin } from '#simulator/world/members.ts'
import { findMessage } from '#simulator/world/messages.ts'
import type { Place, SimBot, SimUser, World } from '#simulator/world/types.ts'

type Emoji = Extract<ReactionType, { readonly type: 'emoji' }>['emoji']

/**
 * Sets or takes back (null) a person's reaction to a message. Bots learn of it in private chats and where they are
 * administrators, if they asked for `message_reaction`.
 */
export function reactTo(
  world: World,
  user: SimUser,
  place: Place,
  messageId: number,
  emoji: string | null,
  before: string | null,
): void {
  const message = findMessage(place, messageId)
  if (!message) throw new RangeError(`message ${messageId} is not in chat ${place.chatId}`)
  const now = world.clock.now()
  const update: MessageReactionUpdated = {
    chat: message.chat,
    message_id: messageId,
    user: user.view,
    date: Math.floor(now / 1000),
    old_reaction: present(before),
    new_reaction: present(emoji),
  }
  for (const bot of listeners(world, place)) {
    pushUpdate(bot.updates, 'message_reaction', update, String(place.chatId), now)
  }
}

function present(emoji: string | null): ReactionType[] {
  return emoji === null ? [] : [{ type: 'emoji', emoji: emoji as Emoji }]
}

function listeners(world: World, place: Place): readonly SimBot[] {
  if (place.kind === 'business') return []
  if (place.kind === 'dialog') return [place.bot]
  return [...world.bots.values()].filter((bot) => isAdmin(place.chat.members.get(bot.id)))
}
