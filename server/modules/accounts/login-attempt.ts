import { AppError } from '#server/base/errors.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { LoginProgress, LoginRefusal, LoginResult, UserProfile } from '#server/gateways/telegram/login.ts'
import type { UserSession } from '#server/gateways/telegram/user-session.ts'
import { recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import {
  type AttemptChanges,
  type LoginAttempt,
  claimAttempt,
  endOverdue,
  saveEnd,
  saveStep,
  selectLatestAttempt,
} from './login-attempt.store.ts'
import type { LinkingPerson, LoginDeps } from './login-deps.ts'
import {
  LOGIN_LIMITS,
  type LoginView,
  attemptContext,
  type OpenLoginState,
  endsLogin,
  refusalOf,
} from './login.rules.ts'
import { linkUserAccount } from './link-user-account.ts'
import { discardSession } from './discard-session.ts'

const requireSession = ({ id, sessionId }: LoginAttempt): number => {
  if (sessionId === null) throw new Error(`login attempt ${id} has no session`)
  return sessionId
}

export const sessionOf = (deps: LoginDeps, attempt: LoginAttempt): UserSession => ({
  tenantId: attempt.tenantId,
  sessionId: requireSession(attempt),
  apiRoot: deps.apiRoot,
})

/** A sealed part of an attempt, opened; it is never logged. */
export const openPart = (
  deps: LoginDeps,
  attempt: LoginAttempt,
  part: 'phone' | 'code_hash' | 'hint' | 'qr',
): string | null => {
  const column = { phone: 'phoneSealed', code_hash: 'codeHashSealed', hint: 'hintSealed', qr: 'qrUrlSealed' } as const
  const sealed = attempt[column[part]]
  return sealed === null ? null : deps.box.open(sealed, attemptContext(part, attempt.tenantId, requireSession(attempt)))
}

export const sealPart = (
  deps: LoginDeps,
  attempt: LoginAttempt,
  part: 'code_hash' | 'hint' | 'qr',
  plain: string,
): Buffer => deps.box.seal(plain, attemptContext(part, attempt.tenantId, requireSession(attempt)))

/** The attempt as its person sees it. One whose time is over shows as ended before anybody has ended it. */
export const presentAttempt = (deps: LoginDeps, attempt: LoginAttempt, at: number): LoginView => {
  const isOver = attempt.endedAt !== null || attempt.expiresAt <= at
  const state = attempt.endedAt === null && isOver ? 'ended' : attempt.state
  const url = isOver ? null : openPart(deps, attempt, 'qr')
  return {
    kind: attempt.kind,
    state,
    endedWhy: state === 'ended' ? (attempt.endedWhy ?? 'expired') : null,
    phoneMasked: attempt.phoneMasked,
    codeVia: attempt.codeVia,
    codeLength: attempt.codeLength,
    triesLeft:
      state === 'password'
        ? LOGIN_LIMITS.wrongPasswordsMax - attempt.wrongPasswords
        : LOGIN_LIMITS.wrongCodesMax - attempt.wrongCodes,
    hint: isOver ? null : openPart(deps, attempt, 'hint'),
    qr: url === null ? null : { url, expiresAt: attempt.qrExpiresAt ?? 0 },
    accountId: attempt.accountId,
    expiresAt: attempt.expiresAt,
  }
}

export const findAttempt = (deps: LoginDeps, { tenantId, telegramId }: LinkingPerson): Promise<LoginAttempt | null> =>
  inTenant(deps.db, tenantId, (tx) => selectLatestAttempt(tx, telegramId))

/** Ends the attempt and its session, so that nothing is left of it here or at Telegram. Audited. */
export const endAttempt = async (
  deps: LoginDeps,
  attempt: LoginAttempt,
  why: string,
  { by, at }: Pick<LinkingPerson, 'by' | 'at'>,
): Promise<void> => {
  const ended = await inTenant(deps.db, attempt.tenantId, async (tx) => {
    if (!(await saveEnd(tx, attempt.id, { why }, at))) return false
    const target = `login:${attempt.id}`
    await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'login.ended', target, detail: { why }, at })
    return true
  })
  if (ended) await discardSession(deps, sessionOf(deps, attempt))
}

/** How a step that asked Telegram something ended. */
export type StepEnd =
  | { readonly kind: 'goes_on'; readonly changes: AttemptChanges; readonly refusal?: AppError }
  | { readonly kind: 'over'; readonly why: string; readonly refusal: AppError }
  | { readonly kind: 'logged_in'; readonly profile: UserProfile }

/** What follows a refusal that is not counted: most end the attempt, some let it go on. */
export const afterRefusal = (refusal: LoginRefusal, waitSeconds: number | null): StepEnd =>
  endsLogin(refusal)
    ? { kind: 'over', why: refusal, refusal: refusalOf(refusal, waitSeconds) }
    : { kind: 'goes_on', changes: {}, refusal: refusalOf(refusal, waitSeconds) }

/** What follows when Telegram has let the person in, or asks for their password. */
export const afterProgress = (deps: LoginDeps, attempt: LoginAttempt, progress: LoginProgress): StepEnd => {
  if (progress.kind === 'logged_in') return { kind: 'logged_in', profile: progress.profile }
  const { hint } = progress
  const hint_sealed = hint === null || hint === '' ? null : sealPart(deps, attempt, 'hint', hint)
  return { kind: 'goes_on', changes: { state: 'password', hint_sealed, code_hash_sealed: null, qr_url_sealed: null } }
}

/** {@link afterRefusal} or what `proceed` makes of the value. */
export const afterResult = <T>(result: LoginResult<T>, proceed: (value: T) => StepEnd): StepEnd =>
  result.kind === 'done' ? proceed(result.value) : afterRefusal(result.refusal, result.waitSeconds)

/**
 * Takes the person's open attempt for one question to Telegram, which `ask` puts with no transaction open, and writes
 * down what came of it. Errors: `forbidden/not_allowed`, `conflict` with `login_none`, `login_expired`, `login_busy`
 * (somebody asks already) or `login_step_over`, the refusal of the step, those of {@link linkUserAccount}.
 */
export const takeStep = async (
  deps: LoginDeps,
  person: LinkingPerson,
  states: readonly OpenLoginState[],
  ask: (attempt: LoginAttempt) => Promise<StepEnd>,
): Promise<LoginView> => {
  requireCan(person.access, 'accounts.link')
  const { at } = person
  const found = await findAttempt(deps, person)
  if (found === null || found.endedAt !== null) throw new AppError('conflict', 'login_none')
  if (found.expiresAt <= at) {
    await endAttempt(deps, found, 'expired', person)
    throw new AppError('conflict', 'login_expired')
  }
  const attempt = await inTenant(deps.db, person.tenantId, async (tx) => {
    if (!(await claimAttempt(tx, found.id, at, at + LOGIN_LIMITS.busyMs))) throw new AppError('conflict', 'login_busy')
    return selectLatestAttempt(tx, person.telegramId)
  })
  if (attempt === null) throw new Error(`login attempt ${found.id} vanished`)
  const end = states.some((state) => state === attempt.state)
    ? ask(attempt)
    : Promise.resolve<StepEnd>({
        kind: 'goes_on',
        changes: {},
        refusal: new AppError('conflict', 'login_step_over'),
      })
  return finishStep(deps, attempt, person, end)
}

/** Writes down what came of a step of a claimed attempt; whatever happens, the attempt is free again. */
export const finishStep = async (
  deps: LoginDeps,
  attempt: LoginAttempt,
  person: LinkingPerson,
  pending: Promise<StepEnd>,
): Promise<LoginView> => {
  const save = (changes: AttemptChanges) =>
    inTenant(deps.db, person.tenantId, (tx) => saveStep(tx, attempt.id, changes))
  let end: StepEnd
  try {
    end = await pending
  } catch (error) {
    await save({})
    throw error
  }
  switch (end.kind) {
    case 'goes_on':
      await save(end.changes)
      if (end.refusal) throw end.refusal
      break
    case 'over':
      await endAttempt(deps, attempt, end.why, person)
      throw end.refusal
    case 'logged_in':
      await linkOrEnd(deps, attempt, end.profile, person)
  }
  const now = await findAttempt(deps, person)
  if (now === null) throw new Error(`login attempt ${attempt.id} vanished`)
  return presentAttempt(deps, now, person.at)
}

const linkOrEnd = async (
  deps: LoginDeps,
  attempt: LoginAttempt,
  profile: UserProfile,
  person: LinkingPerson,
): Promise<void> => {
  // Whoever works the account may open the session from the moment it is linked: two with one key would cost it.
  await deps.login.release(sessionOf(deps, attempt))
  try {
    await linkUserAccount(deps, attempt, profile, person)
  } catch (error) {
    await endAttempt(deps, attempt, error instanceof AppError ? error.code : 'internal', person)
    throw error
  }
}

/** Ends what the person left open past its time, so that a new attempt finds its place free. */
export const clearOverdue = (deps: LoginDeps, person: LinkingPerson): Promise<number> =>
  asOperator(deps.db, 'overdue logins', (tx) => endOverdue(tx, person.at, person.telegramId))
