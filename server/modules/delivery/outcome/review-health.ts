import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { AccountHealth } from '#server/modules/accounts/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { warmUpDailyMax } from '../ceilings.rules.ts'
import { type EffectivePace, effectivePace } from '../effective-pace.rules.ts'
import { evaluateHealth } from './evaluate-health.ts'
import {
  type HealthEvidence,
  type HealthStanding,
  REVIEWED_RECOVERY_MS,
  fullSpeedAt,
  healthEvidence,
  relievedAt,
} from './health.rules.ts'
import { type HealthRow, findHealthFigures, findStanding, listHealthRows, saveReview } from './health.store.ts'

/** A day of a young account. */
export interface WarmUpDay {
  /** From 1. */
  readonly day: number
  /** Commercial messages in 24 hours; null once there is no bound. */
  readonly capToday: number | null
  readonly capTomorrow: number | null
}

/** How an account goes on, why, and how it comes back. Instants are epoch ms. */
export interface AccountHealthReport {
  readonly accountId: number
  readonly displayName: string
  readonly health: AccountHealth
  readonly reason: string | null
  /** Since when it goes on like this; null for one that was never strained. */
  readonly since: number | null
  /** The figures now, with counts and thresholds. */
  readonly evidence: readonly HealthEvidence[]
  /** The figures by which it was judged when it changed last; null before. */
  readonly judgedBy: readonly HealthEvidence[] | null
  readonly cleanSince: number | null
  /** When it comes back one step if nothing new happens; null at full speed, and while the figures are not clean. */
  readonly nextStepAt: number | null
  readonly fullSpeedAt: number | null
  readonly reviewedBy: string | null
  /** Null for an account that is over a week old, or whose tenant has no warm-up. */
  readonly warmUp: WarmUpDay | null
  readonly commercialToday: number
  readonly pace: EffectivePace
}

const standingOf = (row: HealthRow): HealthStanding => ({
  health: row.health,
  changedAt: row.changedAt?.getTime() ?? null,
  cleanSince: row.cleanSince?.getTime() ?? null,
  reviewedAt: row.reviewedAt?.getTime() ?? null,
})

const warmUpOf = (row: HealthRow, now: number): WarmUpDay | null => {
  const ageMs = Math.max(0, now - row.linkedAt.getTime())
  const capToday = warmUpDailyMax(ageMs)
  if (!row.warmUp || capToday === null) return null
  return { day: Math.floor(ageMs / DAY_MS) + 1, capToday, capTomorrow: warmUpDailyMax(ageMs + DAY_MS) }
}

/**
 * The health of the tenant's accounts, or of one, at `now` (epoch ms): figures with counts and thresholds, since when,
 * the way back and its forecast, the warm-up of young accounts, and the pace that really holds. Reads only. Errors:
 * `forbidden/not_allowed`, `not_found` for an account that is not there.
 */
export const reportHealth = async (
  tx: TenantTx,
  { accountId, now }: { readonly accountId: number | null; readonly now: number },
  { access }: Pick<ActingPerson, 'access'>,
): Promise<readonly AccountHealthReport[]> => {
  requireCan(access, 'accounts.view')
  const rows = await listHealthRows(tx, accountId, now)
  if (accountId !== null && rows.length === 0) throw notFound('account', accountId)
  const reports: AccountHealthReport[] = []
  for (const row of rows) {
    const standing = standingOf(row)
    reports.push({
      accountId: row.accountId,
      displayName: row.displayName,
      health: row.health,
      reason: row.reason,
      since: standing.changedAt,
      evidence: healthEvidence(await findHealthFigures(tx, row.accountId, now)),
      judgedBy: row.evidence,
      cleanSince: standing.cleanSince,
      nextStepAt: relievedAt(standing),
      fullSpeedAt: fullSpeedAt(standing),
      reviewedBy: row.reviewedBy,
      warmUp: warmUpOf(row, now),
      commercialToday: row.commercialToday,
      pace: effectivePace({ ...row, ageMs: now - row.linkedAt.getTime() }),
    })
  }
  return reports
}

/**
 * A person has looked at a strained account and found the cause mended: the wait for the next step becomes six clean
 * hours instead of a day, and the step is taken at once where they have passed. Nothing else changes: no limit is
 * lifted, no step is skipped, and a young account keeps to its warm-up. Locks the account. Audited. Errors:
 * `forbidden/not_allowed`, `not_found`, `conflict/health_not_strained`, `conflict/health_review_early` naming the
 * earliest instant; the review stays on record only when it is not refused.
 */
export const reviewHealth = async (
  tx: TenantTx,
  accountId: number,
  actor: ActingPerson,
): Promise<AccountHealthReport> => {
  requireCan(actor.access, 'accounts.control')
  const { at } = actor
  const before = await findStanding(tx, accountId)
  if (before === null) throw notFound('account', accountId)
  if (before.health === 'normal')
    throw new AppError('conflict', 'health_not_strained', { field: 'account', account: accountId })
  const verdict = await evaluateHealth(tx, accountId, at)
  const standing = (await findStanding(tx, accountId)) ?? before
  if (standing.health !== 'normal' && standing.cleanSince === null)
    throw new AppError('conflict', 'health_review_early', {
      field: 'account',
      account: accountId,
      at: toDate(at + REVIEWED_RECOVERY_MS).toISOString(),
      reason: verdict?.reason ?? '-',
    })
  await saveReview(tx, accountId, actor)
  const reviewed = await evaluateHealth(tx, accountId, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'account.health_reviewed',
    target: `account:${accountId}`,
    detail: { before: before.health, after: reviewed?.health ?? before.health },
    at,
  })
  const [report] = await reportHealth(tx, { accountId, now: at }, actor)
  if (!report) throw notFound('account', accountId)
  return report
}
