import { randomBytes } from 'node:crypto'
import { badRequest, RpcRefusal, unauthorized } from '#simulator/user-accounts/rpc-refusal.ts'
import { isPasswordProof, offerPasswordCheck } from '#simulator/user-accounts/password.ts'
import type { KeyState, LoginCode, QrToken, UserAccount, UserAccounts } from '#simulator/user-accounts/types.ts'

const CODE_LIFETIME_MS = 300_000
const CODE_TRIES = 5
const QR_LIFETIME_MS = 30_000

/** The state of a key, made when it is first seen. */
export function openKey(accounts: UserAccounts, keyId: string): KeyState {
  const known = accounts.keys.get(keyId)
  if (known) return known
  const state: KeyState = {
    keyId,
    authorization: null,
    passwordOwedBy: null,
    passwordCheck: null,
    device: { model: 'unknown', app: 'unknown', appVersion: '0', apiId: 0 },
  }
  accounts.keys.set(keyId, state)
  return state
}

/** Who is logged in with the key. Refuses keys that nobody is, or not yet. */
export function requireAccount(key: KeyState): UserAccount {
  if (key.authorization) return key.authorization.account
  throw unauthorized(key.passwordOwedBy ? 'SESSION_PASSWORD_NEEDED' : 'AUTH_KEY_UNREGISTERED')
}

/** Sends a code to the phone's account and answers the hash that names it; the newest code replaces older ones. */
export function sendLoginCode(accounts: UserAccounts, phoneNumber: string): string {
  const phone = phoneNumber.replaceAll(/\D/g, '')
  if (!/^\d{7,15}$/.test(phone)) throw new RpcRefusal(406, 'PHONE_NUMBER_INVALID')
  if (accounts.byPhone.get(phone)?.isBanned) throw badRequest('PHONE_NUMBER_BANNED')
  for (const [hash, older] of accounts.codes) if (older.phone === phone) accounts.codes.delete(hash)
  const hash = randomBytes(9).toString('hex')
  accounts.codes.set(hash, {
    phone,
    code: String(accounts.world.random.int(10_000, 99_999)),
    expiresAt: accounts.world.clock.now() + CODE_LIFETIME_MS,
    triesLeft: CODE_TRIES,
    isVoid: false,
  })
  return hash
}

/** Whoever writes a code into a chat gives it away, so Telegram stops honouring it. */
export function voidCodesIn(accounts: UserAccounts, text: string): void {
  for (const code of accounts.codes.values()) if (text.includes(code.code)) code.isVoid = true
}

/** Checks a code; null when the phone has no account. A wrong one costs a try, and five cost the code. */
export function checkLoginCode(accounts: UserAccounts, hash: string, given: string): UserAccount | null {
  if (given === '') throw badRequest('PHONE_CODE_EMPTY')
  const code = accounts.codes.get(hash)
  if (!code || !isAlive(accounts, code)) throw badRequest('PHONE_CODE_EXPIRED')
  if (given !== code.code) {
    code.triesLeft -= 1
    if (code.triesLeft === 0) accounts.codes.delete(hash)
    throw badRequest('PHONE_CODE_INVALID')
  }
  accounts.codes.delete(hash)
  return accounts.byPhone.get(code.phone) ?? null
}

function isAlive(accounts: UserAccounts, code: LoginCode): boolean {
  return !code.isVoid && code.expiresAt > accounts.world.clock.now()
}

/** Logs the account in with this key, or asks for its password first. */
export function admit(accounts: UserAccounts, key: KeyState, account: UserAccount): UserAccount {
  if (account.password) {
    key.passwordOwedBy = account
    throw unauthorized('SESSION_PASSWORD_NEEDED')
  }
  return authorize(accounts, key, account)
}

function authorize(accounts: UserAccounts, key: KeyState, account: UserAccount): UserAccount {
  const now = accounts.world.clock.now()
  const hash = (BigInt(`0x${randomBytes(8).toString('hex')}`) >> 2n).toString()
  key.authorization = { hash, account, createdAt: now, activeAt: now }
  key.passwordOwedBy = null
  key.passwordCheck = null
  return account
}

/** Begins a password check for whoever this key belongs to. */
export function beginPasswordCheck(key: KeyState): { readonly account: UserAccount; readonly offered: bigint } {
  const account = key.passwordOwedBy ?? requireAccount(key)
  if (!account.password) return { account, offered: 0n }
  const id = (BigInt(`0x${randomBytes(8).toString('hex')}`) >> 2n).toString()
  key.passwordCheck = { id, ...offerPasswordCheck(account.password) }
  return { account, offered: key.passwordCheck.offered }
}

/** Ends a password check: logs in, or refuses a wrong proof. One proof for each check. */
export function checkPassword(
  accounts: UserAccounts,
  key: KeyState,
  answer: { readonly id: string; readonly A: Uint8Array; readonly M1: Uint8Array },
): UserAccount {
  const account = key.passwordOwedBy ?? requireAccount(key)
  const check = key.passwordCheck
  if (!account.password || !check || check.id !== answer.id) throw badRequest('SRP_ID_INVALID')
  key.passwordCheck = null
  if (!isPasswordProof(account.password, check, answer)) throw badRequest('PASSWORD_HASH_INVALID')
  return authorize(accounts, key, account)
}

/** The answer to a client that shows a QR code: logged in by a scan, or a token to show for 30 seconds. */
export function exportLoginToken(
  accounts: UserAccounts,
  key: KeyState,
):
  | { readonly kind: 'logged_in'; readonly account: UserAccount }
  | { readonly kind: 'token'; readonly token: Buffer; readonly expiresAt: number } {
  const now = accounts.world.clock.now()
  for (const [token, { keyId, expiresAt, acceptedBy }] of accounts.qrTokens) {
    if (expiresAt <= now || keyId === key.keyId) accounts.qrTokens.delete(token)
    if (keyId === key.keyId && acceptedBy) return { kind: 'logged_in', account: admit(accounts, key, acceptedBy) }
  }
  const token = randomBytes(32)
  const expiresAt = now + QR_LIFETIME_MS
  accounts.qrTokens.set(token.toString('hex'), { keyId: key.keyId, expiresAt, acceptedBy: null })
  return { kind: 'token', token, expiresAt }
}

/** What a logged-in phone does when it scans the code; the client that shows it is told at once. */
export function acceptLoginToken(accounts: UserAccounts, account: UserAccount, token: Uint8Array): QrToken {
  const known = accounts.qrTokens.get(Buffer.from(token).toString('hex'))
  if (!known) throw badRequest('AUTH_TOKEN_INVALID')
  if (known.expiresAt <= accounts.world.clock.now()) throw badRequest('AUTH_TOKEN_EXPIRED')
  if (known.acceptedBy) throw badRequest('AUTH_TOKEN_ALREADY_ACCEPTED')
  known.acceptedBy = account
  for (const tell of accounts.listeners) tell({ kind: 'login_token_accepted', keyId: known.keyId })
  return known
}

/** Ends the login of a key: from now on its calls are refused. */
export function revokeKey(accounts: UserAccounts, key: KeyState): void {
  accounts.keys.delete(key.keyId)
}
