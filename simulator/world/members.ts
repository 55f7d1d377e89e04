import type { ChatAdministratorRights, ChatMember, ChatPermissions, User } from '@grammyjs/types'
import type { Member, MemberStatus, SimChat } from '#simulator/world/types.ts'

/** Creates a membership record; people who left or were banned keep one. */
export function createMember(user: User, status: MemberStatus, rights?: ChatAdministratorRights): Member {
  return { user, status, rights, permissions: undefined, customTitle: undefined, untilAt: 0, lastMessageAt: 0 }
}

/** Whether the record means being in the chat now. A restricted person is in it. */
export function isPresent(member: Member | undefined): boolean {
  return member !== undefined && member.status !== 'left' && member.status !== 'kicked'
}

export function isAdmin(member: Member | undefined): boolean {
  return member?.status === 'creator' || member?.status === 'administrator'
}

export type AdminRight = Exclude<keyof ChatAdministratorRights, 'is_anonymous'>

export function hasRight(member: Member | undefined, right: AdminRight): boolean {
  if (member?.status === 'creator') return true
  return member?.status === 'administrator' && member.rights?.[right] === true
}

/** Whether a member may do what a permission names: administrators always, others by the chat and their own limits. */
export function hasPermission(chat: SimChat, member: Member | undefined, name: keyof ChatPermissions): boolean {
  if (isAdmin(member)) return true
  if (member?.status === 'restricted' && member.permissions?.[name] !== true) return false
  return chat.permissions[name] === true
}

/** Someone's membership record as of now: a restriction or ban whose time is over has ended. */
export function findMember(chat: SimChat, userId: number, now: number): Member | undefined {
  const member = chat.members.get(userId)
  if (!member || member.untilAt === 0 || member.untilAt > now) return member
  if (member.status === 'restricted') member.status = 'member'
  else if (member.status === 'kicked') member.status = 'left'
  member.untilAt = 0
  return member
}

/** A membership as the Bot API shows it. */
export function presentMember(member: Member): ChatMember {
  const { user, customTitle } = member
  const untilDate = Math.floor(member.untilAt / 1000)
  switch (member.status) {
    case 'creator':
      return {
        status: 'creator',
        user,
        is_anonymous: false,
        ...(customTitle !== undefined && { custom_title: customTitle }),
      }
    case 'administrator':
      return {
        status: 'administrator',
        user,
        can_be_edited: false,
        ...(member.rights ?? EMPTY_RIGHTS),
        ...(customTitle !== undefined && { custom_title: customTitle }),
      }
    case 'restricted':
      return {
        status: 'restricted',
        user,
        is_member: true,
        ...EMPTY_PERMISSIONS,
        ...member.permissions,
        until_date: untilDate,
      }
    case 'kicked':
      return { status: 'kicked', user, until_date: untilDate }
    case 'left':
      return { status: 'left', user }
    case 'member':
      return { status: 'member', user }
  }
}

const EMPTY_RIGHTS: ChatAdministratorRights = {
  is_anonymous: false,
  can_manage_chat: true,
  can_delete_messages: false,
  can_manage_video_chats: false,
  can_restrict_members: false,
  can_promote_members: false,
  can_change_info: false,
  can_invite_users: false,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
  can_send_welcome_messages: false,
}

const EMPTY_PERMISSIONS = {
  can_send_messages: false,
  can_send_audios: false,
  can_send_documents: false,
  can_send_photos: false,
  can_send_videos: false,
  can_send_video_notes: false,
  can_send_voice_notes: false,
  can_send_polls: false,
  can_send_other_messages: false,
  can_add_web_page_previews: false,
  can_react_to_messages: false,
  can_edit_tag: false,
  can_change_info: false,
  can_invite_users: false,
  can_pin_messages: false,
  can_manage_topics: false,
}
