import type { BusinessBotRights } from '@grammyjs/types'
import type { Call } from '#simulator/bot-api/call.ts'
import { badRequest, forbidden } from '#simulator/bot-api/errors.ts'
import { type Access, resolvePlace } from '#simulator/bot-api/resolve-chat.ts'
import { findPersonalChat } from '#simulator/world/business.ts'
import { isRecipient } from '#simulator/world/deliver.ts'
import type { BusinessLink, BusinessPlace, Place } from '#simulator/world/types.ts'

/** A bot may write where the other person wrote within this time (bots/api, BusinessBotRights). */
const WINDOW_MS = 24 * 3_600_000

/** Where a call goes: into an owner's chat when it names a connection, else where the bot acts as itself. */
export function resolveTarget(
  call: Call,
  args: { readonly business_connection_id?: string | undefined; readonly chat_id: number | string },
  access: Access,
): Place {
  if (!args.business_connection_id) return resolvePlace(call, args.chat_id, access)
  const link = findLink(call, args.business_connection_id)
  requireRight(link, 'can_reply')
  const place = resolvePersonal(call, link, args.chat_id)
  const { isBlocked, peer } = place.personal
  if (peer.isDeleted) throw forbidden('user is deactivated')
  if (access === 'write') {
    if (isBlocked) throw forbidden('bot was blocked by the user')
    requireOpenWindow(call, place)
  }
  return place
}

/** The connection of that id, if it is this bot's and on. An id from before a change of settings is no longer valid. */
export function findLink({ world, bot }: Call, id: string): BusinessLink {
  const link = world.business.ids.get(id)
  if (!link || link.bot !== bot) throw badRequest('business connection not found')
  if (link.id !== id || !link.isEnabled) throw badRequest('BUSINESS_CONNECTION_INVALID')
  return link
}

export function requireRight(link: BusinessLink, right: keyof BusinessBotRights): void {
  if (!link.rights[right]) throw forbidden('BOT_ACCESS_FORBIDDEN')
}

export function resolvePersonal({ world }: Call, link: BusinessLink, chatId: number | string): BusinessPlace {
  const personal = findPersonalChat(world, link.owner.id, Number(chatId))
  if (!personal || !isRecipient(link, personal)) throw badRequest('BUSINESS_PEER_INVALID')
  return { kind: 'business', chatId: personal.peer.id, link, personal }
}

export function requireOpenWindow({ world }: Call, { personal }: BusinessPlace): void {
  if (personal.lastInboundAt + WINDOW_MS <= world.clock.now()) throw badRequest('BUSINESS_PEER_USAGE_MISSING')
}
