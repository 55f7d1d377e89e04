import type { ChatAdministratorRights, User } from '@grammyjs/types'
import type { Args, Call, Handlers } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { resolvePlace } from '#simulator/bot-api/resolve-chat.ts'
import { NO_ADMIN_RIGHTS } from '#simulator/world/chats.ts'
import { type AdminRight, findMember, hasRight, isAdmin, isPresent, presentMember } from '#simulator/world/members.ts'
import { changeMember, type MemberChange } from '#simulator/world/membership.ts'
import type { Member, SimChat } from '#simulator/world/types.ts'

function resolveChat(call: Call, chatId: number | string): SimChat {
  const place = resolvePlace(call, chatId, 'edit')
  if (place.kind === 'dialog') throw badRequest('method is available for supergroup and channel chats only')
  return place.chat
}

function findTargetUser({ world }: Call, userId: number): User {
  const user = world.users.get(userId)?.view ?? world.bots.get(userId)?.userView
  if (!user) throw badRequest('user not found')
  return user
}

function requireRight(call: Call, chat: SimChat, right: AdminRight, refusal: string): void {
  if (!hasRight(chat.members.get(call.bot.id), right)) throw badRequest(refusal)
}

function refuseAdmins(member: Member | undefined): void {
  if (member?.status === 'creator') throw badRequest("can't remove chat owner")
  if (member?.status === 'administrator') throw badRequest('user is an administrator of the chat')
}

function change(call: Call, chat: SimChat, userId: number, to: MemberChange): true {
  changeMember(call.world, chat, findTargetUser(call, userId), call.bot.userView, to)
  return true
}

function readRights(args: Args<'promoteChatMember'>): ChatAdministratorRights | null {
  const { chat_id: _, user_id: __, ...asked } = args
  const granted = Object.entries(asked).filter(([, value]) => value)
  if (granted.length === 0) return null
  return { ...NO_ADMIN_RIGHTS, can_manage_chat: true, ...Object.fromEntries(granted) }
}

const RESTRICT_REFUSAL = 'not enough rights to restrict/unrestrict chat member'

/** Bans shorter than this are for ever (bots/api, banChatMember). */
const MIN_BAN_MS = 30_000

function untilOf(call: Call, untilDate: number | undefined): number {
  const untilAt = (untilDate ?? 0) * 1000
  return untilAt - call.world.clock.now() < MIN_BAN_MS ? 0 : untilAt
}

export const memberMethods = {
  getChatMember(call, args) {
    const place = resolvePlace(call, args.chat_id, 'read')
    const user = findTargetUser(call, args.user_id)
    if (place.kind === 'dialog') return { status: 'member', user }
    const member = findMember(place.chat, args.user_id, call.world.clock.now())
    return member ? presentMember(member) : { status: 'left', user }
  },
  getChatMemberCount(call, args) {
    const place = resolvePlace(call, args.chat_id, 'read')
    if (place.kind === 'dialog') return 2
    let count = 0
    for (const member of place.chat.members.values()) if (isPresent(member)) count += 1
    return count
  },
  getChatAdministrators(call, args) {
    const place = resolvePlace(call, args.chat_id, 'read')
    if (place.kind === 'dialog') throw badRequest('there are no administrators in the private chat')
    return [...place.chat.members.values()].flatMap((member) => {
      const shown = presentMember(member)
      const isShown = shown.status === 'creator' || (shown.status === 'administrator' && !member.user.is_bot)
      const isSelf = shown.status === 'administrator' && member.user.id === call.bot.id
      return isShown || isSelf ? [shown] : []
    })
  },
  banChatMember(call, args) {
    const chat = resolveChat(call, args.chat_id)
    requireRight(call, chat, 'can_restrict_members', RESTRICT_REFUSAL)
    refuseAdmins(chat.members.get(args.user_id))
    return change(call, chat, args.user_id, { status: 'kicked', untilAt: untilOf(call, args.until_date) })
  },
  unbanChatMember(call, args) {
    const chat = resolveChat(call, args.chat_id)
    requireRight(call, chat, 'can_restrict_members', RESTRICT_REFUSAL)
    const member = chat.members.get(args.user_id)
    refuseAdmins(member)
    const isBanned = member?.status === 'kicked'
    // Unbanning someone who is in the chat removes them, unless only_if_banned says to leave them alone.
    if (isBanned || (isPresent(member) && !args.only_if_banned))
      return change(call, chat, args.user_id, { status: 'left' })
    return true
  },
  restrictChatMember(call, args) {
    const chat = resolveChat(call, args.chat_id)
    if (chat.type !== 'supergroup') throw badRequest('method is available only for supergroups')
    requireRight(call, chat, 'can_restrict_members', RESTRICT_REFUSAL)
    refuseAdmins(chat.members.get(args.user_id))
    const untilAt = untilOf(call, args.until_date)
    const isFree = Object.values({ can_send_messages: false, ...args.permissions }).every(Boolean)
    return change(
      call,
      chat,
      args.user_id,
      isFree ? { status: 'member' } : { status: 'restricted', permissions: args.permissions, untilAt },
    )
  },
  promoteChatMember(call, args) {
    const chat = resolveChat(call, args.chat_id)
    requireRight(call, chat, 'can_promote_members', 'not enough rights')
    const member = chat.members.get(args.user_id)
    if (member?.status === 'creator') throw badRequest("can't remove chat owner")
    if (!isPresent(member)) throw badRequest('USER_NOT_PARTICIPANT')
    const rights = readRights(args)
    return change(call, chat, args.user_id, rights ? { status: 'administrator', rights } : { status: 'member' })
  },
  setChatAdministratorCustomTitle(call, args) {
    const chat = resolveChat(call, args.chat_id)
    if (chat.type === 'channel') throw badRequest('method is available only for groups and supergroups')
    const member = chat.members.get(args.user_id)
    if (!member || !isAdmin(member)) throw badRequest('user is not an administrator')
    requireRight(call, chat, 'can_promote_members', 'not enough rights to change custom title of the user')
    member.customTitle = args.custom_title
    return true
  },
  setChatPermissions(call, args) {
    const chat = resolveChat(call, args.chat_id)
    requireRight(call, chat, 'can_restrict_members', 'not enough rights to change chat permissions')
    chat.permissions = { ...args.permissions }
    return true
  },
  leaveChat(call, args) {
    const chat = resolveChat(call, args.chat_id)
    return change(call, chat, call.bot.id, { status: 'left' })
  },
} satisfies Handlers
