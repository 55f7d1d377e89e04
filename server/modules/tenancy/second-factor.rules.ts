import { Secret, TOTP } from 'otpauth'

import { DAY_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { randomWord } from '#server/base/secret.ts'

const STEP_MS = 30 * SECOND_MS

export const SECOND_FACTOR_LIMITS = {
  /** Steps of 30 seconds that the clock of a device may be off, to either side. */
  driftSteps: 1,
  /** So many wrong codes in a row lock it; each further lock lasts twice as long. */
  wrongCodes: 5,
  lockMs: 15 * MINUTE_MS,
  lockMaxMs: DAY_MS,
  recoveryCodes: 10,
} as const

/** A person's second factor, as it is kept. Instants are epoch ms. */
export interface SecondFactor {
  readonly secretSealed: Buffer
  /** Null until the first code was right. */
  readonly confirmedAt: number | null
  /** The newest time step a code was accepted for. */
  readonly lastStep: number | null
  readonly wrongCodes: number
  readonly lockedUntil: number | null
}

/** What a row is keyed by: whoever has the console of the server is nobody of Telegram. */
export const personKey = ({ telegramId }: { readonly telegramId: number | null }): number => telegramId ?? 0

/** What a sealed secret is bound to. */
export const secondFactorContext = (person: number): string => `second_factor.secret:${person}`

/** A new secret in base32, as authenticator apps take it: 20 bytes of chance (RFC 4226). */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32

const totpOf = (secret: string, label = ''): TOTP =>
  new TOTP({
    issuer: 'Gavatcore',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: STEP_MS / SECOND_MS,
    secret: Secret.fromBase32(secret),
  })

/** The address that an authenticator app reads from a QR code. */
export const totpUri = (secret: string, label: string): string => totpOf(secret, label).toString()

/**
 * The time step this code is right for, within the drift, and newer than `lastStep`; null when it is wrong or was used
 * already.
 */
export const acceptedStep = (
  secret: string,
  code: string,
  { now, lastStep }: { readonly now: number; readonly lastStep: number | null },
): number | null => {
  const window = SECOND_FACTOR_LIMITS.driftSteps
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window })
  if (delta === null) return null
  const step = Math.floor(now / STEP_MS) + delta
  return lastStep !== null && step <= lastStep ? null : step
}

/** How long so many wrong codes in a row lock the factor; null when they do not. Ms. */
export const lockAfter = (wrongCodes: number): number | null => {
  const { wrongCodes: most, lockMs, lockMaxMs } = SECOND_FACTOR_LIMITS
  if (wrongCodes === 0 || wrongCodes % most !== 0) return null
  return Math.min(lockMs * 2 ** (wrongCodes / most - 1), lockMaxMs)
}

/** Ten codes of 16 letters and digits in groups of four: 82 bits of chance each. */
export const newRecoveryCodes = (): readonly string[] =>
  Array.from({ length: SECOND_FACTOR_LIMITS.recoveryCodes }, () =>
    Array.from({ length: 4 }, () => randomWord(4)).join('-'),
  )

/** What somebody typed, as codes are compared: without spaces and dashes, in small letters. */
export const plainCode = (typed: string): string => typed.replaceAll(/[\s-]/g, '').toLowerCase().slice(0, 64)

export const isTotpCode = (plain: string): boolean => /^\d{6}$/.test(plain)

/** Where a session stands: `off` without a factor, `owed` until a code was given. */
export type SecondFactorStand = 'off' | 'owed' | 'passed'

/** A code that was given before the factor was set up does not count. */
export const standOf = (confirmedAt: number | null, passedAt: number | null): SecondFactorStand => {
  if (confirmedAt === null) return 'off'
  return passedAt !== null && passedAt >= confirmedAt ? 'passed' : 'owed'
}
