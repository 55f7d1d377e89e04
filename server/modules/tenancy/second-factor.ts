import { toDate } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { type SecretBox, hashSecret } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator } from '#server/db/tenant-scope.ts'

import { type Access, requireCan } from './access.rules.ts'
import { recordAudit } from './audit.store.ts'
import {
  SECOND_FACTOR_LIMITS,
  type SecondFactor,
  acceptedStep,
  isTotpCode,
  lockAfter,
  newRecoveryCodes,
  newTotpSecret,
  personKey,
  plainCode,
  secondFactorContext,
  totpUri,
} from './second-factor.rules.ts'
import {
  countRecoveryCodes,
  deleteSecondFactor,
  insertPendingFactor,
  lockSecondFactor,
  replaceRecoveryCodes,
  saveSecondFactor,
  saveSessionPass,
  selectSecondFactor,
  useRecoveryCode,
} from './second-factor.store.ts'
import type { WebPerson, WebSession } from './web-session.rules.ts'

/** Whose factor it is, and when: `now` is the time of people and their devices, `at` that of the audit log. */
export interface FactorCall {
  readonly db: Db
  readonly box: SecretBox
  readonly session: Pick<WebSession, 'id' | 'telegramId'>
  readonly now: number
  readonly at: number
}

interface FactorState {
  /** Since when codes are asked for, epoch ms; null when they are not. */
  readonly confirmedAt: number | null
  readonly recoveryCodesLeft: number
}

const nameOf = ({ telegramId }: WebPerson): string => `operator:${telegramId ?? 'console'}`

type Event = 'enrolled' | 'removed' | 'codes_renewed' | 'recovery_used' | 'locked'

const audit = (tx: OperatorTx, { session, at }: FactorCall, event: Event, detail: Record<string, number> = {}) =>
  recordAudit(tx, {
    tenantId: null,
    actor: nameOf(session),
    action: `second_factor.${event}`,
    target: nameOf(session),
    detail,
    at,
  })

export const viewSecondFactor = (db: Db, person: WebPerson): Promise<FactorState> =>
  asOperator(db, 'second factor', async (tx) => {
    const factor = await selectSecondFactor(tx, personKey(person))
    const recoveryCodesLeft = await countRecoveryCodes(tx, personKey(person))
    return { confirmedAt: factor?.confirmedAt ?? null, recoveryCodesLeft }
  })

/**
 * Makes a secret for an authenticator app; nothing is asked for before its first code was right. Begun again, the secret
 * before is worth nothing. Errors: `forbidden/not_allowed` for who is no operator, `conflict/second_factor_on`.
 */
export const enrolSecondFactor = (
  { db, box, session, at, now }: FactorCall,
  access: Access,
  label: string,
): Promise<{ readonly secret: string; readonly uri: string }> => {
  requireCan(access, 'installation.view')
  return asOperator(db, 'second factor', async (tx) => {
    const person = personKey(session)
    const secret = newTotpSecret()
    const sealed = box.seal(secret, secondFactorContext(person))
    if (!(await insertPendingFactor(tx, person, sealed, Math.max(at, now))))
      throw new AppError('conflict', 'second_factor_on')
    return { secret, uri: totpUri(secret, label) }
  })
}

const renewCodes = async (tx: OperatorTx, person: number): Promise<readonly string[]> => {
  const codes = newRecoveryCodes()
  await replaceRecoveryCodes(
    tx,
    person,
    codes.map((code) => hashSecret(plainCode(code))),
  )
  return codes
}

type Verdict =
  | { readonly kind: 'accepted'; readonly by: 'code' | 'recovery' }
  | { readonly kind: 'wrong'; readonly left: number }
  | { readonly kind: 'locked'; readonly ms: number }

const refuse = (verdict: Exclude<Verdict, { readonly kind: 'accepted' }>): AppError =>
  verdict.kind === 'locked'
    ? new AppError('rate_limited', 'second_factor_locked', { minutes: Math.ceil(verdict.ms / MINUTE_MS) })
    : invalid('second_factor_wrong', 'code', { left: verdict.left })

const stepOf = (call: FactorCall, factor: SecondFactor, plain: string): number | null => {
  if (!isTotpCode(plain)) return null
  const secret = call.box.open(factor.secretSealed, secondFactorContext(personKey(call.session)))
  return acceptedStep(secret, plain, { now: call.now, lastStep: factor.lastStep })
}

const countWrong = async (tx: OperatorTx, call: FactorCall, { wrongCodes }: SecondFactor): Promise<Verdict> => {
  const wrong = wrongCodes + 1
  const ms = lockAfter(wrong)
  const lock = ms === null ? null : toDate(call.now + ms)
  await saveSecondFactor(tx, personKey(call.session), { wrong_codes: wrong, locked_until: lock })
  const most = SECOND_FACTOR_LIMITS.wrongCodes
  if (ms === null) return { kind: 'wrong', left: most - (wrong % most) }
  await audit(tx, call, 'locked', { wrong, minutes: ms / MINUTE_MS })
  return { kind: 'locked', ms }
}

/** Looks at a code, of the app or for recovery, and uses it up. A wrong one is counted. */
const judge = async (tx: OperatorTx, call: FactorCall, factor: SecondFactor, typed: string): Promise<Verdict> => {
  const { now, session } = call
  const person = personKey(session)
  if (factor.lockedUntil !== null && factor.lockedUntil > now) return { kind: 'locked', ms: factor.lockedUntil - now }
  const plain = plainCode(typed)
  const step = stepOf(call, factor, plain)
  const accepted = { wrong_codes: 0, locked_until: null }
  if (step !== null) {
    await saveSecondFactor(tx, person, { ...accepted, last_step: step })
    return { kind: 'accepted', by: 'code' }
  }
  if (factor.confirmedAt === null || !(await useRecoveryCode(tx, person, hashSecret(plain), now)))
    return countWrong(tx, call, factor)
  await saveSecondFactor(tx, person, accepted)
  await audit(tx, call, 'recovery_used', { left: await countRecoveryCodes(tx, person) })
  return { kind: 'accepted', by: 'recovery' }
}

type Wanted = 'confirmed' | 'pending'

/** Judges first and does then; that a code was wrong is written down although nothing else is. */
const withCode = async <T>(
  call: FactorCall,
  typed: string,
  wanted: Wanted,
  work: (tx: OperatorTx) => Promise<T>,
): Promise<T> => {
  const end = await asOperator(call.db, 'second factor', async (tx) => {
    const factor = await lockSecondFactor(tx, personKey(call.session))
    const stand = factor === null ? null : factor.confirmedAt === null ? 'pending' : 'confirmed'
    if (factor === null || stand !== wanted)
      throw new AppError('conflict', stand === 'confirmed' ? 'second_factor_on' : 'second_factor_off')
    const verdict = await judge(tx, call, factor, typed)
    return verdict.kind === 'accepted' ? { kind: 'done' as const, result: await work(tx) } : verdict
  })
  if (end.kind !== 'done') throw refuse(end)
  return end.result
}

/**
 * Lets codes be asked for from now on: the first was right. The session that gave it goes on, the person's others owe a
 * code. Returns the recovery codes, once. Audited. Errors: `conflict` with `second_factor_on` or `second_factor_off`,
 * `invalid/second_factor_wrong`, `rate_limited/second_factor_locked`.
 */
export const confirmSecondFactor = (call: FactorCall, access: Access, code: string): Promise<readonly string[]> => {
  requireCan(access, 'installation.view')
  return withCode(call, code, 'pending', async (tx) => {
    const person = personKey(call.session)
    await saveSecondFactor(tx, person, { confirmed_at: toDate(call.now) })
    await saveSessionPass(tx, call.session.id, call.now)
    await audit(tx, call, 'enrolled')
    return renewCodes(tx, person)
  })
}

/** Lets the session go on as a whole one. Errors: as {@link confirmSecondFactor}. */
export const passSecondFactor = (call: FactorCall, code: string): Promise<void> =>
  withCode(call, code, 'confirmed', (tx) => saveSessionPass(tx, call.session.id, call.now))

/** New recovery codes in place of all before, shown once. Audited. Errors: as {@link confirmSecondFactor}. */
export const renewRecoveryCodes = (call: FactorCall, code: string): Promise<readonly string[]> =>
  withCode(call, code, 'confirmed', async (tx) => {
    await audit(tx, call, 'codes_renewed')
    return renewCodes(tx, personKey(call.session))
  })

/** Asks for no more codes. Audited. Errors: as {@link confirmSecondFactor}. */
export const removeSecondFactor = (call: FactorCall, code: string): Promise<void> =>
  withCode(call, code, 'confirmed', async (tx) => {
    await deleteSecondFactor(tx, personKey(call.session))
    await audit(tx, call, 'removed')
  })

/**
 * Takes away the factor of somebody who has lost device and recovery codes; for whoever has the shell. `telegramId` is
 * null for the console's own. Audited. Errors: `conflict/second_factor_off`.
 */
export const resetSecondFactor = async (
  tx: OperatorTx,
  person: WebPerson,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const target = nameOf(person)
  if (!(await deleteSecondFactor(tx, personKey(person)))) throw new AppError('conflict', 'second_factor_off')
  await recordAudit(tx, { tenantId: null, actor: by, action: 'second_factor.reset', target, at })
}
