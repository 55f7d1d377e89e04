import type { FailureReason } from '#server/gateways/telegram/failures.ts'

type Row = readonly [errorCode: number, description: string, parameters?: Readonly<Record<string, number>>]

/** Refusals as Telegram words them, by the reason each must get. Reasons of the transport have no wording. */
export const TELEGRAM_ERRORS: Readonly<Partial<Record<FailureReason, readonly Row[]>>> = {
  blocked: [[403, 'Forbidden: bot was blocked by the user']],
  deactivated: [[403, 'Forbidden: user is deactivated']],
  not_started: [[403, "Forbidden: bot can't initiate conversation with a user"]],
  recipient_is_bot: [[403, "Forbidden: the bot can't send messages to the bot"]],
  recipient_refused: [[403, 'Forbidden: a refusal nobody has seen yet']],
  reply_window_closed: [[400, 'Bad Request: BUSINESS_PEER_USAGE_MISSING']],
  business_peer_invalid: [
    [400, 'Bad Request: BUSINESS_PEER_INVALID'],
    [400, 'Bad Request: chat must be a private chat'],
    [400, 'Bad Request: messages must not be sent to self'],
  ],
  business_right_missing: [
    [403, 'Forbidden: BOT_ACCESS_FORBIDDEN'],
    [400, 'Bad Request: BOT_ACCESS_FORBIDDEN'],
  ],
  chat_not_found: [[400, 'Bad Request: chat not found']],
  chat_migrated: [
    [400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1_001_234 }],
    [400, 'Bad Request: group chat was upgraded to a supergroup chat'],
  ],
  kicked: [
    [403, 'Forbidden: bot was kicked from the group chat'],
    [403, 'Forbidden: bot was kicked from the supergroup chat'],
    [403, 'Forbidden: bot was kicked from the channel chat'],
  ],
  not_a_member: [
    [403, 'Forbidden: bot is not a member of the group chat'],
    [403, 'Forbidden: bot is not a member of the supergroup chat'],
    [403, 'Forbidden: bot is not a member of the channel chat'],
  ],
  chat_deleted: [[403, 'Forbidden: the group chat was deleted']],
  chat_refused: [[403, 'Forbidden: a refusal nobody has seen yet']],
  no_send_right: [
    [400, 'Bad Request: not enough rights to send text messages to the chat'],
    [400, 'Bad Request: not enough rights to send photos to the chat'],
    [400, 'Bad Request: not enough rights to send invoice messages to the chat'],
    [400, 'Bad Request: have no write access to the chat'],
    [400, 'Bad Request: need administrator rights in the channel chat'],
  ],
  no_admin_right: [
    [400, 'Bad Request: not enough rights to manage chat invite link'],
    [400, 'Bad Request: not enough rights to manage chat join requests'],
    [400, 'Bad Request: not enough rights to restrict/unrestrict chat member'],
    [400, 'Bad Request: not enough rights to manage pinned messages in the chat'],
    [400, "Bad Request: message can't be deleted"],
  ],
  target_is_administrator: [
    [400, 'Bad Request: user is an administrator of the chat'],
    [400, "Bad Request: can't remove chat owner"],
  ],
  chat_kind_unfit: [
    [400, 'Bad Request: method is available only for supergroups'],
    [400, 'Bad Request: method is available for supergroup and channel chats only'],
  ],
  text_empty: [[400, 'Bad Request: message text is empty']],
  text_too_long: [[400, 'Bad Request: message is too long']],
  caption_too_long: [[400, 'Bad Request: message caption is too long']],
  markup_broken: [
    [400, 'Bad Request: can\'t parse entities: Can\'t find end tag corresponding to start tag "b"'],
    [400, 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0'],
  ],
  buttons_invalid: [
    [400, 'Bad Request: BUTTON_DATA_INVALID'],
    [400, 'Bad Request: reply markup is too long'],
  ],
  media_unusable: [
    [400, 'Bad Request: wrong file_id or the file is temporarily unavailable'],
    [400, 'Bad Request: wrong HTTP URL specified'],
    [400, 'Bad Request: failed to get HTTP URL content'],
    [400, 'Bad Request: file is too big'],
  ],
  album_incomplete: [
    [400, 'Bad Request: failed to send message #2 with the error message "wrong HTTP URL specified"'],
    [400, 'Bad Request: Failed to send message #2 with the error message "file is too big"'],
  ],
  reply_target_missing: [[400, 'Bad Request: message to be replied not found']],
  thread_missing: [[400, 'Bad Request: message thread not found']],
  message_unchanged: [
    [
      400,
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    ],
  ],
  message_missing: [
    [400, 'Bad Request: message to edit not found'],
    [400, 'Bad Request: message to delete not found'],
    [400, 'Bad Request: message to pin not found'],
  ],
  message_locked: [
    [400, "Bad Request: message can't be edited"],
    [400, "Bad Request: message can't be deleted for everyone"],
  ],
  callback_expired: [[400, 'Bad Request: query is too old and response timeout expired or query ID is invalid']],
  refund_already_done: [[400, 'Bad Request: CHARGE_ALREADY_REFUNDED']],
  managed_bot_missing: [[400, 'Bad Request: BOT_INVALID']],
  join_request_closed: [
    [400, 'Bad Request: HIDE_REQUESTER_MISSING'],
    [400, 'Bad Request: USER_ALREADY_PARTICIPANT'],
  ],
  token_revoked: [[401, 'Unauthorized']],
  token_malformed: [
    [401, 'Unauthorized: invalid token specified'],
    [404, 'Not Found'],
  ],
  business_connection_lost: [
    [400, 'Bad Request: BUSINESS_CONNECTION_INVALID'],
    [400, 'Bad Request: business connection not found'],
    [400, 'Bad Request: BUSINESS_CONNECTION_NOT_ALLOWED'],
  ],
  polled_elsewhere: [
    [409, 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'],
  ],
  webhook_active: [
    [
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    ],
  ],
  webhook_refused: [[400, 'Bad Request: bad webhook: HTTPS url must be provided for webhook']],
  method_unknown: [[404, 'Not Found: method not found']],
  rejected_other: [
    [400, 'Bad Request: a refusal nobody has seen yet'],
    [413, 'Request Entity Too Large'],
  ],
  flood_wait: [[429, 'Too Many Requests: retry after 7', { retry_after: 7 }]],
  server_error: [[500, 'Internal Server Error: restart']],
}
