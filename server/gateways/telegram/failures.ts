import type { Reachability } from '#contract/words.ts'

/** Every way a call to Telegram can fail; one row of `FAILURES` each. Adapters only classify, others read the row. */
export const FAILURE_REASONS = [
  'blocked',
  'deactivated',
  'not_started',
  'recipient_is_bot',
  'recipient_refused',
  'blocked_by_us',
  'privacy_restricted',
  'reply_window_closed',
  'business_peer_invalid',
  'chat_not_found',
  'chat_migrated',
  'kicked',
  'not_a_member',
  'chat_deleted',
  'chat_refused',
  'no_send_right',
  'no_admin_right',
  'target_is_administrator',
  'chat_kind_unfit',
  'text_empty',
  'text_too_long',
  'caption_too_long',
  'markup_broken',
  'buttons_invalid',
  'media_unusable',
  'album_incomplete',
  'reply_target_missing',
  'thread_missing',
  'message_unchanged',
  'message_missing',
  'message_locked',
  'callback_expired',
  'refund_already_done',
  'join_request_closed',
  'managed_bot_missing',
  'token_revoked',
  'token_malformed',
  'business_right_missing',
  'business_connection_lost',
  'session_lost',
  'session_duplicated',
  'account_banned',
  'account_frozen',
  'spam_limited',
  'random_id_used',
  'polled_elsewhere',
  'webhook_active',
  'webhook_refused',
  'method_unknown',
  'rejected_other',
  'flood_wait',
  'connection_refused',
  'dns_failed',
  'tls_failed',
  'connect_timeout',
  'connection_failed',
  'aborted_before_leaving',
  'timeout',
  'connection_cut',
  'aborted_midway',
  'html_answer',
  'bad_json',
  'server_error',
] as const
export type FailureReason = (typeof FAILURE_REASONS)[number]

/**
 * What a repetition would do. `never`: refused, and would be again. `later`: provably not accepted, may be tried again.
 * `without_reply`: accepted once the reply or thread reference is left out. `new_chat`: accepted at the new chat id.
 * `reached`: the state asked for already holds, so the call counts as done. `in_doubt`: Telegram may have accepted it.
 */
export type Retry = 'never' | 'later' | 'without_reply' | 'new_chat' | 'reached' | 'in_doubt'

/** Who has to change something before the same call can succeed; account health counts `recipient` and `telegram`. */
export type Blame = 'recipient' | 'chat' | 'content' | 'account' | 'us' | 'telegram'

/** What the system writes down beyond the failed attempt. Absent means nothing changes on that side. */
export interface Consequence {
  /** What this account can do for the contact from now on; meant for private chats only. */
  readonly reachability?: Exclude<Reachability, 'reachable'>
  /** What this account is in the group or channel from now on. */
  readonly chat?: 'left' | 'kicked' | 'deleted' | 'rights_missing'
  /** The account works no more until its owner acts. */
  readonly account?: 'disconnected'
  /** The template, not this one message, is at fault: stop the step that sends it. */
  readonly template?: 'faulty'
  /** Wait before the next try when Telegram names none, in milliseconds. */
  readonly waitMs?: number
}

export interface Failure {
  readonly retry: Retry
  readonly blame: Blame
  readonly follows: Consequence
}

const refused = (blame: Blame, follows: Consequence = {}): Failure => ({ retry: 'never', blame, follows })
const content: Failure = refused('content', { template: 'faulty' })
const wait = (blame: Blame, waitMs: number): Failure => ({ retry: 'later', blame, follows: { waitMs } })
const inDoubt: Failure = { retry: 'in_doubt', blame: 'telegram', follows: {} }
const reached: Failure = { retry: 'reached', blame: 'us', follows: {} }

/** The failure table. The wording behind each reason is in classify-error.ts. */
export const FAILURES: Readonly<Record<FailureReason, Failure>> = {
  blocked: refused('recipient', { reachability: 'blocked' }),
  deactivated: refused('recipient', { reachability: 'deactivated' }),
  not_started: refused('recipient', { reachability: 'not_started' }),
  recipient_is_bot: refused('recipient', { reachability: 'unknown' }),
  recipient_refused: refused('recipient', { reachability: 'unknown' }),
  blocked_by_us: refused('recipient', { reachability: 'blocked' }),
  privacy_restricted: refused('recipient', { reachability: 'unknown' }),
  reply_window_closed: refused('recipient'),
  business_peer_invalid: refused('recipient', { reachability: 'unknown' }),
  chat_not_found: refused('chat', { reachability: 'unknown', chat: 'left' }),
  chat_migrated: { retry: 'new_chat', blame: 'chat', follows: {} },
  kicked: refused('chat', { chat: 'kicked' }),
  not_a_member: refused('chat', { chat: 'left' }),
  chat_deleted: refused('chat', { chat: 'deleted' }),
  chat_refused: refused('chat', { chat: 'rights_missing' }),
  no_send_right: refused('chat', { chat: 'rights_missing' }),
  no_admin_right: refused('chat', { chat: 'rights_missing' }),
  // Nobody but the owner restricts an administrator.
  target_is_administrator: refused('chat'),
  // A basic group has no restrictions of single members.
  chat_kind_unfit: refused('chat'),
  text_empty: content,
  text_too_long: content,
  caption_too_long: content,
  markup_broken: content,
  buttons_invalid: content,
  media_unusable: content,
  // Parts of the album before the one named have been delivered.
  album_incomplete: { retry: 'in_doubt', blame: 'content', follows: {} },
  reply_target_missing: { retry: 'without_reply', blame: 'content', follows: {} },
  thread_missing: { retry: 'without_reply', blame: 'content', follows: {} },
  message_unchanged: reached,
  message_missing: refused('content'),
  message_locked: refused('content'),
  callback_expired: refused('us'),
  refund_already_done: reached,
  join_request_closed: reached,
  // Deleted, given away, or never ours: its token cannot be asked for.
  managed_bot_missing: refused('us'),
  token_revoked: refused('account', { account: 'disconnected' }),
  token_malformed: refused('account', { account: 'disconnected' }),
  // Its owner may give the right back at any time; the connection itself stands.
  business_right_missing: refused('account'),
  business_connection_lost: refused('account', { account: 'disconnected' }),
  session_lost: refused('account', { account: 'disconnected' }),
  session_duplicated: refused('account', { account: 'disconnected' }),
  account_banned: refused('account', { account: 'disconnected' }),
  // Frozen accounts wait for Telegram's decision on their owner's appeal, not for a time.
  account_frozen: refused('account', { account: 'disconnected' }),
  // @SpamBot tells the owner more; until then every further send makes it worse.
  spam_limited: wait('account', 86_400_000),
  random_id_used: inDoubt,
  polled_elsewhere: wait('account', 30_000),
  webhook_active: refused('account'),
  webhook_refused: refused('us'),
  method_unknown: refused('us'),
  rejected_other: refused('content'),
  flood_wait: wait('us', 30_000),
  connection_refused: wait('telegram', 5_000),
  dns_failed: wait('telegram', 10_000),
  tls_failed: wait('telegram', 60_000),
  connect_timeout: wait('telegram', 5_000),
  connection_failed: wait('telegram', 1_000),
  aborted_before_leaving: wait('us', 0),
  timeout: inDoubt,
  connection_cut: inDoubt,
  aborted_midway: { ...inDoubt, blame: 'us' },
  html_answer: inDoubt,
  bad_json: inDoubt,
  server_error: inDoubt,
}
