import type { FailureReason } from '../../failures.ts'
import type { LoginRefusal } from '../../login.ts'

/** What an RPC error means: for a send (or any other call of a linked account), and for a login. */
export interface RpcMeaning {
  readonly failure: FailureReason
  readonly login: LoginRefusal
  /** The number in the error's name, where it says how long to wait. */
  readonly waitSeconds: number | null
  /** A login that goes on with the account's password. */
  readonly needsPassword: boolean
}

const row = (failure: FailureReason, login: LoginRefusal = 'refused_otherwise') => ({ failure, login })
const login = (refusal: LoginRefusal) => row('rejected_other', refusal)
const SESSION_LOST = row('session_lost', 'session_lost')
const BANNED = row('account_banned', 'account_banned')
const FROZEN = row('account_frozen', 'account_frozen')
const WAIT = row('flood_wait', 'flood_wait')
const PRIVATE = row('privacy_restricted')

/** Names of Telegram's error database (core.telegram.org/api/errors), a number in them written as %d. */
const MEANINGS: Readonly<Record<string, Pick<RpcMeaning, 'failure' | 'login'>>> = {
  PHONE_NUMBER_INVALID: login('phone_invalid'),
  PHONE_NUMBER_BANNED: login('phone_banned'),
  PHONE_NUMBER_UNOCCUPIED: login('phone_unoccupied'),
  PHONE_NUMBER_FLOOD: login('phone_flood'),
  PHONE_PASSWORD_FLOOD: login('password_flood'),
  SEND_CODE_UNAVAILABLE: login('code_unavailable'),
  UPDATE_APP_TO_LOGIN: login('client_outdated'),
  API_ID_INVALID: login('api_id_invalid'),
  API_ID_PUBLISHED_FLOOD: login('api_id_flood'),
  PHONE_CODE_INVALID: login('code_invalid'),
  PHONE_CODE_EMPTY: login('code_empty'),
  PHONE_CODE_EXPIRED: login('code_expired'),
  PASSWORD_HASH_INVALID: login('password_invalid'),
  SRP_ID_INVALID: login('password_changed'),
  SRP_PASSWORD_CHANGED: login('password_changed'),
  HASH_INVALID: login('session_unknown'),
  AUTH_KEY_UNREGISTERED: SESSION_LOST,
  AUTH_KEY_INVALID: SESSION_LOST,
  SESSION_REVOKED: SESSION_LOST,
  SESSION_EXPIRED: SESSION_LOST,
  SESSION_PASSWORD_NEEDED: SESSION_LOST,
  USER_DEACTIVATED: BANNED,
  USER_DEACTIVATED_BAN: BANNED,
  AUTH_KEY_DUPLICATED: row('session_duplicated', 'session_duplicated'),
  FROZEN_METHOD_INVALID: FROZEN,
  FROZEN_PARTICIPANT_MISSING: FROZEN,
  'FLOOD_WAIT_%d': WAIT,
  'FLOOD_PREMIUM_WAIT_%d': WAIT,
  'SLOWMODE_WAIT_%d': WAIT,
  'TAKEOUT_INIT_DELAY_%d': WAIT,
  PEER_FLOOD: row('spam_limited'),
  RANDOM_ID_DUPLICATE: row('random_id_used'),
  USER_PRIVACY_RESTRICTED: PRIVATE,
  PRIVACY_PREMIUM_REQUIRED: PRIVATE,
  'ALLOW_PAYMENT_REQUIRED_%d': PRIVATE,
  USER_IS_BLOCKED: row('blocked'),
  YOU_BLOCKED_USER: row('blocked_by_us'),
  INPUT_USER_DEACTIVATED: row('deactivated'),
  USER_IS_BOT: row('recipient_is_bot'),
  PEER_ID_INVALID: row('chat_not_found'),
  USERNAME_NOT_OCCUPIED: row('chat_not_found'),
  USERNAME_INVALID: row('chat_not_found'),
  CHAT_ID_INVALID: row('chat_not_found'),
  CHANNEL_INVALID: row('chat_not_found'),
  CHANNEL_PRIVATE: row('not_a_member'),
  USER_BANNED_IN_CHANNEL: row('no_send_right'),
  CHAT_WRITE_FORBIDDEN: row('no_send_right'),
  CHAT_SEND_PLAIN_FORBIDDEN: row('no_send_right'),
  CHAT_GUEST_SEND_FORBIDDEN: row('not_a_member'),
  CHAT_RESTRICTED: row('chat_refused'),
  CHAT_ADMIN_REQUIRED: row('no_admin_right'),
  MESSAGE_EMPTY: row('text_empty'),
  MESSAGE_TOO_LONG: row('text_too_long'),
  ENTITY_BOUNDS_INVALID: row('markup_broken'),
  MESSAGE_ID_INVALID: row('message_missing'),
  MESSAGE_NOT_MODIFIED: row('message_unchanged'),
  MESSAGE_AUTHOR_REQUIRED: row('message_locked'),
  MESSAGE_EDIT_TIME_EXPIRED: row('message_locked'),
  MESSAGE_DELETE_FORBIDDEN: row('message_locked'),
  REPLY_MESSAGE_ID_INVALID: row('reply_target_missing'),
  REPLY_TO_INVALID: row('reply_target_missing'),
}

/** Reads an error's code and name. Any name gets a meaning: an unknown one goes by its code. */
export const classifyRpcError = (code: number, name: string, argument?: number): RpcMeaning => {
  const digits = /_(\d+)$/.exec(name)
  const template = digits ? name.replace(/_\d+$/, '_%d') : name
  const found = Object.hasOwn(MEANINGS, template) ? MEANINGS[template] : undefined
  const meaning = found ?? fallback(code)
  const seconds = argument ?? (digits ? Number(digits[1]) : null)
  const waitSeconds = meaning.failure === 'flood_wait' ? seconds : null
  return { ...meaning, waitSeconds, needsPassword: name === 'SESSION_PASSWORD_NEEDED' }
}

const fallback = (code: number): Pick<RpcMeaning, 'failure' | 'login'> => {
  if (code === 401) return SESSION_LOST
  if (code === 420) return WAIT
  if (code >= 500 || code < 0) return row('server_error', 'unreachable')
  if (code === 403) return row('recipient_refused')
  return row('rejected_other')
}
