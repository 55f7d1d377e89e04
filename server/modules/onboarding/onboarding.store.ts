import { type Selectable, type Updateable, sql } from 'kysely'

import type { Locale, OnboardingState, OnboardingSurface, PackageName } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OnboardingTable } from '#server/db/schema.generated.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { ONBOARDING_EVENTS, type Onboarding, type OnboardingEventName } from './onboarding.rules.ts'

type Row = Selectable<OnboardingTable> & { readonly events: readonly string[] }

const at = (value: Date | null): number | null => value?.getTime() ?? null

const toOnboarding = (row: Row): Onboarding => ({
  id: row.id,
  telegramId: row.telegram_id,
  name: row.name,
  locale: row.locale as Locale,
  surface: row.surface as OnboardingSurface,
  variant: row.variant,
  state: row.state as OnboardingState,
  package: row.package as PackageName | null,
  extraBots: row.extra_bots,
  isTrial: row.package === 'trial',
  isPaid: row.is_paid,
  attempts: { ways: row.ways_tried, claims: row.claims_made, links: row.links_failed },
  events: row.events as readonly OnboardingEventName[],
  tenantId: row.tenant_id,
  paymentId: row.payment_id,
  refusedPaymentId: row.refused_payment_id,
  accountId: row.account_id,
  linkWay: row.link_way,
  trialStartedAt: at(row.trial_started_at),
  startedAt: row.started_at.getTime(),
  stepEnteredAt: row.step_entered_at.getTime(),
  expiresAt: at(row.expires_at),
  endedAt: at(row.ended_at),
  endReason: row.end_reason,
  clearedAt: at(row.cleared_at),
})

const selectAll = (tx: OperatorTx) =>
  tx
    .selectFrom('onboarding as o')
    .selectAll('o')
    .select(
      sql<
        readonly string[]
      >`array(select e.name from onboarding_event e where e.onboarding_id = o.id order by e.position)`.as('events'),
    )

export type OnboardingKey =
  | { readonly id: number }
  | { readonly tenantId: number }
  /** The one that has not ended. */
  | { readonly openOf: number }

const keyed = (tx: OperatorTx, key: OnboardingKey) => {
  if ('id' in key) return selectAll(tx).where('o.id', '=', key.id)
  if ('tenantId' in key) return selectAll(tx).where('o.tenant_id', '=', key.tenantId)
  return selectAll(tx).where('o.telegram_id', '=', key.openOf).where('o.ended_at', 'is', null)
}

export const selectOnboarding = async (tx: OperatorTx, key: OnboardingKey): Promise<Onboarding | null> => {
  const row = await keyed(tx, key).executeTakeFirst()
  return row ? toOnboarding(row) : null
}

/**
 * Locked to the end of the transaction: whatever two surfaces do at once follows each other. Its events are read after
 * the lock is held, by a statement of their own.
 */
export const lockOnboarding = async (tx: OperatorTx, key: OnboardingKey): Promise<Onboarding | null> => {
  const locked = await keyed(tx, key).forUpdate('o').executeTakeFirst()
  return locked ? selectOnboarding(tx, { id: locked.id }) : null
}

export interface NewOnboarding {
  readonly telegramId: number
  readonly name: string
  readonly locale: Locale
  readonly surface: OnboardingSurface
  readonly variant: string
  readonly startedAt: number
  readonly expiresAt: number | null
}

/** The id of the new row, or null when the person has an open one. */
export const insertOnboarding = async (tx: OperatorTx, input: NewOnboarding): Promise<number | null> => {
  const row = await tx
    .insertInto('onboarding')
    .values({
      telegram_id: input.telegramId,
      name: input.name,
      locale: input.locale,
      surface: input.surface,
      variant: input.variant,
      state: 'choosing',
      started_at: toDate(input.startedAt),
      step_entered_at: toDate(input.startedAt),
      expires_at: input.expiresAt === null ? null : toDate(input.expiresAt),
    })
    .onConflict((c) => c.column('telegram_id').where('ended_at', 'is', null).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

export type OnboardingColumns = Updateable<OnboardingTable>

export const updateOnboarding = async (tx: OperatorTx, id: number, columns: OnboardingColumns): Promise<void> => {
  await tx.updateTable('onboarding').set(columns).where('id', '=', id).execute()
}

export interface StepRow {
  readonly from: OnboardingState | null
  readonly to: OnboardingState
  readonly cause: string
  readonly surface: OnboardingSurface | null
}

export const insertSteps = async (
  tx: OperatorTx,
  onboardingId: number,
  steps: readonly StepRow[],
  now: number,
): Promise<void> => {
  if (steps.length === 0) return
  const rows = steps.map((step) => ({
    onboarding_id: onboardingId,
    from_state: step.from,
    to_state: step.to,
    cause: step.cause,
    surface: step.surface,
    at: toDate(now),
  }))
  await tx.insertInto('onboarding_step').values(rows).execute()
}

export const insertEvents = async (
  tx: OperatorTx,
  onboardingId: number,
  names: readonly OnboardingEventName[],
  now: number,
): Promise<void> => {
  if (names.length === 0) return
  const rows = names.map((name) => ({
    onboarding_id: onboardingId,
    position: ONBOARDING_EVENTS.indexOf(name) + 1,
    name,
    at: toDate(now),
  }))
  await tx.insertInto('onboarding_event').values(rows).execute()
}

/** Whether another onboarding of this person has begun a trial. */
export const hasUsedTrial = async (tx: OperatorTx, telegramId: number, exceptId: number): Promise<boolean> => {
  const row = await tx
    .selectFrom('onboarding')
    .select('id')
    .where('telegram_id', '=', telegramId)
    .where('id', '<>', exceptId)
    .where('trial_started_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export const hasOpenOnboarding = async (tx: OperatorTx, telegramId: number): Promise<boolean> => {
  const row = await tx
    .selectFrom('onboarding')
    .select('id')
    .where('telegram_id', '=', telegramId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/** Whose step is over at `now`. */
export const selectDueIds = async (tx: OperatorTx, now: number, limit: number): Promise<readonly number[]> => {
  const rows = await tx
    .selectFrom('onboarding')
    .select('id')
    .where('ended_at', 'is', null)
    .where('expires_at', '<=', toDate(now))
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Ended, and not yet taken back. */
export const selectUnclearedIds = async (tx: OperatorTx, limit: number): Promise<readonly number[]> => {
  const rows = await tx
    .selectFrom('onboarding')
    .select('id')
    .where('ended_at', 'is not', null)
    .where('cleared_at', 'is', null)
    .orderBy('ended_at')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Whose account waits for its check, the longest waiting first. */
export const selectUncheckedIds = async (tx: OperatorTx, limit: number): Promise<readonly number[]> => {
  const rows = await tx
    .selectFrom('onboarding')
    .select('id')
    .where('state', '=', 'profile_created')
    .where('ended_at', 'is', null)
    .orderBy('step_entered_at')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

export interface OnboardingFilter {
  readonly state?: OnboardingState
  /** Ids below this one. */
  readonly beforeId?: number
}

/** Newest first. */
export const selectOnboardings = async (
  tx: OperatorTx,
  filter: OnboardingFilter,
  limit: number,
): Promise<readonly Onboarding[]> => {
  let query = selectAll(tx).orderBy('o.id', 'desc').limit(limit)
  if (filter.state !== undefined) query = query.where('o.state', '=', filter.state)
  if (filter.beforeId !== undefined) query = query.where('o.id', '<', filter.beforeId)
  return (await query.execute()).map(toOnboarding)
}

export interface OnboardingStep {
  readonly from: OnboardingState | null
  readonly to: OnboardingState
  readonly cause: string
  readonly surface: OnboardingSurface | null
  readonly at: number
}

export const selectSteps = async (tx: OperatorTx, onboardingId: number): Promise<readonly OnboardingStep[]> => {
  const rows = await tx
    .selectFrom('onboarding_step')
    .selectAll()
    .where('onboarding_id', '=', onboardingId)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    from: row.from_state as OnboardingState | null,
    to: row.to_state as OnboardingState,
    cause: row.cause,
    surface: row.surface as OnboardingSurface | null,
    at: row.at.getTime(),
  }))
}

export const selectEvents = async (
  tx: OperatorTx,
  onboardingId: number,
): Promise<readonly { readonly name: OnboardingEventName; readonly at: number }[]> => {
  const rows = await tx
    .selectFrom('onboarding_event')
    .selectAll()
    .where('onboarding_id', '=', onboardingId)
    .orderBy('position')
    .execute()
  return rows.map((row) => ({ name: row.name as OnboardingEventName, at: row.at.getTime() }))
}
