import { AppError, invalid } from '#server/base/errors.ts'
import { asOperator, narrowToTenant } from '#server/db/tenant-scope.ts'
import { requireEntitlement } from '#server/modules/billing/index.ts'
import { recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { createUserSession } from './keep-user-sessions.ts'
import { clearOverdue, endAttempt, finishStep } from './login-attempt.ts'
import { type LoginAttempt, countAttemptsLocked, insertAttempt } from './login-attempt.store.ts'
import type { LinkingPerson, LoginDeps } from './login-deps.ts'
import {
  LOGIN_LIMITS,
  type LoginKind,
  type LoginView,
  attemptContext,
  bucketOfPhone,
  checkPhone,
  maskPhone,
} from './login.rules.ts'
import { askForCode, requireCodesLeft } from './continue-login.ts'
import { askForQr } from './show-qr-login.ts'

/** What the person agreed to before we log in for them: `LINK_CONSENT_VERSION`. */
export interface LoginConsent {
  /** Null when the box was not ticked. */
  readonly consentVersion: string | null
}

/**
 * Begins a login by phone: Telegram sends a code to the person. Audited with the text they agreed to. Errors:
 * `forbidden/not_allowed`, `invalid` with `login_consent_missing` or `phone_…`, `limit_reached` as `requireEntitlement`
 * has it, `rate_limited` with `login_attempts_max` or `login_codes_max`, `conflict/login_open`, and `login_<refusal>`
 * for what Telegram refuses; then nothing is left open.
 */
export const startPhoneLogin = async (
  deps: LoginDeps,
  input: LoginConsent & { readonly phone: string },
  person: LinkingPerson,
): Promise<LoginView> => {
  requireCan(person.access, 'accounts.link')
  const phone = checkPhone(input.phone)
  const attempt = await openAttempt(deps, { ...input, kind: 'phone', phone }, person)
  return endingAtRefusal(deps, attempt, person, () => finishStep(deps, attempt, person, askForCode(deps, attempt)))
}

/** Begins a login by QR code, to be shown. Audited. Errors: as {@link startPhoneLogin} without those of the phone. */
export const startQrLogin = async (deps: LoginDeps, input: LoginConsent, person: LinkingPerson): Promise<LoginView> => {
  requireCan(person.access, 'accounts.link')
  const attempt = await openAttempt(deps, { ...input, kind: 'qr', phone: null }, person)
  return endingAtRefusal(deps, attempt, person, () =>
    finishStep(deps, attempt, person, askForQr(deps, attempt, person.at)),
  )
}

/** The first question was refused: there is nothing to go on with, whatever the reason. */
const endingAtRefusal = async (
  deps: LoginDeps,
  attempt: LoginAttempt,
  person: LinkingPerson,
  begin: () => Promise<LoginView>,
): Promise<LoginView> => {
  try {
    return await begin()
  } catch (error) {
    const why = error instanceof AppError ? error.code.replace(/^login_/, '') : 'internal'
    await endAttempt(deps, attempt, why, person)
    throw error
  }
}

const openAttempt = async (
  deps: LoginDeps,
  input: LoginConsent & { readonly kind: LoginKind; readonly phone: string | null },
  person: LinkingPerson,
): Promise<LoginAttempt> => {
  const { consentVersion, kind, phone } = input
  if (consentVersion === null) throw invalid('login_consent_missing', 'consent')
  await clearOverdue(deps, person)
  const { at, by, tenantId, telegramId } = person
  const { attemptsPerTenant } = LOGIN_LIMITS
  return asOperator(deps.db, 'begin a login', async (all) => {
    if (phone !== null) await requireCodesLeft(all, bucketOfPhone(phone), at)
    const made = await countAttemptsLocked(all, tenantId, at - attemptsPerTenant.perMs)
    const tx = await narrowToTenant(all, tenantId)
    const session = await createUserSession(tx, deps.apiRoot, at)
    const attempt = await insertAttempt(
      tx,
      {
        telegramId,
        kind,
        consentVersion,
        sessionId: session.sessionId,
        expiresAt: at + LOGIN_LIMITS.attemptMs,
        phone: phone === null ? null : keepPhone(deps, phone, tenantId, session.sessionId),
      },
      at,
      at + LOGIN_LIMITS.busyMs,
    )
    if (attempt === null) throw new AppError('conflict', 'login_open')
    if (made >= attemptsPerTenant.max) {
      throw new AppError('rate_limited', 'login_attempts_max', { max: attemptsPerTenant.max })
    }
    await requireEntitlement(tx, 'accounts', { at })
    const detail = { kind, text: consentVersion, telegramId }
    const target = `login:${attempt.id}`
    await recordAudit(tx, { tenantId, actor: by, action: 'login.consented', target, detail, at })
    return attempt
  })
}

const keepPhone = (deps: LoginDeps, phone: string, tenantId: number, sessionId: number) => ({
  masked: maskPhone(phone),
  sealed: deps.box.seal(phone, attemptContext('phone', tenantId, sessionId)),
  bucket: bucketOfPhone(phone),
})
