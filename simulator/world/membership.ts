import type {
  ChatAdministratorRights,
  ChatJoinRequest,
  ChatMemberUpdated,
  ChatPermissions,
  Message,
  User,
} from '@grammyjs/types'
import { pushUpdate } from '#simulator/updates/queue.ts'
import { presentInviteLink } from '#simulator/world/invite-links.ts'
import { deliverToBots } from '#simulator/world/deliver.ts'
import { createMember, findMember, hasRight, isAdmin, isPresent, presentMember } from '#simulator/world/members.ts'
import { storeMessage } from '#simulator/world/messages.ts'
import type { InviteLink, Member, MemberStatus, SimChat, SimUser, World } from '#simulator/world/types.ts'
import { chatPlace } from '#simulator/world/user-actions.ts'
import { touchDialog } from '#simulator/world/users.ts'

export type MemberChange = {
  readonly status: MemberStatus
  readonly rights?: ChatAdministratorRights | undefined
  readonly permissions?: ChatPermissions | undefined
  /** Epoch ms; 0 or absent for ever. */
  readonly untilAt?: number | undefined
  readonly link?: InviteLink | undefined
  readonly isJoinRequest?: boolean | undefined
}

/**
 * Changes someone's membership and tells the bots: the one it is about by `my_chat_member`, administrators that listed
 * it by `chat_member`; joining and leaving also leave a service message in groups.
 */
export function changeMember(world: World, chat: SimChat, target: User, actor: User, change: MemberChange): Member {
  const member = chat.members.get(target.id) ?? createMember(target, 'left')
  const before = presentMember(member)
  const wasPresent = isPresent(member)
  member.status = change.status
  member.rights = change.status === 'administrator' ? (change.rights ?? member.rights) : undefined
  member.permissions = change.status === 'restricted' ? change.permissions : undefined
  member.untilAt = change.untilAt ?? 0
  chat.members.set(target.id, member)
  const now = world.clock.now()
  const updateFor = (botId: number): ChatMemberUpdated => ({
    chat: chat.view,
    from: actor,
    date: Math.floor(now / 1000),
    old_chat_member: before,
    new_chat_member: presentMember(member),
    ...(change.link && { invite_link: presentInviteLink(chat, change.link, botId) }),
    ...(change.isJoinRequest && { via_join_request: true }),
  })
  for (const bot of world.bots.values()) {
    if (bot.id === target.id) pushUpdate(bot.updates, 'my_chat_member', updateFor(bot.id), `mine:${chat.id}`, now)
    else if (isAdmin(chat.members.get(bot.id))) {
      pushUpdate(bot.updates, 'chat_member', updateFor(bot.id), `member:${target.id}`, now)
    }
  }
  if (chat.type !== 'channel' && wasPresent !== isPresent(member)) {
    postService(world, chat, actor, wasPresent ? { left_chat_member: target } : { new_chat_members: [target] })
  }
  return member
}

/** Leaves a service message in the chat. */
export function postService(world: World, chat: SimChat, actor: User, content: Partial<Message>): Message {
  const message: Message = {
    message_id: chat.nextMessageId++,
    ...(chat.type === 'channel' ? { sender_chat: chat.view } : { from: actor }),
    chat: chat.view,
    date: Math.floor(world.clock.now() / 1000),
    ...content,
  }
  storeMessage(world, chatPlace(chat), message)
  deliverToBots(world, chat, message, null)
  return message
}

export type JoinOutcome = 'joined' | 'requested' | 'already_member' | 'banned' | 'link_invalid'

/** Joins a chat, by an invite link or (public chats, or `link` absent) directly. */
export function joinChat(world: World, user: SimUser, chat: SimChat, link?: InviteLink): JoinOutcome {
  const now = world.clock.now()
  const member = findMember(chat, user.id, now)
  if (isPresent(member)) return 'already_member'
  if (member?.status === 'kicked') return 'banned'
  if (link) {
    const { expire_date: expiresOn, member_limit: limit, is_revoked: isRevoked } = link.view
    const isExpired = expiresOn !== undefined && expiresOn * 1000 <= now
    if (isRevoked || isExpired || (limit !== undefined && link.joinedCount >= limit)) return 'link_invalid'
    if (link.view.creates_join_request) {
      requestToJoin(world, user, chat, link)
      return 'requested'
    }
    link.joinedCount += 1
  }
  changeMember(world, chat, user.view, user.view, { status: 'member', link })
  return 'joined'
}

function requestToJoin(world: World, user: SimUser, chat: SimChat, link: InviteLink): void {
  if (chat.type === 'group') throw new RangeError('basic groups have no join requests')
  const now = world.clock.now()
  chat.joinRequests.set(user.id, { link, at: now })
  for (const bot of world.bots.values()) {
    if (!hasRight(chat.members.get(bot.id), 'can_invite_users')) continue
    touchDialog(bot, user).writeGrantUntil = now + world.settings.joinRequestGrantMs
    const request = {
      chat: chat.view,
      from: user.view,
      user_chat_id: user.id,
      date: Math.floor(now / 1000),
      invite_link: presentInviteLink(chat, link, bot.id),
    } as ChatJoinRequest
    pushUpdate(bot.updates, 'chat_join_request', request, `member:${user.id}`, now)
  }
}

/** A request is decided: nobody may write to the person because of it any longer. Returns it; null when there is none. */
export function takeJoinRequest(world: World, chat: SimChat, userId: number): { readonly link?: InviteLink } | null {
  const request = chat.joinRequests.get(userId)
  if (!request) return null
  chat.joinRequests.delete(userId)
  for (const bot of world.bots.values()) {
    const dialog = bot.dialogs.get(userId)
    if (dialog && hasRight(chat.members.get(bot.id), 'can_invite_users')) dialog.writeGrantUntil = 0
  }
  return request.link ? { link: request.link } : {}
}

export function leaveChat(world: World, user: SimUser, chat: SimChat): void {
  if (!isPresent(chat.members.get(user.id))) throw new RangeError(`user ${user.id} is not in chat ${chat.id}`)
  changeMember(world, chat, user.view, user.view, { status: 'left' })
}
