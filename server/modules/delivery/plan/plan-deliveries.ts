import type { Segment } from '#contract/words.ts'
import { type Clock, toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { isTimeZone } from '#server/base/local-time.ts'
import { type Random, bucketOf } from '#server/base/random.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { hourShares } from '#server/modules/contacts/index.ts'
import { listTemplates } from '#server/modules/templates/index.ts'

import { notifyQueue } from '../delivery.store.ts'
import type { Strategy } from '../strategy/strategy.rules.ts'
import { listStrategies } from '../strategy/strategy.store.ts'
import { type Arm, armsByStyle, chooseArm } from './arm.rules.ts'
import { expectedResponse, outreachPriority } from './expected-response.rules.ts'
import { type LocalSlot, localSlots } from './local-slots.rules.ts'
import { planTimes } from './plan-times.rules.ts'
import {
  type Candidate,
  type PlannedRow,
  type TenantPlanFacts,
  insertStrategyDeliveries,
  listCandidates,
  lockPlanner,
  readTenantPlanFacts,
} from './plan.store.ts'

export interface PlanDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
}

/** Why the tenant gets no plan at all. */
export type PlanStop = 'observing' | 'tenant_inactive' | 'kill_switch_global' | 'kill_switch_tenant'

/** Why an eligible contact gets no delivery this time. */
export const PLAN_SKIPS = [
  'account_unusable',
  'no_template',
  'no_fresh_content',
  'time_zone_unknown',
  'no_allowed_hour',
  'outside_horizon',
  'period_used',
] as const
export type PlanSkip = (typeof PLAN_SKIPS)[number]

export interface PlanReport {
  readonly stop: PlanStop | null
  readonly considered: number
  readonly planned: number
  readonly holdouts: number
  readonly skipped: Readonly<Record<PlanSkip, number>>
}

/** This share of contacts is never written to by a strategy, for good: what happens to them is what would happen anyway. */
const HOLDOUT_RATIO = 0.05

/** What could not leave within a day of its hour is no longer worth sending. */
const EXPIRES_AFTER_MS = 24 * HOUR_MS

const PAGE = 2_000

/** Whether a contact belongs to the tenant's permanent holdout; the same answer on every machine and for ever. */
export const isInHoldout = (tenantId: number, contactId: number): boolean =>
  bucketOf(tenantId, contactId) < HOLDOUT_RATIO

const stopOf = (facts: TenantPlanFacts, now: number): PlanStop | null => {
  if (facts.isGloballyStopped) return 'kill_switch_global'
  if (!facts.isActive) return 'tenant_inactive'
  if (facts.isStopped) return 'kill_switch_tenant'
  return facts.observeUntil > now ? 'observing' : null
}

interface PlanContext {
  readonly tenantId: number
  readonly facts: TenantPlanFacts
  readonly strategies: ReadonlyMap<Segment, Strategy>
  readonly arms: ReadonlyMap<string, readonly Arm[]>
  readonly random: Random
  readonly slotsOf: (timeZone: string) => readonly LocalSlot[]
}

/** The deliveries of one contact, or why there are none. */
const planContact = (candidate: Candidate, context: PlanContext): readonly PlannedRow[] | PlanSkip => {
  const strategy = context.strategies.get(candidate.segment)
  const arms = strategy ? context.arms.get(strategy.style) : undefined
  if (!strategy || !arms || arms.length === 0) return 'no_template'
  if (!candidate.isAccountUsable) return 'account_unusable'
  const timeZone = candidate.timeZone ?? context.facts.timeZone
  // Whose hour cannot be told is never woken: the guard would refuse it, too.
  if (!isTimeZone(timeZone)) return 'time_zone_unknown'
  const shares = hourShares(candidate.hourCounts)
  const timing = planTimes({
    slots: context.slotsOf(timeZone),
    strategy,
    quiet: {
      fromHour: context.facts.quietFromHour,
      toHour: context.facts.quietToHour,
      nightConsent: candidate.hasNightConsent,
    },
    hourShares: shares,
    lastAt: candidate.lastAt,
    jitterRatio: context.random.next(),
  })
  if (timing.kind === 'none') return timing.reason
  const isHoldout = isInHoldout(context.tenantId, candidate.contactId)
  const stale = new Set(candidate.staleArms)
  const used = new Set(candidate.usedKeys)
  const rows: PlannedRow[] = []
  let skip: PlanSkip = 'period_used'
  for (const { at, hour, day, ordinal } of timing.times) {
    const dedupeKey = `strategy:${candidate.contactId}:${day}:${ordinal}`
    if (used.has(dedupeKey)) continue
    const arm = chooseArm(arms, stale, context.random)
    if (!arm) {
      skip = 'no_fresh_content'
      break
    }
    stale.add(arm.key)
    const { ratio } = expectedResponse(candidate.segment, strategy.style, shares[hour] ?? 0)
    rows.push({
      account_id: candidate.accountId,
      contact_id: candidate.contactId,
      chat_id: candidate.telegramId,
      template_id: arm.templateId,
      variant: arm.variant,
      segment: candidate.segment,
      strategy_version: strategy.version,
      strategy_cooldown_hours: strategy.cooldownHours,
      strategy_max_per_day: strategy.maxPerDay,
      arm: arm.key,
      propensity: arm.propensity,
      is_holdout: isHoldout,
      expected_response_ratio: ratio,
      priority: outreachPriority(strategy.priority, ratio),
      due_at: toDate(at),
      expires_at: toDate(at + EXPIRES_AFTER_MS),
      dedupe_key: dedupeKey,
    })
  }
  return rows.length > 0 ? rows : skip
}

const contextOf = async (
  tx: TenantTx,
  facts: TenantPlanFacts,
  random: Random,
  now: number,
  horizonEndAt: number,
): Promise<PlanContext> => {
  const strategies = (await listStrategies(tx)).filter((s) => s.enabled && s.maxPerDay > 0)
  const templates = await listTemplates(tx, { state: 'approved', messageClass: 'commercial', limit: 500 })
  const slots = new Map<string, readonly LocalSlot[]>()
  return {
    tenantId: tx.tenantId,
    facts,
    strategies: new Map(strategies.map((strategy) => [strategy.segment, strategy])),
    arms: armsByStyle(templates),
    random,
    slotsOf: (timeZone) => {
      let known = slots.get(timeZone)
      if (!known) {
        known = localSlots(now, horizonEndAt, timeZone)
        slots.set(timeZone, known)
      }
      return known
    },
  }
}

/**
 * Plans what the strategies want said between now and `horizonMs` from now: for each contact whose primary segment has
 * an enabled strategy, who consented, is reachable and has nothing pending, the wording, the account and the instant.
 * The guard decides at that instant whether it leaves. Nothing is planned while the tenant only observes or is stopped.
 * Runs in transactions of 2 000 contacts, one planner per tenant at a time; planning twice plans once.
 */
export const planDeliveries = async (deps: PlanDeps, tenantId: number, horizonMs: number): Promise<PlanReport> => {
  const now = deps.clock.now()
  const horizonEndAt = now + horizonMs
  const skipped: Record<PlanSkip, number> = {
    account_unusable: 0,
    no_template: 0,
    no_fresh_content: 0,
    time_zone_unknown: 0,
    no_allowed_hour: 0,
    outside_horizon: 0,
    period_used: 0,
  }
  const report = { considered: 0, planned: 0, holdouts: 0 }
  for (let after = 0; ;) {
    const page = await inTenant(deps.db, tenantId, async (tx) => {
      const facts = await readTenantPlanFacts(tx, now)
      const stop = stopOf(facts, now)
      if (stop) return { stop, lastId: null }
      await lockPlanner(tx)
      const context = await contextOf(tx, facts, deps.random, now, horizonEndAt)
      const longestEveryHours = Math.max(0, ...[...context.strategies.values()].map((s) => s.everyHours))
      const { candidates, lastContactId } = await listCandidates(tx, {
        afterContactId: after,
        limit: PAGE,
        now,
        horizonEndAt,
        longestEveryHours,
      })
      const rows: PlannedRow[] = []
      for (const candidate of candidates) {
        const outcome = planContact(candidate, context)
        if (typeof outcome === 'string') skipped[outcome] += 1
        else rows.push(...outcome)
      }
      const written = await insertStrategyDeliveries(tx, rows, now)
      for (const accountId of written.accountIds) await notifyQueue(tx, accountId)
      return { stop, lastId: lastContactId, considered: candidates.length, written }
    })
    if (page.lastId === null) return { stop: page.stop, ...report, skipped }
    report.considered += page.considered
    report.planned += page.written.planned
    report.holdouts += page.written.holdouts
    after = page.lastId
  }
}
