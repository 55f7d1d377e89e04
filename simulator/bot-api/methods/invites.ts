import type { Call, Handlers } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { resolvePlace } from '#simulator/bot-api/resolve-chat.ts'
import {
  applyInviteLinkInput,
  createInviteLink,
  type InviteLinkInput,
  presentInviteLink,
} from '#simulator/world/invite-links.ts'
import { hasRight, isPresent } from '#simulator/world/members.ts'
import { changeMember, takeJoinRequest } from '#simulator/world/membership.ts'
import type { InviteLink, SimChat } from '#simulator/world/types.ts'

const LINK_REFUSAL = 'not enough rights to manage chat invite link'
const REQUEST_REFUSAL = 'not enough rights to manage chat join requests'

function resolveChat(call: Call, chatId: number | string, refusal: string): SimChat {
  const place = resolvePlace(call, chatId, 'write')
  if (place.kind === 'dialog') throw badRequest(refusal)
  if (!hasRight(place.chat.members.get(call.bot.id), 'can_invite_users')) throw badRequest(refusal)
  return place.chat
}

/** Bots change only the links they made. */
function findLink(call: Call, chat: SimChat, url: string): InviteLink {
  const link = chat.inviteLinks.get(url)
  if (!link) throw badRequest('INVITE_HASH_EXPIRED')
  if (link.creatorId !== call.bot.id) throw badRequest(LINK_REFUSAL)
  return link
}

type LinkArgs = {
  readonly name?: string | undefined
  readonly expire_date?: number | undefined
  readonly member_limit?: number | undefined
  readonly creates_join_request?: boolean | undefined
}

function readLink(call: Call, args: LinkArgs): InviteLinkInput {
  const { name, expire_date: expireDate, member_limit: memberLimit, creates_join_request: createsJoinRequest } = args
  if ((name?.length ?? 0) > 32) throw badRequest('INVITE_NAME_TOO_LONG')
  if (memberLimit !== undefined && memberLimit !== 0 && createsJoinRequest) {
    throw badRequest("member limit can't be specified for links requiring administrator approval")
  }
  if (memberLimit !== undefined && (memberLimit < 0 || memberLimit > 99_999)) throw badRequest('USAGE_LIMIT_INVALID')
  if (expireDate !== undefined && expireDate !== 0 && expireDate * 1000 <= call.world.clock.now()) {
    throw badRequest('EXPIRE_DATE_INVALID')
  }
  return { name, expireDate, memberLimit, createsJoinRequest }
}

function decide(call: Call, chatId: number | string, userId: number, isApproved: boolean): true {
  const chat = resolveChat(call, chatId, REQUEST_REFUSAL)
  const { world, bot } = call
  const user = world.users.get(userId)
  if (!user) throw badRequest('user not found')
  if (isPresent(chat.members.get(userId))) throw badRequest('USER_ALREADY_PARTICIPANT')
  const request = takeJoinRequest(world, chat, userId)
  if (!request) throw badRequest('HIDE_REQUESTER_MISSING')
  if (isApproved) {
    if (request.link) request.link.joinedCount += 1
    changeMember(world, chat, user.view, bot.userView, { status: 'member', link: request.link, isJoinRequest: true })
  }
  return true
}

export const inviteMethods = {
  exportChatInviteLink(call, args) {
    const chat = resolveChat(call, args.chat_id, LINK_REFUSAL)
    call.limiter.admitEvent(call.bot, 'inviteLinks', call.world.clock.now())
    return createInviteLink(call.world, chat, call.bot.userView, { isPrimary: true }).view.invite_link
  },
  createChatInviteLink(call, args) {
    const input = readLink(call, args)
    const chat = resolveChat(call, args.chat_id, LINK_REFUSAL)
    call.limiter.admitEvent(call.bot, 'inviteLinks', call.world.clock.now())
    return createInviteLink(call.world, chat, call.bot.userView, input).view
  },
  editChatInviteLink(call, args) {
    const input = readLink(call, args)
    const chat = resolveChat(call, args.chat_id, LINK_REFUSAL)
    const link = findLink(call, chat, args.invite_link)
    if (link.view.is_primary || link.view.is_revoked) throw badRequest('CHAT_INVITE_PERMANENT')
    applyInviteLinkInput(link.view, input)
    return presentInviteLink(chat, link, call.bot.id)
  },
  revokeChatInviteLink(call, args) {
    const chat = resolveChat(call, args.chat_id, LINK_REFUSAL)
    const { view } = findLink(call, chat, args.invite_link)
    view.is_revoked = true
    if (view.is_primary) createInviteLink(call.world, chat, call.bot.userView, { isPrimary: true })
    return view
  },
  approveChatJoinRequest: (call, args) => decide(call, args.chat_id, args.user_id, true),
  declineChatJoinRequest: (call, args) => decide(call, args.chat_id, args.user_id, false),
} satisfies Handlers
