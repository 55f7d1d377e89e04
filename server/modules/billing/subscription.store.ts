import { type Selectable, sql } from 'kysely'

import type { PackageName, SubscriptionState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { notFound } from '#server/base/errors.ts'
import type { SubscriptionTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { CATALOGUE, packageOf } from './catalogue.rules.ts'
import { type PeriodKind, type Subscription, automatedUntil } from './subscription.rules.ts'

const toSubscription = (row: Selectable<SubscriptionTable>): Subscription => ({
  tenantId: row.tenant_id,
  package: row.package as PackageName,
  state: row.state as SubscriptionState,
  extraBots: row.extra_bots,
  catalogueVersion: row.catalogue_version,
  periodStartsAt: row.period_starts_at.getTime(),
  periodEndsAt: row.period_ends_at?.getTime() ?? null,
  periodValueMinor: row.period_value_minor,
})

/** The tenant's subscription. Errors: `not_found`. */
export const getSubscription = async (tx: TenantTx): Promise<Subscription> => {
  const row = await tx.selectFrom('subscription').selectAll().where('tenant_id', '=', tx.tenantId).executeTakeFirst()
  if (!row) throw notFound('subscription', tx.tenantId)
  return toSubscription(row)
}

/** One tenant's subscription for a transaction that sees all, or null. */
export const findSubscription = async (tx: OperatorTx, tenantId: number): Promise<Subscription | null> => {
  const row = await tx.selectFrom('subscription').selectAll().where('tenant_id', '=', tenantId).executeTakeFirst()
  return row ? toSubscription(row) : null
}

/** {@link getSubscription}, locked to the end of the transaction: one taker of a limit, one change at a time. */
export const lockSubscription = async (tx: TenantTx): Promise<Subscription> => {
  const row = await tx
    .selectFrom('subscription')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!row) throw notFound('subscription', tx.tenantId)
  return toSubscription(row)
}

/** Every tenant's subscription. */
export const listSubscriptions = async (tx: OperatorTx): Promise<readonly Subscription[]> =>
  (await tx.selectFrom('subscription').selectAll().orderBy('tenant_id').execute()).map(toSubscription)

/** Writes the subscription of the tenant, new or not, and the limits that follow from it. */
export const saveSubscription = async (
  tx: OperatorTx | TenantTx,
  subscription: Subscription,
  { at, limits }: { readonly at: number; readonly limits: 'of package' | 'as they are' },
): Promise<void> => {
  const columns = {
    package: subscription.package,
    state: subscription.state,
    extra_bots: subscription.extraBots,
    catalogue_version: subscription.catalogueVersion,
    period_starts_at: toDate(subscription.periodStartsAt),
    period_ends_at: subscription.periodEndsAt === null ? null : toDate(subscription.periodEndsAt),
    period_value_minor: subscription.periodValueMinor,
    changed_at: toDate(at),
  }
  await (tx as OperatorTx)
    .insertInto('subscription')
    .values({ tenant_id: subscription.tenantId, ...columns })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(columns))
    .execute()
  await saveLimits(tx, subscription, at, limits === 'of package')
}

/** Quiet hours and warm-up are the tenant's own and stay; limits of their past stay in the history with their instants. */
const saveLimits = async (
  tx: OperatorTx,
  subscription: Subscription,
  at: number,
  ofPackage: boolean,
): Promise<void> => {
  const { limits, pace } = packageOf(subscription.package)
  const until = automatedUntil(subscription)
  const always = {
    package: subscription.package,
    automated_until: until === null ? null : toDate(until),
  }
  const terms = {
    daily_messages_max: limits.messages_day,
    monthly_messages_max: limits.messages_month,
    per_minute_max: pace.perMinuteMax,
    outreach_hourly_max: pace.outreachHourlyMax,
    outreach_daily_max: pace.outreachDailyMax,
    outreach_cooldown_minutes: pace.outreachCooldownMinutes,
    group_post_cooldown_seconds: pace.groupPostCooldownSeconds,
  }
  await tx
    .insertInto('tenant_limits')
    .values({ tenant_id: subscription.tenantId, ...always, ...terms })
    .onConflict((c) =>
      c.column('tenant_id').doUpdateSet({ ...always, ...(ofPackage && terms), changed_at: toDate(at) }),
    )
    .execute()
}

export interface NewPeriod {
  readonly tenantId: number
  readonly kind: PeriodKind
  readonly package: PackageName
  readonly extraBots: number
  readonly startsAt: number
  readonly endsAt: number | null
  readonly paidMinor: number
  readonly currency: string
  /** The payment in the catalogue's currency. */
  readonly valueMinor: number
  readonly creditMinor: number
  readonly reference: string | null
  readonly recordedAt: number
}

/** False when the reference has paid for a period already, whosever it is. */
export const insertPeriod = async (tx: OperatorTx | TenantTx, period: NewPeriod): Promise<boolean> => {
  const row = await (tx as OperatorTx)
    .insertInto('subscription_period')
    .values({
      tenant_id: period.tenantId,
      kind: period.kind,
      package: period.package,
      extra_bots: period.extraBots,
      starts_at: toDate(period.startsAt),
      ends_at: period.endsAt === null ? null : toDate(period.endsAt),
      paid_minor: period.paidMinor,
      credit_minor: period.creditMinor,
      currency: period.currency,
      value_minor: period.valueMinor,
      reference: period.reference,
      catalogue_version: CATALOGUE.version,
      recorded_at: toDate(period.recordedAt),
    })
    .onConflict((c) => c.column('reference').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Whether the tenant of the transaction has used this reference. */
export const hasPeriod = async (tx: TenantTx, reference: string): Promise<boolean> => {
  const row = await tx
    .selectFrom('subscription_period')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('reference', '=', reference)
    .executeTakeFirst()
  return row !== undefined
}

/** Tenants whose subscription the passing of time, or a newer catalogue, has something to say about at `now`. */
export const listDueTenants = async (tx: OperatorTx, now: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ tenant_id: number }>`
    select tenant_id from subscription
    where (state <> 'expired' and period_ends_at <= ${toDate(now)}) or catalogue_version < ${CATALOGUE.version}
    order by tenant_id`.execute(tx)
  return rows.map((row) => row.tenant_id)
}
