import { createHash } from 'node:crypto'

import { type ParseError, parsePhoneNumberWithError, validatePhoneNumberLength } from 'libphonenumber-js/max'

import type { ErrorKind } from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { AppError, type ErrorParams, invalid } from '#server/base/errors.ts'
import { LOGIN_REFUSALS, type LoginRefusal, type LoginStep } from '#server/gateways/telegram/login.ts'

export const LOGIN_KINDS = ['qr', 'phone'] as const
export type LoginKind = (typeof LOGIN_KINDS)[number]

export const OPEN_LOGIN_STATES = ['code', 'password', 'scan'] as const
export type OpenLoginState = (typeof OPEN_LOGIN_STATES)[number]
export type LoginState = OpenLoginState | 'linked' | 'ended'

/** How long a login may take and how often each of its steps may be tried. */
export const LOGIN_LIMITS = {
  attemptMs: 10 * MINUTE_MS,
  attemptsPerTenant: { max: 3, perMs: HOUR_MS },
  codesPerPhone: { max: 5, perMs: DAY_MS },
  wrongCodesMax: 5,
  wrongPasswordsMax: 5,
  /** Longer than any question to Telegram takes; a killed process frees the attempt after it. */
  busyMs: 90 * SECOND_MS,
  /** A QR code is replaced this long before Telegram stops taking it. */
  qrSpareMs: 3 * SECOND_MS,
  /** What cannot be logged out at Telegram for so long is given up: its keys go all the same. */
  logOutTriesMs: DAY_MS,
  /** Ended attempts are kept as long as limits are counted by them. */
  keptMs: 2 * DAY_MS,
} as const

/** The version of the text people agree to when they link an account of their own; a changed text is another version. */
export const LINK_CONSENT_VERSION = 'own-account-1'

/** A login as the page shows it. */
export interface LoginView {
  readonly kind: LoginKind
  readonly state: LoginState
  /** `cancelled`, `expired`, a refusal of Telegram's …; null while it goes on. */
  readonly endedWhy: string | null
  readonly phoneMasked: string | null
  readonly codeVia: string | null
  readonly codeLength: number | null
  /** Wrong codes or passwords that are still forgiven. */
  readonly triesLeft: number
  /** What the person wrote down at Telegram to remember the password by. */
  readonly hint: string | null
  readonly qr: { readonly url: string; readonly expiresAt: number } | null
  readonly accountId: number | null
  readonly expiresAt: number
}

const PHONE_FAULTS: Readonly<Record<string, string>> = {
  INVALID_COUNTRY: 'phone_country_missing',
  TOO_SHORT: 'phone_too_short',
  TOO_LONG: 'phone_too_long',
}

/** Numbers that Telegram's shop Fragment gives out; they belong to no country. */
const FRAGMENT = /^\+888\d{8,9}$/

/** The number in E.164. Errors: `invalid` with `phone_…`, naming what to mend; the number itself is never repeated. */
export const checkPhone = (given: string): string => {
  const text = given.trim().replace(/^00/, '+')
  const compact = text.replaceAll(/[\s()-]/g, '')
  if (FRAGMENT.test(compact)) return compact
  try {
    const phone = parsePhoneNumberWithError(text)
    if (phone.isValid()) return phone.number
    throw invalid(PHONE_FAULTS[validatePhoneNumberLength(text) ?? ''] ?? 'phone_impossible', 'phone')
  } catch (error) {
    if (error instanceof AppError) throw error
    throw invalid(PHONE_FAULTS[(error as ParseError).message] ?? 'phone_not_a_number', 'phone')
  }
}

/** `+90••••••••33`: enough to recognise one's own number by. */
export const maskPhone = (phone: string): string => {
  const code = FRAGMENT.test(phone) ? '888' : parsePhoneNumberWithError(phone).countryCallingCode
  return `+${code}${'•'.repeat(phone.length - code.length - 3)}${phone.slice(-2)}`
}

/** Three bytes of the number's hash: some six hundred numbers share each value, so it finds nobody. */
export const bucketOfPhone = (phone: string): number => createHash('sha256').update(phone).digest().readUIntBE(0, 3)

const ZEROS = [0x06_60, 0x06_f0, 0x09_66]

/** The digits of a code, however it is spaced and in whichever digits. Errors: `invalid/login_code_empty`. */
export const checkCode = (given: string): string => {
  const plain = given.replaceAll(/\p{Nd}/gu, (digit) => {
    const zero = ZEROS.find((start) => digit.charCodeAt(0) >= start && digit.charCodeAt(0) < start + 10)
    return zero === undefined ? digit : String(digit.charCodeAt(0) - zero)
  })
  const digits = plain.replaceAll(/\D/g, '').slice(0, 12)
  if (digits === '') throw invalid('login_code_empty', 'code')
  return digits
}

/** Steps after which the attempt goes on; all others end it. */
const GOING_ON: readonly LoginStep[] = ['enter_code', 'enter_password', 'request_code', 'wait']

export const endsLogin = (refusal: LoginRefusal): boolean => !GOING_ON.includes(LOGIN_REFUSALS[refusal])

const KIND_OF_STEP: Readonly<Record<LoginStep, ErrorKind>> = {
  enter_phone: 'invalid',
  sign_up_in_telegram: 'invalid',
  ask_telegram: 'forbidden',
  request_code: 'conflict',
  enter_code: 'invalid',
  enter_password: 'invalid',
  use_qr_later: 'rate_limited',
  wait: 'rate_limited',
  start_again: 'conflict',
  tell_operator: 'unavailable',
}

const FIELD_OF_STEP: Readonly<Partial<Record<LoginStep, string>>> = {
  enter_phone: 'phone',
  sign_up_in_telegram: 'phone',
  enter_code: 'code',
  request_code: 'code',
  enter_password: 'password',
}

/** Where Telegram names no time to wait. */
const DEFAULT_WAIT_MINUTES = 15

/** A refusal of Telegram's as the person reads it: `login_<refusal>` with its field and the minutes to wait. */
export const refusalOf = (refusal: LoginRefusal, waitSeconds: number | null, more: ErrorParams = {}): AppError => {
  const step = LOGIN_REFUSALS[refusal]
  const field = FIELD_OF_STEP[step]
  const minutes = waitSeconds === null ? DEFAULT_WAIT_MINUTES : Math.ceil(waitSeconds / 60)
  const kind = refusal === 'unreachable' ? 'unavailable' : KIND_OF_STEP[step]
  return new AppError(kind, `login_${refusal}`, { ...(field !== undefined && { field }), minutes, ...more })
}

/** What the sealed parts of an attempt are bound to. */
export const attemptContext = (
  part: 'phone' | 'code_hash' | 'hint' | 'qr',
  tenantId: number,
  sessionId: number,
): string => `login_attempt.${part}:${tenantId}:${sessionId}`
