import type { ActResult, CallResult } from './call-result.ts'
import type { MemberStatus } from './directory.ts'
import type { TelegramAccount } from './telegram-account.ts'

/** What an account is in a chat, and what it may do there by Telegram's names (`can_delete_messages` …). */
export interface Standing {
  readonly status: MemberStatus
  /** In the chat right now. */
  readonly isMember: boolean
  /** Of administrators and restricted members; empty for everybody else. */
  readonly rights: Readonly<Record<string, boolean>>
}

/**
 * Keeping order in a group with a bot that administers it. No call is repeated inside an adapter, every one may be
 * repeated from outside: done twice, it is done. Accounts other than bots end as `rejected/method_unknown`.
 */
export interface TelegramModeration {
  /** 1–100 messages; those that are gone already count as deleted. */
  deleteMessages(account: TelegramAccount, chatId: number, messageIds: readonly number[]): Promise<ActResult>
  /** The member reads and writes nothing until `untilAt` (epoch ms, at least 30 seconds ahead); for ever when null. */
  restrictMember(account: TelegramAccount, chatId: number, userId: number, untilAt: number | null): Promise<ActResult>
  /** The member may do again what the chat lets everybody do. */
  liftRestriction(account: TelegramAccount, chatId: number, userId: number): Promise<ActResult>
  /** Removes the member, who cannot come back before `untilAt`; for ever when null. */
  banMember(account: TelegramAccount, chatId: number, userId: number, untilAt: number | null): Promise<ActResult>
  /** The person may come back; somebody who is in the chat stays there. */
  unbanMember(account: TelegramAccount, chatId: number, userId: number): Promise<ActResult>
  /** Pins without a notification to everybody. */
  pinMessage(account: TelegramAccount, chatId: number, messageId: number): Promise<ActResult>
  /** What the person, or the account itself, is in the chat. */
  getStanding(account: TelegramAccount, chatId: number, userId: number): Promise<CallResult<Standing>>
}
