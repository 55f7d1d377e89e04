import type { FailureReason } from './failures.ts'

/** The body of a Bot API answer with `ok: false`. */
export interface BotApiError {
  readonly errorCode: number
  /** Telegram's English description, prefix included; decides the reason and is never stored or shown. */
  readonly description: string
  readonly parameters?: { readonly retryAfter?: number; readonly migrateToChatId?: number }
}

/** Whole descriptions, as the Bot API server writes them (tdlib/telegram-bot-api, Client.cpp and Query.cpp). */
const EXACT: Readonly<Record<string, FailureReason>> = {
  'Forbidden: bot was blocked by the user': 'blocked',
  'Forbidden: user is deactivated': 'deactivated',
  "Forbidden: bot can't initiate conversation with a user": 'not_started',
  "Forbidden: the bot can't send messages to the bot": 'recipient_is_bot',
  "Forbidden: bot can't send messages to bots": 'recipient_is_bot',
  'Forbidden: the group chat was deleted': 'chat_deleted',
  'Bad Request: chat not found': 'chat_not_found',
  'Bad Request: PEER_ID_INVALID': 'chat_not_found',
  'Bad Request: group chat was upgraded to a supergroup chat': 'chat_migrated',
  'Bad Request: have no write access to the chat': 'no_send_right',
  'Bad Request: CHAT_WRITE_FORBIDDEN': 'no_send_right',
  'Bad Request: need administrator rights in the channel chat': 'no_send_right',
  'Bad Request: CHAT_ADMIN_REQUIRED': 'no_admin_right',
  "Bad Request: message can't be deleted": 'no_admin_right',
  'Bad Request: user is an administrator of the chat': 'target_is_administrator',
  "Bad Request: can't remove chat owner": 'target_is_administrator',
  'Bad Request: method is available only for supergroups': 'chat_kind_unfit',
  'Bad Request: method is available for supergroup and channel chats only': 'chat_kind_unfit',
  'Bad Request: message text is empty': 'text_empty',
  'Bad Request: text must be non-empty': 'text_empty',
  'Bad Request: message is too long': 'text_too_long',
  'Bad Request: message caption is too long': 'caption_too_long',
  'Bad Request: BUTTON_DATA_INVALID': 'buttons_invalid',
  'Bad Request: BUTTON_URL_INVALID': 'buttons_invalid',
  'Bad Request: reply markup is too long': 'buttons_invalid',
  'Bad Request: wrong file_id or the file is temporarily unavailable': 'media_unusable',
  'Bad Request: wrong HTTP URL specified': 'media_unusable',
  'Bad Request: failed to get HTTP URL content': 'media_unusable',
  'Bad Request: file is too big': 'media_unusable',
  'Bad Request: message to be replied not found': 'reply_target_missing',
  'Bad Request: message thread not found': 'thread_missing',
  'Bad Request: message to edit not found': 'message_missing',
  'Bad Request: message to delete not found': 'message_missing',
  'Bad Request: message to pin not found': 'message_missing',
  "Bad Request: message can't be edited": 'message_locked',
  "Bad Request: message can't be deleted for everyone": 'message_locked',
  'Bad Request: query is too old and response timeout expired or query ID is invalid': 'callback_expired',
  'Bad Request: BUSINESS_PEER_USAGE_MISSING': 'reply_window_closed',
  'Bad Request: BUSINESS_PEER_INVALID': 'business_peer_invalid',
  'Bad Request: chat must be a private chat': 'business_peer_invalid',
  'Bad Request: messages must not be sent to self': 'business_peer_invalid',
  'Forbidden: BOT_ACCESS_FORBIDDEN': 'business_right_missing',
  'Bad Request: BOT_ACCESS_FORBIDDEN': 'business_right_missing',
  // Secretary Mode was switched off in BotFather.
  'Bad Request: BUSINESS_CONNECTION_NOT_ALLOWED': 'business_connection_lost',
  'Bad Request: BUSINESS_CONNECTION_INVALID': 'business_connection_lost',
  'Bad Request: business connection not found': 'business_connection_lost',
  'Bad Request: CHARGE_ALREADY_REFUNDED': 'refund_already_done',
  'Bad Request: HIDE_REQUESTER_MISSING': 'join_request_closed',
  'Bad Request: USER_ALREADY_PARTICIPANT': 'join_request_closed',
  'Bad Request: BOT_INVALID': 'managed_bot_missing',
  'Unauthorized: invalid token specified': 'token_malformed',
  // The public server answers a token it cannot parse as if the path did not exist.
  'Not Found': 'token_malformed',
  'Not Found: method not found': 'method_unknown',
  "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first":
    'webhook_active',
}

/** Descriptions with a variable part, tried in order after the exact ones. */
const PATTERNS: readonly (readonly [RegExp, FailureReason])[] = [
  [/^Forbidden: bot was kicked from the (?:group|supergroup|channel) chat$/, 'kicked'],
  [/^Forbidden: bot is not a member of the (?:group|supergroup|channel) chat$/, 'not_a_member'],
  [/^Bad Request: not enough rights to send /, 'no_send_right'],
  [/^Bad Request: CHAT_SEND_[A-Z_]+_FORBIDDEN$/, 'no_send_right'],
  [/^Bad Request: not enough rights/, 'no_admin_right'],
  [/^Bad Request: can't parse entities: /, 'markup_broken'],
  [/^Bad Request: (?:can't parse inline keyboard button|inline keyboard button URL )/, 'buttons_invalid'],
  [/^Bad Request: message is not modified/, 'message_unchanged'],
  [/^Bad Request: Failed to send message #\d+ with the error message /i, 'album_incomplete'],
  [/^Bad Request: bad webhook: /, 'webhook_refused'],
  [/^Conflict: terminated by /, 'polled_elsewhere'],
]

/**
 * Names the reason behind an answer with `ok: false`. `chatId` is the chat addressed, if any: an unknown refusal (403)
 * is laid to the group for a negative id, else to the person. Any text gets a reason; an unknown 4xx is `rejected_other`.
 */
export const classifyBotApiError = (error: BotApiError, chatId?: number): FailureReason => {
  const { errorCode, description, parameters } = error
  if (errorCode === 429 || parameters?.retryAfter !== undefined) return 'flood_wait'
  if (errorCode >= 500) return 'server_error'
  if (parameters?.migrateToChatId !== undefined) return 'chat_migrated'
  const known = Object.hasOwn(EXACT, description) ? EXACT[description] : undefined
  const reason = known ?? PATTERNS.find(([pattern]) => pattern.test(description))?.[1]
  if (reason !== undefined) return reason
  if (errorCode === 401) return 'token_revoked'
  if (errorCode === 409) return 'polled_elsewhere'
  if (errorCode === 403) return chatId !== undefined && chatId < 0 ? 'chat_refused' : 'recipient_refused'
  return 'rejected_other'
}
