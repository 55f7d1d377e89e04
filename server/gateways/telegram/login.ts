import type { UserSession } from './user-session.ts'

/** What the person, or we, have to do after a refusal. */
export type LoginStep =
  | 'enter_phone'
  | 'sign_up_in_telegram'
  | 'ask_telegram'
  | 'request_code'
  | 'enter_code'
  | 'enter_password'
  | 'use_qr_later'
  | 'wait'
  | 'start_again'
  | 'tell_operator'

/** Every way a login can be refused, and the step that follows (core.telegram.org/api/auth). */
export const LOGIN_REFUSALS = {
  phone_invalid: 'enter_phone',
  phone_banned: 'ask_telegram',
  phone_unoccupied: 'sign_up_in_telegram',
  phone_flood: 'wait',
  password_flood: 'use_qr_later',
  code_unavailable: 'use_qr_later',
  client_outdated: 'tell_operator',
  api_id_invalid: 'tell_operator',
  api_id_flood: 'tell_operator',
  code_invalid: 'enter_code',
  code_empty: 'enter_code',
  code_expired: 'request_code',
  password_invalid: 'enter_password',
  password_changed: 'enter_password',
  flood_wait: 'wait',
  account_banned: 'ask_telegram',
  account_frozen: 'ask_telegram',
  session_lost: 'start_again',
  session_duplicated: 'start_again',
  session_unknown: 'start_again',
  unreachable: 'wait',
  refused_otherwise: 'start_again',
} as const satisfies Readonly<Record<string, LoginStep>>
export type LoginRefusal = keyof typeof LOGIN_REFUSALS

export type LoginResult<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** `waitSeconds` where Telegram names a time. */
  | { readonly kind: 'refused'; readonly refusal: LoginRefusal; readonly waitSeconds: number | null }

export interface UserProfile {
  readonly telegramId: number
  readonly displayName: string
  readonly username: string | null
}

export interface SentCode {
  /** Names the code at Telegram; of no use without it. */
  readonly codeHash: string
  /** Digits; null when Telegram does not say. */
  readonly length: number | null
  readonly via: 'app' | 'sms' | 'call' | 'email' | 'fragment' | 'other'
}

export type LoginProgress =
  | { readonly kind: 'logged_in'; readonly profile: UserProfile }
  | { readonly kind: 'password_needed'; readonly hint: string | null }

export type QrProgress =
  | LoginProgress
  /** Shown as a QR code until `expiresAt` (epoch ms); afterwards asked for anew. */
  | { readonly kind: 'code'; readonly url: string; readonly expiresAt: number }

export interface SessionCard {
  /** Names the session when it is to be ended. */
  readonly hash: string
  readonly isOurs: boolean
  readonly device: string
  readonly app: string
  readonly createdAt: number
  readonly activeAt: number
}

/**
 * Logging a person's own account in, on a page of ours alone: Telegram's terms forbid bots and Mini Apps to ask for
 * codes and passwords. Codes and passwords pass through and are kept nowhere. None of these throws besides a bug.
 */
export interface TelegramLogin {
  requestCode(session: UserSession, phone: string): Promise<LoginResult<SentCode>>
  submitCode(session: UserSession, phone: string, codeHash: string, code: string): Promise<LoginResult<LoginProgress>>
  submitPassword(session: UserSession, password: string): Promise<LoginResult<UserProfile>>
  /** The present state of a QR login: a code to show, or what its scan has led to. Repeatable. */
  showQr(session: UserSession): Promise<LoginResult<QrProgress>>
  /** Whether Telegram has told this process of a scan since the last `showQr`: then it is worth asking again. */
  wasQrScanned(session: UserSession): boolean
  /** The account's sessions everywhere, ours among them. */
  listSessions(session: UserSession): Promise<LoginResult<readonly SessionCard[]>>
  /** Ends one session of the list; ours by `logOut`. */
  endSession(session: UserSession, hash: string): Promise<LoginResult<null>>
  /** Ends our session at Telegram; one that is gone already counts as done. */
  logOut(session: UserSession): Promise<LoginResult<null>>
  /** Closes the connection of a session; it can be resumed. */
  release(session: UserSession): Promise<void>
}
