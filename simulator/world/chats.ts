import type { ChatAdministratorRights, ChatPermissions } from '@grammyjs/types'
import { ID_BASE } from '#simulator/world/create-world.ts'
import { createMember } from '#simulator/world/members.ts'
import type { SimChat, SimUser, World } from '#simulator/world/types.ts'

export type ChatInput = {
  readonly id?: number | undefined
  readonly type: SimChat['type']
  readonly title?: string | undefined
  readonly username?: string | undefined
  readonly description?: string | undefined
  readonly slowModeSeconds?: number | undefined
  readonly permissions?: Partial<ChatPermissions> | undefined
  readonly owner?: SimUser | undefined
}

const ALL_PERMISSIONS: ChatPermissions = {
  can_send_messages: true,
  can_send_audios: true,
  can_send_documents: true,
  can_send_photos: true,
  can_send_videos: true,
  can_send_video_notes: true,
  can_send_voice_notes: true,
  can_send_polls: true,
  can_send_other_messages: true,
  can_add_web_page_previews: true,
  can_change_info: true,
  can_invite_users: true,
  can_pin_messages: true,
  can_manage_topics: true,
}

export const NO_ADMIN_RIGHTS: ChatAdministratorRights = {
  is_anonymous: false,
  can_manage_chat: false,
  can_delete_messages: false,
  can_manage_video_chats: false,
  can_restrict_members: false,
  can_promote_members: false,
  can_change_info: false,
  can_invite_users: false,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
  can_post_messages: false,
  can_edit_messages: false,
  can_pin_messages: false,
  can_manage_topics: false,
  can_send_welcome_messages: false,
}

/** Creates a group, supergroup or channel; the owner, when given, is its creator. */
export function createChat(world: World, input: ChatInput): SimChat {
  const base = input.type === 'group' ? ID_BASE.group : ID_BASE.supergroup
  const id = input.id ?? base - world.nextId++
  if (id >= 0) throw new RangeError('chat ids are negative')
  if (world.chats.has(id)) throw new RangeError(`chat id ${id} is taken`)
  const username = input.type === 'group' ? undefined : input.username
  if (username !== undefined && world.publicNames.has(username.toLowerCase())) {
    throw new RangeError(`username ${username} is taken`)
  }
  const chat: SimChat = {
    id,
    type: input.type,
    title: input.title ?? `Test ${input.type} ${-id}`,
    username,
    description: input.description,
    view: { id, type: 'group', title: '' },
    permissions: { ...ALL_PERMISSIONS, ...input.permissions },
    slowModeSeconds: input.slowModeSeconds ?? 0,
    isDeleted: false,
    migratedTo: undefined,
    members: new Map(),
    inviteLinks: new Map(),
    joinRequests: new Map(),
    messages: [],
    pinned: [],
    nextMessageId: 1,
  }
  refreshChat(chat)
  world.chats.set(id, chat)
  if (username !== undefined) world.publicNames.set(username.toLowerCase(), id)
  if (input.owner) chat.members.set(input.owner.id, createMember(input.owner.view, 'creator'))
  return chat
}

/** Rebuilds what bots see of a chat after a field changed. */
export function refreshChat(chat: SimChat): void {
  const { id, title, type } = chat
  if (type === 'group') chat.view = { id, type, title }
  else chat.view = chat.username === undefined ? { id, type, title } : { id, type, title, username: chat.username }
}

/** Turns a group into a supergroup with a new id; the old id answers with `migrate_to_chat_id` from now on. */
export function migrateChat(world: World, chat: SimChat): SimChat {
  if (chat.type !== 'group' || chat.migratedTo !== undefined) throw new RangeError('only a live group can be upgraded')
  const upgraded = createChat(world, { type: 'supergroup', title: chat.title, description: chat.description })
  for (const [id, member] of chat.members) upgraded.members.set(id, { ...member })
  Object.assign(upgraded.permissions, chat.permissions)
  chat.migratedTo = upgraded.id
  return upgraded
}
