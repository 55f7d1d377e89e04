import type { Message, MessageEntity } from '@grammyjs/types'
import type { Call, Handlers } from '#simulator/bot-api/call.ts'
import { isLongerThan, MAX_TEXT, readFormattedText } from '#simulator/bot-api/entities/read-text.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { resolveTarget } from '#simulator/bot-api/resolve-business.ts'
import { resolvePlace } from '#simulator/bot-api/resolve-chat.ts'
import { sendContent } from '#simulator/bot-api/send-message.ts'
import type { MessageContent } from '#simulator/world/messages.ts'

/** Reads the text of a message; throws for an empty or too long one. */
export function readText(
  call: Call,
  source: string,
  parseMode: string | undefined,
  given: readonly MessageEntity[] | undefined,
): Pick<Message.TextMessage, 'text' | 'entities'> {
  const { text, entities } = readFormattedText(call.world, source, parseMode, given)
  if (text === '') throw badRequest('message text is empty')
  if (isLongerThan(text, MAX_TEXT)) throw badRequest('message is too long')
  return entities.length === 0 ? { text } : { text, entities }
}

const DICE_SIDES: Readonly<Record<string, number>> = { '🎲': 6, '🎯': 6, '🎳': 6, '🏀': 5, '⚽': 5, '🎰': 64 }

const CHAT_ACTIONS = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
])

export const messageMethods = {
  sendMessage(call, args) {
    const content: MessageContent = readText(call, args.text, args.parse_mode, args.entities)
    return sendContent<Message.TextMessage>(call, args, 'text', content)
  },
  sendLocation(call, args) {
    const { latitude, longitude } = args
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
      throw badRequest('wrong location coordinates specified')
    return sendContent<Message.LocationMessage>(call, args, 'location', { location: { latitude, longitude } })
  },
  sendVenue(call, args) {
    const { latitude, longitude, title, address } = args
    const location = { latitude, longitude }
    return sendContent<Message.VenueMessage>(call, args, 'venue', { location, venue: { location, title, address } })
  },
  sendContact(call, args) {
    const contact = {
      phone_number: args.phone_number,
      first_name: args.first_name,
      ...(args.last_name !== undefined && { last_name: args.last_name }),
      ...(args.vcard !== undefined && { vcard: args.vcard }),
    }
    return sendContent<Message.ContactMessage>(call, args, 'contact', { contact })
  },
  sendDice(call, args) {
    const emoji = args.emoji ?? '🎲'
    const sides = DICE_SIDES[emoji]
    if (sides === undefined) throw badRequest('wrong dice emoji specified')
    const dice = { emoji, value: call.world.random.int(1, sides) }
    return sendContent<Message.DiceMessage>(call, args, 'dice', { dice })
  },
  sendChatAction(call, args) {
    if (!CHAT_ACTIONS.has(args.action)) throw badRequest('wrong parameter action in request')
    resolveTarget(call, args, 'write')
    return true
  },
  sendMessageDraft(call, args) {
    if (args.draft_id === 0) throw badRequest('RANDOM_ID_INVALID')
    if (args.text !== undefined && args.text !== '') readText(call, args.text, args.parse_mode, args.entities)
    const place = resolvePlace(call, args.chat_id, 'write')
    if (place.kind !== 'dialog') throw badRequest('TEXTDRAFT_PEER_INVALID')
    return true
  },
} satisfies Handlers
