import type { BusinessMessagesDeleted, Message } from '@grammyjs/types'
import { pushUpdate } from '#simulator/updates/queue.ts'
import { isAdmin, isPresent } from '#simulator/world/members.ts'
import type {
  BusinessLink,
  BusinessPlace,
  Member,
  PersonalChat,
  Place,
  SimBot,
  SimChat,
  World,
} from '#simulator/world/types.ts'

type Target = SimChat | Extract<Place, { readonly kind: 'dialog' }>

/** Sends a message, or its edited version, as an update to every bot that may see it. */
export function deliverToBots(
  world: World,
  target: Target,
  message: Message,
  senderBotId: number | null,
  isEdit = false,
): void {
  const now = world.clock.now()
  if ('dialog' in target) {
    pushUpdate(target.bot.updates, isEdit ? 'edited_message' : 'message', message, String(target.chatId), now)
    return
  }
  const isChannel = target.type === 'channel'
  const type = isChannel ? (isEdit ? 'edited_channel_post' : 'channel_post') : isEdit ? 'edited_message' : 'message'
  for (const bot of world.bots.values()) {
    if (bot.id === senderBotId || (senderBotId !== null && !isChannel)) continue
    const member = target.members.get(bot.id)
    if (!isPresent(member) || !canSee(bot, target, member, message)) continue
    pushUpdate(bot.updates, type, message, String(target.id), now)
  }
}

type BusinessNews = 'business_message' | 'edited_business_message' | 'deleted_business_messages'

/** Tells the bot that works for the chat's owner, if the connection is on and the owner lets it see this chat. */
export function deliverToConnected(
  world: World,
  place: BusinessPlace,
  type: BusinessNews,
  news: Message | BusinessMessagesDeleted,
): void {
  const { link, personal } = place
  if (!link.isEnabled || !isRecipient(link, personal)) return
  pushUpdate(link.bot.updates, type, news, `business:${place.chatId}`, world.clock.now())
}

/** Whether the owner lets the bot work in this chat. */
export function isRecipient({ recipients, connectedAt }: BusinessLink, { peer, startedAt }: PersonalChat): boolean {
  if (recipients.excluded.includes(peer.id)) return false
  if (recipients.included.includes(peer.id)) return true
  return startedAt < connectedAt ? recipients.existingChats : recipients.newChats
}

/** Privacy mode: a bot that is no administrator sees commands, replies to it, mentions of it and service messages. */
function canSee(bot: SimBot, chat: SimChat, member: Member | undefined, message: Message): boolean {
  if (chat.type === 'channel' || bot.canReadAllGroupMessages || isAdmin(member)) return true
  const text = message.text ?? message.caption
  if (text === undefined) return message.new_chat_members !== undefined || message.left_chat_member !== undefined
  if (message.reply_to_message?.from?.id === bot.id) return true
  const handle = `@${bot.username.toLowerCase()}`
  for (const entity of message.entities ?? message.caption_entities ?? []) {
    const piece = text.slice(entity.offset, entity.offset + entity.length).toLowerCase()
    if (entity.type === 'bot_command' && (!piece.includes('@') || piece.endsWith(handle))) return true
    if (entity.type === 'mention' && piece === handle) return true
  }
  return false
}
