import type { OnboardingSurface } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import type { Logger } from '#server/base/logger.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import { withdrawPayment } from '#server/modules/billing/index.ts'
import { setTenantState } from '#server/modules/tenancy/index.ts'

import {
  ATTEMPT_LIMITS,
  type Onboarding,
  type OnboardingCommand,
  type OnboardingDecision,
  type OnboardingMove,
  allowedCommands,
  hasEnded,
  next,
  stepExpiresAt,
} from './onboarding.rules.ts'
import {
  type OnboardingColumns,
  insertEvents,
  insertSteps,
  lockOnboarding,
  selectOnboarding,
  updateOnboarding,
} from './onboarding.store.ts'

/** Lines for the log, written once the transaction they tell of has been committed. */
export type Journal = (fields: object, message: string) => void

/** Runs `work` in one transaction over all tenants, and logs what it did if it did it. */
export const changing = async <T>(
  deps: { readonly db: Db; readonly log: Logger },
  work: (tx: OperatorTx, journal: Journal) => Promise<T>,
): Promise<T> => {
  const lines: (readonly [object, string])[] = []
  const result = await asOperator(deps.db, 'onboarding', (tx) =>
    work(tx, (fields, message) => void lines.push([fields, message])),
  )
  for (const [fields, message] of lines) deps.log.info(fields, message)
  return result
}

export interface OnboardingOwner {
  readonly onboardingId: number
  /** The person; an onboarding of somebody else does not exist for them. */
  readonly telegramId: number
}

/** The person's own onboarding, locked. Errors: `not_found`, `conflict/onboarding_late` when its time is over. */
export const lockOwn = async (tx: OperatorTx, owner: OnboardingOwner, at: number): Promise<Onboarding> => {
  const row = await lockOnboarding(tx, { id: owner.onboardingId })
  if (!row || row.telegramId !== owner.telegramId) throw notFound('onboarding', owner.onboardingId)
  // The duty that ends what is overdue may not have come by yet. An overdue order only wants another one.
  if (row.expiresAt !== null && row.expiresAt <= at && row.state !== 'payment_pending')
    throw new AppError('conflict', 'onboarding_late', { state: row.state })
  return row
}

type Refusal = Extract<OnboardingDecision, { readonly kind: 'refuse' }>

/** What a refused command answers: where the person stands, and what would be right. */
export const refusalOf = (row: Onboarding, refusal: Refusal): AppError =>
  refusal.code === 'onboarding_attempts'
    ? new AppError('limit_reached', refusal.code, { what: refusal.attempt, max: ATTEMPT_LIMITS[refusal.attempt] })
    : new AppError('conflict', refusal.code, { state: row.state, allowed: allowedCommands(row).join(', ') || '–' })

/** Errors: `conflict` with `onboarding_step`, `onboarding_paid` or `onboarding_over`, `limit_reached/onboarding_attempts`. */
export const decide = (row: Onboarding, command: OnboardingCommand): Exclude<OnboardingDecision, Refusal> => {
  const decision = next(row, command)
  if (decision.kind === 'refuse') throw refusalOf(row, decision)
  return decision
}

export interface Step {
  readonly command: OnboardingCommand
  readonly at: number
  /** Where the person did it; null when nobody did. */
  readonly surface: OnboardingSurface | null
  /** Columns that change with the step. */
  readonly columns?: OnboardingColumns
  /** When the order that is now waited for expires. */
  readonly paymentExpiresAt?: number
}

/** Writes a move down: state, steps, events, and what has to be taken back within the database. */
export const applyMove = async (
  tx: OperatorTx,
  journal: Journal,
  before: Onboarding,
  move: OnboardingMove,
  step: Step,
): Promise<Onboarding> => {
  const { at, surface, command } = step
  const { id } = before
  await takeBack(tx, before, move, at)
  await updateOnboarding(tx, id, { ...columnsOf(before, move, step), ...step.columns })
  const steps = move.path.map((to, i) => ({
    from: move.path[i - 1] ?? before.state,
    to,
    cause: command.kind,
    surface,
  }))
  await insertSteps(tx, id, steps, at)
  await insertEvents(tx, id, move.events, at)
  const after = await selectOnboarding(tx, { id })
  if (!after) throw new Error(`onboarding ${id} vanished in its own transaction`)
  const { state, tenantId } = after
  if (tenantId !== null && steps.length > 0)
    await withinTenant(tx, tenantId, (inner) =>
      emitEvents(inner, at, [{ type: 'onboarding.changed', payload: { onboardingId: id, state } }]),
    )
  for (const { from, to, cause } of steps) journal({ onboardingId: id, from, to, cause, surface }, 'onboarding moved')
  for (const name of move.events) journal({ onboardingId: id, event: name, package: after.package }, name)
  return after
}

const columnsOf = (before: Onboarding, move: OnboardingMove, step: Step): OnboardingColumns => {
  const { at } = step
  const { state, attempts, isPaid } = move.facts
  const counts = { ways_tried: attempts.ways, claims_made: attempts.claims, links_failed: attempts.links }
  if (move.path.length === 0) return { ...counts, is_paid: isPaid }
  const isOver = hasEnded(state)
  const expiresAt = stepExpiresAt(state, at, step.paymentExpiresAt ?? before.expiresAt)
  // Nothing was made yet, or what was made stays: there is nothing to take back.
  const isClear = isOver && (move.undo !== 'all' || before.tenantId === null)
  return {
    ...counts,
    state,
    is_paid: isPaid,
    step_entered_at: toDate(at),
    expires_at: expiresAt === null ? null : toDate(expiresAt),
    ended_at: isOver ? toDate(at) : null,
    end_reason: isOver ? move.endReason : null,
    cleared_at: isClear ? toDate(at) : null,
    ...(isClear && state !== 'active' && { name: null }),
    ...(move.undo === 'order' && { payment_id: null }),
    ...(move.undo === 'account' && { account_id: null, link_way: null }),
  }
}

/** An order that is not waited for any more is closed, and a tenant that is given up sends nothing from now on. */
const takeBack = async (tx: OperatorTx, before: Onboarding, move: OnboardingMove, at: number): Promise<void> => {
  const { tenantId, paymentId, telegramId } = before
  if (tenantId === null || (move.undo !== 'order' && move.undo !== 'all')) return
  const by = `telegram:${telegramId}`
  if (paymentId !== null) await withinTenant(tx, tenantId, (inner) => withdrawPayment(inner, { paymentId, by, at }))
  if (move.undo === 'all')
    await setTenantState(tx, tenantId, { state: 'suspended', reason: `onboarding ${move.endReason}` }, { by, at })
}
