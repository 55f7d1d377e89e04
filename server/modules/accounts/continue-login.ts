import { AppError, invalid } from '#server/base/errors.ts'
import { type OperatorTx, asOperator, narrowToTenant } from '#server/db/tenant-scope.ts'

import {
  type StepEnd,
  afterProgress,
  afterRefusal,
  afterResult,
  endAttempt,
  findAttempt,
  openPart,
  presentAttempt,
  sealPart,
  sessionOf,
  takeStep,
} from './login-attempt.ts'
import { type LoginAttempt, countCodesLocked, saveCodeSent } from './login-attempt.store.ts'
import type { LinkingPerson, LoginDeps } from './login-deps.ts'
import { LOGIN_LIMITS, type LoginView, checkCode, refusalOf } from './login.rules.ts'

/** Refuses a code too many for one number, for whichever tenant it is asked. Holds the number's counting. */
export const requireCodesLeft = async (tx: OperatorTx, bucket: number, at: number): Promise<void> => {
  const { max, perMs } = LOGIN_LIMITS.codesPerPhone
  if ((await countCodesLocked(tx, bucket, at - perMs)) >= max) {
    throw new AppError('rate_limited', 'login_codes_max', { field: 'phone', max })
  }
}

const requirePhone = (deps: LoginDeps, attempt: LoginAttempt): string => {
  const phone = openPart(deps, attempt, 'phone')
  if (phone === null) throw new Error(`login attempt ${attempt.id} has no phone`)
  return phone
}

/** Has Telegram send a code for the attempt. */
export const askForCode = async (deps: LoginDeps, attempt: LoginAttempt): Promise<StepEnd> =>
  afterResult(
    await deps.login.requestCode(sessionOf(deps, attempt), requirePhone(deps, attempt)),
    ({ codeHash, length, via }) => ({
      kind: 'goes_on',
      changes: {
        code_hash_sealed: sealPart(deps, attempt, 'code_hash', codeHash),
        code_length: length,
        code_via: via,
      },
    }),
  )

/**
 * Has Telegram send another code; the one before is worth nothing then. Errors: `rate_limited/login_codes_max`, those of
 * {@link takeStep}.
 */
export const resendCode = (deps: LoginDeps, person: LinkingPerson): Promise<LoginView> =>
  takeStep(deps, person, ['code'], async (attempt) => {
    await asOperator(deps.db, 'another login code', async (all) => {
      await requireCodesLeft(all, attempt.phoneBucket ?? 0, person.at)
      await saveCodeSent(await narrowToTenant(all, attempt.tenantId), attempt.id)
    })
    return askForCode(deps, attempt)
  })

/**
 * Gives Telegram the code the person has read: the account is linked, or its password is asked for. A wrong one counts;
 * after the fifth the attempt is over. Errors: `invalid/login_code_empty`, `invalid/login_code_invalid` with
 * `triesLeft`, `conflict/login_codes_wrong`, those of {@link takeStep}.
 */
export const submitLoginCode = async (deps: LoginDeps, given: string, person: LinkingPerson): Promise<LoginView> => {
  const code = checkCode(given)
  return takeStep(deps, person, ['code'], async (attempt) => {
    const codeHash = openPart(deps, attempt, 'code_hash')
    if (codeHash === null) return afterRefusal('code_expired', null)
    const phone = requirePhone(deps, attempt)
    const result = await deps.login.submitCode(sessionOf(deps, attempt), phone, codeHash, code)
    if (result.kind === 'done') return afterProgress(deps, attempt, result.value)
    if (result.refusal !== 'code_invalid') return afterRefusal(result.refusal, result.waitSeconds)
    const wrong_codes = attempt.wrongCodes + 1
    const triesLeft = LOGIN_LIMITS.wrongCodesMax - wrong_codes
    if (triesLeft > 0) {
      return { kind: 'goes_on', changes: { wrong_codes }, refusal: refusalOf('code_invalid', null, { triesLeft }) }
    }
    return { kind: 'over', why: 'codes_wrong', refusal: new AppError('conflict', 'login_codes_wrong') }
  })
}

/**
 * Gives Telegram the account's password (two-step verification), which is kept nowhere: the account is linked. A wrong
 * one counts; after the fifth the attempt is over. Errors: `invalid` with `login_password_missing` or
 * `login_password_invalid` with `triesLeft`, `conflict/login_passwords_wrong`, those of {@link takeStep}.
 */
export const submitLoginPassword = async (
  deps: LoginDeps,
  password: string,
  person: LinkingPerson,
): Promise<LoginView> => {
  if (password === '') throw invalid('login_password_missing', 'password')
  return takeStep(deps, person, ['password'], async (attempt) => {
    const result = await deps.login.submitPassword(sessionOf(deps, attempt), password)
    if (result.kind === 'done') return { kind: 'logged_in', profile: result.value }
    if (result.refusal !== 'password_invalid') return afterRefusal(result.refusal, result.waitSeconds)
    const wrong_passwords = attempt.wrongPasswords + 1
    const triesLeft = LOGIN_LIMITS.wrongPasswordsMax - wrong_passwords
    if (triesLeft > 0) {
      const refusal = refusalOf('password_invalid', null, { triesLeft })
      return { kind: 'goes_on', changes: { wrong_passwords }, refusal }
    }
    return { kind: 'over', why: 'passwords_wrong', refusal: new AppError('conflict', 'login_passwords_wrong') }
  })
}

/** How long an ended login is shown to the person who began it. */
const SHOWN_MS = 3 * LOGIN_LIMITS.attemptMs

/** The person's login for this tenant, open or lately ended; null when there is none. */
export const findLogin = async (deps: LoginDeps, person: LinkingPerson): Promise<LoginView | null> => {
  const attempt = await findAttempt(deps, person)
  if (attempt === null || attempt.expiresAt + SHOWN_MS <= person.at) return null
  return presentAttempt(deps, attempt, person.at)
}

/** Ends the person's open login: its session is logged out and removed. Errors: `conflict/login_busy`. Repeatable. */
export const cancelLogin = async (deps: LoginDeps, person: LinkingPerson): Promise<void> => {
  const attempt = await findAttempt(deps, person)
  if (attempt === null || attempt.endedAt !== null) return
  if (attempt.busyUntil !== null && attempt.busyUntil > person.at) throw new AppError('conflict', 'login_busy')
  await endAttempt(deps, attempt, 'cancelled', person)
}
