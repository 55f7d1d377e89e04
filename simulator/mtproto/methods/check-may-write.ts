import type { RpcContext } from '#simulator/mtproto/methods/context.ts'
import type { Target } from '#simulator/mtproto/methods/find-target.ts'
import { openMailbox } from '#simulator/user-accounts/mailboxes.ts'
import { badRequest, forbidden, RpcRefusal } from '#simulator/user-accounts/rpc-refusal.ts'
import type { UserAccount } from '#simulator/user-accounts/types.ts'
import { findMember, hasPermission, hasRight, isAdmin, isPresent } from '#simulator/world/members.ts'
import type { SimChat, SimUser } from '#simulator/world/types.ts'

/** Throws what Telegram answers a person who may not write there. */
export function checkMayWrite(context: RpcContext, sender: UserAccount, target: Target): void {
  switch (target.kind) {
    case 'person':
      return checkPerson(context, sender, target.user)
    case 'bot':
      if (target.bot.dialogs.get(sender.user.id)?.isBlocked) throw badRequest('YOU_BLOCKED_USER')
      return
    case 'group':
    case 'channel':
      return checkChat(context, sender, target.chat)
  }
}

function checkPerson({ accounts }: RpcContext, sender: UserAccount, recipient: SimUser): void {
  const me = sender.user.id
  if (recipient.id === me) return
  if (recipient.isDeleted) throw badRequest('INPUT_USER_DEACTIVATED')
  if (accounts.privacy.get(me)?.blocked.has(recipient.id)) throw badRequest('YOU_BLOCKED_USER')
  const theirs = accounts.privacy.get(recipient.id)
  if (theirs?.blocked.has(me)) throw badRequest('USER_IS_BLOCKED')
  if (theirs?.acceptsFrom === 'contacts' && !theirs.contacts.has(me) && !hasWrittenTo(accounts, recipient.id, me)) {
    throw forbidden('PRIVACY_PREMIUM_REQUIRED')
  }
}

function checkChat({ accounts }: RpcContext, sender: UserAccount, chat: SimChat): void {
  const now = accounts.world.clock.now()
  const member = findMember(chat, sender.user.id, now)
  if (chat.type !== 'group' && (chat.isDeleted || member?.status === 'kicked' || !isPresent(member))) {
    throw new RpcRefusal(400, 'CHANNEL_PRIVATE')
  }
  if (chat.isDeleted || chat.migratedTo !== undefined || !isPresent(member)) throw forbidden('CHAT_WRITE_FORBIDDEN')
  if (chat.type === 'channel') {
    if (!hasRight(member, 'can_post_messages')) throw badRequest('CHAT_ADMIN_REQUIRED')
    return
  }
  if (!hasPermission(chat, member, 'can_send_messages')) throw forbidden('CHAT_SEND_PLAIN_FORBIDDEN')
  const waitMs = (member?.lastMessageAt ?? 0) + chat.slowModeSeconds * 1000 - now
  if (chat.slowModeSeconds > 0 && !isAdmin(member) && waitMs > 0) {
    throw new RpcRefusal(420, `SLOWMODE_WAIT_${Math.ceil(waitMs / 1000)}`)
  }
}

/** Whether the recipient knows the sender: as a contact, from a message of theirs, or from a common chat. */
export function isKnownTo({ accounts }: RpcContext, sender: UserAccount, target: Target): boolean {
  if (target.kind !== 'person') return true
  const { id } = target.user
  return accounts.privacy.get(id)?.contacts.has(sender.user.id) === true || hasWrittenTo(accounts, id, sender.user.id)
}

/** In private; what somebody says in a group invites nobody to write to them. */
function hasWrittenTo(accounts: RpcContext['accounts'], fromId: number, toId: number): boolean {
  for (const { fromId: author, peer } of openMailbox(accounts, toId).mails.values()) {
    if (author === fromId && peer.kind === 'user') return true
  }
  return false
}
