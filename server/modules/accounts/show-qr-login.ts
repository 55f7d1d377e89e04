import { toDate } from '#server/base/clock.ts'

import type { LinkingPerson, LoginDeps } from './login-deps.ts'
import type { LoginAttempt } from './login-attempt.store.ts'
import {
  type StepEnd,
  afterProgress,
  afterResult,
  findAttempt,
  presentAttempt,
  sealPart,
  sessionOf,
  takeStep,
} from './login-attempt.ts'
import { LOGIN_LIMITS, type LoginView } from './login.rules.ts'

/** Telegram's codes live this long; a clock that differs from Telegram's must not show one for longer. */
const QR_LIFE_MS = 30_000

/** Asks Telegram for a QR code, or for what its scan has led to. */
export const askForQr = async (deps: LoginDeps, attempt: LoginAttempt, at: number): Promise<StepEnd> =>
  afterResult(await deps.login.showQr(sessionOf(deps, attempt)), (progress) => {
    if (progress.kind !== 'code') return afterProgress(deps, attempt, progress)
    const qr_expires_at = toDate(Math.min(progress.expiresAt, at + QR_LIFE_MS))
    return { kind: 'goes_on', changes: { qr_url_sealed: sealPart(deps, attempt, 'qr', progress.url), qr_expires_at } }
  })

/**
 * The QR code of the person's login, or what came after its scan. Costs Telegram a question only when the code has run
 * out or was scanned, so it can be called every second. `isScanned` asks in any case: the person says they have scanned
 * it. Errors: those of {@link takeStep}; while another call asks, the code before is shown.
 */
export const showQrLogin = async (
  deps: LoginDeps,
  person: LinkingPerson,
  { isScanned = false }: { readonly isScanned?: boolean } = {},
): Promise<LoginView> => {
  const { at } = person
  const attempt = await findAttempt(deps, person)
  if (attempt !== null && attempt.endedAt === null && attempt.expiresAt > at) {
    const isFresh = (attempt.qrExpiresAt ?? 0) - LOGIN_LIMITS.qrSpareMs > at
    const isQuiet = isFresh && !isScanned && !deps.login.wasQrScanned(sessionOf(deps, attempt))
    const isAsked = attempt.busyUntil !== null && attempt.busyUntil > at
    if (attempt.state !== 'scan' || isQuiet || isAsked) return presentAttempt(deps, attempt, at)
  }
  return takeStep(deps, person, ['scan'], (open) => askForQr(deps, open, at))
}
