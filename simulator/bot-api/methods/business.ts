import type { Call, Handlers } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { findLink, requireOpenWindow, requireRight, resolvePersonal } from '#simulator/bot-api/resolve-business.ts'
import { presentLink } from '#simulator/world/business.ts'
import { findMessage, removeMessage } from '#simulator/world/messages.ts'
import type { BusinessLink, BusinessPlace } from '#simulator/world/types.ts'

/** The chat of the owner that holds a message; numbers are the owner's, so they name one message. */
function findPlaceOf({ world }: Call, link: BusinessLink, messageId: number): BusinessPlace | null {
  for (const personal of world.business.chats.values()) {
    const place: BusinessPlace = { kind: 'business', chatId: personal.peer.id, link, personal }
    if (personal.owner === link.owner && findMessage(place, messageId)) return place
  }
  return null
}

export const businessMethods = {
  /** Of a connection that was ended too: it is how a bot learns that. */
  getBusinessConnection({ world, bot }, args) {
    const link = world.business.ids.get(args.business_connection_id)
    if (!link || link.bot !== bot || link.id !== args.business_connection_id) {
      throw badRequest('business connection not found')
    }
    return presentLink(link)
  },
  readBusinessMessage(call, args) {
    const link = findLink(call, args.business_connection_id)
    requireRight(link, 'can_read_messages')
    const place = resolvePersonal(call, link, args.chat_id)
    requireOpenWindow(call, place)
    if (!findMessage(place, args.message_id)) throw badRequest('MESSAGE_ID_INVALID')
    return true
  },
  deleteBusinessMessages(call, args) {
    const { business_connection_id: id, message_ids: ids } = args
    if (ids.length === 0) throw badRequest('message identifiers are not specified')
    if (ids.length > 100) throw badRequest('too many message identifiers specified')
    const link = findLink(call, id)
    const places = ids.flatMap((messageId) => findPlaceOf(call, link, messageId) ?? [])
    const [place] = places
    if (!place) return true
    if (places.some(({ chatId }) => chatId !== place.chatId)) throw badRequest('MESSAGE_ID_INVALID')
    const found = ids.flatMap((messageId) => findMessage(place, messageId) ?? [])
    const areOwn = found.every((message) => message.sender_business_bot?.id === call.bot.id)
    if (!(areOwn && link.rights.can_delete_outgoing_messages)) requireRight(link, 'can_delete_all_messages')
    for (const message of found) removeMessage(place, message.message_id)
    return true
  },
} satisfies Handlers
