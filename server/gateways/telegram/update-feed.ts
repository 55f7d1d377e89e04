import type { Update } from '@grammyjs/types'

import type { ActResult, CallResult } from './call-result.ts'
import type { TelegramAccount } from './telegram-account.ts'

/** An update as Telegram sent it; only its number is checked here. */
export interface TelegramUpdate {
  readonly update_id: number
  readonly [field: string]: unknown
}

/**
 * Every kind of update the product asks for, always sent in full: left out, Telegram keeps the previous list, and
 * `chat_member` and the reactions never come unasked.
 */
export const ALLOWED_UPDATES = [
  'message',
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'business_connection',
  'business_message',
  'edited_business_message',
  'deleted_business_messages',
  'message_reaction',
  'message_reaction_count',
  'callback_query',
  'shipping_query',
  'pre_checkout_query',
  'purchased_paid_media',
  'poll_answer',
  'my_chat_member',
  'chat_member',
  'chat_join_request',
  'chat_boost',
  'removed_chat_boost',
  'managed_bot',
  'subscription',
] as const satisfies readonly Exclude<keyof Update, 'update_id'>[]

export interface PollOptions {
  /** First update wanted; everything before it is dropped by Telegram. */
  readonly offset: number
  /** How long Telegram holds an empty answer back, 0–50 seconds. */
  readonly waitSeconds: number
  /** 1–100, 100 when left out. */
  readonly limit?: number
  readonly signal?: AbortSignal
}

export interface WebhookOptions {
  /** https address on port 443, 80, 88 or 8443; a simulator also takes http on this machine. */
  readonly url: string
  /** 1–256 of A–Z a–z 0–9 _ -; comes back in the header X-Telegram-Bot-Api-Secret-Token. */
  readonly secretToken: string
  /** Updates delivered at once, 1–100. */
  readonly maxConnections: number
}

export interface WebhookState {
  /** Null while no webhook is set. */
  readonly url: string | null
  readonly pendingUpdates: number
  /** Epoch milliseconds of the last failed delivery, with Telegram's words for it. */
  readonly lastError: { readonly at: number; readonly message: string } | null
}

export interface BotProfile {
  readonly telegramId: number
  readonly username: string
  readonly displayName: string
  readonly canJoinGroups: boolean
  /** False while privacy mode hides ordinary group messages from the bot. */
  readonly readsAllGroupMessages: boolean
  readonly canConnectToBusiness: boolean
}

/** Where updates come from, and whose token this is. All calls are repeatable: a cut connection ends as `retry`. */
export interface TelegramUpdateFeed {
  /** One long poll. A second poller on the same token makes Telegram end the first with `polled_elsewhere`. */
  getUpdates(account: TelegramAccount, options: PollOptions): Promise<CallResult<readonly TelegramUpdate[]>>
  setWebhook(account: TelegramAccount, options: WebhookOptions): Promise<ActResult>
  /** Updates waiting at Telegram are kept. */
  deleteWebhook(account: TelegramAccount): Promise<ActResult>
  getWebhook(account: TelegramAccount): Promise<CallResult<WebhookState>>
  /** Asks Telegram who the token belongs to; `account_lost` when it belongs to nobody. */
  validateToken(credentials: Pick<TelegramAccount, 'token' | 'apiRoot'>): Promise<CallResult<BotProfile>>
}
