import type { MemberStatus, TelegramDirectory } from '#server/gateways/telegram/directory.ts'
import type { TelegramModeration } from '#server/gateways/telegram/moderation.ts'
import type { TelegramSender } from '#server/gateways/telegram/sender.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import type { TelegramUpdateFeed } from '#server/gateways/telegram/update-feed.ts'

export type PersonStanding = 'started' | 'never_started' | 'blocked' | 'deactivated'
export type GroupStanding = 'administrator' | 'member' | 'kicked' | 'left' | 'deleted' | 'muted'

/** Something that happens to the next call for a chat. */
export type NextFault =
  | { readonly kind: 'flood'; readonly retryAfterSeconds: number }
  | { readonly kind: 'cut_before_accepting' }
  | { readonly kind: 'cut_after_accepting' }
  | { readonly kind: 'html_page' }
  | { readonly kind: 'server_error' }

export interface SeenMessage {
  readonly messageId: number
  /** As the recipient reads it, without tags. */
  readonly text: string
  /** Labels row by row. */
  readonly buttons: readonly (readonly string[])[]
}

/** What the suite of senders needs of it. */
export type SenderWorld = Pick<
  TelegramWorld,
  | 'sender'
  | 'account'
  | 'unknownChatId'
  | 'addPerson'
  | 'addGroup'
  | 'migrate'
  | 'pressButton'
  | 'revokeToken'
  | 'failNext'
  | 'messagesIn'
  | 'close'
>

/** A Telegram that a contract suite can furnish, whatever stands behind it. */
export interface TelegramWorld {
  readonly sender: TelegramSender
  readonly directory: TelegramDirectory
  readonly updateFeed: TelegramUpdateFeed
  readonly moderation: TelegramModeration
  /** The account itself, as chats know it. */
  readonly selfId: number
  readonly account: TelegramAccount
  /** A well-formed account whose token nobody has issued. */
  readonly strangersAccount: TelegramAccount
  readonly unknownChatId: number
  addPerson(standing: PersonStanding): Promise<number>
  addGroup(standing: GroupStanding): Promise<number>
  addMember(chatId: number, status: MemberStatus): Promise<number>
  /** A person whose request to join the group waits. */
  addJoinRequest(chatId: number): Promise<number>
  /** Turns the group into a supergroup and answers its new id. */
  migrate(chatId: number): Promise<number>
  /** The newest button message of the chat is pressed; answers the callback's id. */
  pressButton(personId: number): Promise<string>
  /** A person writes to the bot. */
  writeToBot(personId: number, text: string): Promise<void>
  revokeToken(): Promise<void>
  failNext(chatId: number, fault: NextFault): Promise<void>
  /** The bot's messages in the chat, oldest first. */
  messagesIn(chatId: number): Promise<readonly SeenMessage[]>
  close(): Promise<void>
}
