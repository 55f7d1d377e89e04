import type { ChatInviteLink, User } from '@grammyjs/types'
import { createName } from '#simulator/world/create-world.ts'
import type { InviteLink, SimChat, World } from '#simulator/world/types.ts'

export type InviteLinkInput = {
  readonly name?: string | undefined
  /** Unix seconds. */
  readonly expireDate?: number | undefined
  readonly memberLimit?: number | undefined
  readonly createsJoinRequest?: boolean | undefined
  readonly isPrimary?: boolean | undefined
}

/** Creates an invite link; a primary one replaces and revokes the creator's primary link before it. */
export function createInviteLink(world: World, chat: SimChat, creator: User, input: InviteLinkInput): InviteLink {
  if (input.isPrimary) {
    for (const other of chat.inviteLinks.values()) {
      if (other.view.is_primary && other.creatorId === creator.id) other.view.is_revoked = true
    }
  }
  const view: ChatInviteLink = {
    invite_link: `https://t.me/+${createName(world, 16)}`,
    creator,
    creates_join_request: input.createsJoinRequest ?? false,
    is_primary: input.isPrimary ?? false,
    is_revoked: false,
  }
  applyInviteLinkInput(view, input)
  const link: InviteLink = { view, creatorId: creator.id, joinedCount: 0 }
  chat.inviteLinks.set(view.invite_link, link)
  return link
}

/** Sets the changeable fields the way editChatInviteLink does: what is absent is cleared. */
export function applyInviteLinkInput(view: ChatInviteLink, input: InviteLinkInput): void {
  delete view.name
  delete view.expire_date
  delete view.member_limit
  if (input.name !== undefined && input.name !== '') view.name = input.name
  if (input.expireDate !== undefined && input.expireDate > 0) view.expire_date = input.expireDate
  if (input.memberLimit !== undefined && input.memberLimit > 0) view.member_limit = input.memberLimit
  view.creates_join_request = input.createsJoinRequest ?? false
}

/**
 * A link as a bot sees it: how many wait behind it, and, of a link somebody else made, the beginning of its address only.
 */
export function presentInviteLink(chat: SimChat, link: InviteLink, botId: number): ChatInviteLink {
  let waiting = 0
  for (const request of chat.joinRequests.values()) if (request.link === link) waiting += 1
  const shown = { ...link.view, ...(waiting > 0 && { pending_join_request_count: waiting }) }
  if (link.creatorId === botId) return shown
  const address = link.view.invite_link
  return { ...shown, invite_link: `${address.slice(0, address.indexOf('+') + 9)}…` }
}

/** The chat and link behind a t.me/+ address, or null. */
export function findInviteLink(
  world: World,
  url: string,
): { readonly chat: SimChat; readonly link: InviteLink } | null {
  for (const chat of world.chats.values()) {
    const link = chat.inviteLinks.get(url)
    if (link) return { chat, link }
  }
  return null
}
