import type { ActResult, CallResult } from './call-result.ts'
import type { TelegramAccount } from './telegram-account.ts'

export const CHAT_KINDS = ['private', 'group', 'supergroup', 'channel'] as const
export type ChatKind = (typeof CHAT_KINDS)[number]

export interface ChatCard {
  readonly chatId: number
  readonly kind: ChatKind
  /** A group's title or a person's full name. */
  readonly title: string
  /** Without the @; null when there is none. */
  readonly username: string | null
}

export const MEMBER_STATUSES = ['creator', 'administrator', 'member', 'restricted', 'left', 'kicked'] as const
export type MemberStatus = (typeof MEMBER_STATUSES)[number]

export interface MemberCard {
  readonly userId: number
  readonly status: MemberStatus
  /** In the chat right now; a restricted person may be in it or not. */
  readonly isMember: boolean
  readonly isBot: boolean
}

export interface InviteLinkOptions {
  /** Shown to administrators only, 1–32 characters; joins are attributed by it. */
  readonly name: string
  /** Epoch milliseconds; rounded down to seconds. */
  readonly expiresAt?: number
  /** Who may use it: up to this many people (1–99 999), or anyone after an administrator's approval. */
  readonly admission?:
    | { readonly kind: 'limited'; readonly members: number }
    | { readonly kind: 'approved_by_administrator' }
}

export interface InviteLink {
  readonly url: string
  readonly name: string
  readonly createsJoinRequest: boolean
}

/**
 * What Telegram knows about chats and people, and who may enter. Reading is repeatable, so a cut connection ends as
 * `retry`; an invite link that may have been made ends as `unknown`. Nothing here reaches a contact.
 */
export interface TelegramDirectory {
  /** `chat` is an id, or an @username of a public group, channel or bot. */
  getChat(account: TelegramAccount, chat: number | string): Promise<CallResult<ChatCard>>
  getMember(account: TelegramAccount, chatId: number, userId: number): Promise<CallResult<MemberCard>>
  /** Everyone in the chat, bots included. */
  countMembers(account: TelegramAccount, chatId: number): Promise<CallResult<number>>
  /** Creator and administrators other than bots, as Telegram lists them. */
  countAdministrators(account: TelegramAccount, chatId: number): Promise<CallResult<number>>
  createInviteLink(
    account: TelegramAccount,
    chatId: number,
    options: InviteLinkOptions,
  ): Promise<CallResult<InviteLink>>
  /** Ends a link that this account made; a link revoked before counts as done. */
  revokeInviteLink(account: TelegramAccount, chatId: number, url: string): Promise<ActResult>
  /** A request somebody else has decided meanwhile counts as done. */
  approveJoinRequest(account: TelegramAccount, chatId: number, userId: number): Promise<ActResult>
  declineJoinRequest(account: TelegramAccount, chatId: number, userId: number): Promise<ActResult>
}
