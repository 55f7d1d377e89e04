import type { Segment } from '#contract/words.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Feature, requireFeature } from '#server/modules/billing/index.ts'

import { type Strategy, type StrategySettings, checkSegment, checkStrategy } from './strategy.rules.ts'
import { insertVersion, listStrategies, listStrategyVersions, lockStrategies } from './strategy.store.ts'

/** The settings that change; what is left out stays. */
export type StrategyChange = Partial<StrategySettings>

/** Who changes it (`member:7`, `learner`, `preset:default`), when (epoch ms), and which version they looked at. */
export interface StrategyChangeMeta {
  readonly changedBy: string
  readonly at: number
  /** Refused when the strategy moved on meanwhile. */
  readonly expectedVersion?: number
  readonly preset?: string
}

/** Strategies of one's own come with the full CRM; those that learn by themselves, with the optimiser. */
const featureFor = (changedBy: string): Feature =>
  changedBy === 'learner' ? { tier: 'optimiser', level: 'full' } : { tier: 'crm', level: 'full' }

const hasSameSettings = (a: StrategySettings, b: StrategySettings): boolean =>
  JSON.stringify(checkStrategy(a)) === JSON.stringify(checkStrategy(b))

/**
 * Puts a changed strategy in force as a new version; older versions stay for the record and for going back. A change
 * that changes nothing makes no version. Locks the tenant's strategies. Priorities decide primary segments: recompute
 * segments after changing one. Errors: `invalid/…` naming field, value and bounds, `not_found`,
 * `conflict/strategy_moved_on`, `limit_reached/package_feature`.
 */
export const setStrategy = async (
  tx: TenantTx,
  segment: Segment,
  change: StrategyChange,
  meta: StrategyChangeMeta,
): Promise<Strategy> => {
  checkSegment(segment)
  await requireFeature(tx, featureFor(meta.changedBy), meta.at)
  await lockStrategies(tx)
  const current = await getStrategy(tx, segment)
  if (meta.expectedVersion !== undefined && meta.expectedVersion !== current.version) {
    throw new AppError('conflict', 'strategy_moved_on', { field: 'expectedVersion', segment, version: current.version })
  }
  const settings = checkStrategy({ ...current, ...change })
  const preset = meta.preset ?? null
  if (hasSameSettings(settings, current)) return current
  await insertVersion(tx, segment, settings, { preset, changedBy: meta.changedBy, at: meta.at })
  return getStrategy(tx, segment)
}

/** The strategy in force for a segment. Errors: `not_found` before the tenant's strategies were seeded. */
const getStrategy = async (tx: TenantTx, segment: Segment): Promise<Strategy> => {
  const current = (await listStrategies(tx)).find((strategy) => strategy.segment === segment)
  if (!current) throw notFound('strategy', segment)
  return current
}

/**
 * Puts an earlier version in force again, as a new version. Locks the tenant's strategies. Errors: `not_found` for a
 * version that never was.
 */
export const restoreStrategy = async (
  tx: TenantTx,
  segment: Segment,
  version: number,
  meta: StrategyChangeMeta,
): Promise<Strategy> => {
  checkSegment(segment)
  await lockStrategies(tx)
  const wanted = (await listStrategyVersions(tx, segment)).find((strategy) => strategy.version === version)
  if (!wanted) throw notFound('strategy version', `${segment} ${version}`)
  return setStrategy(tx, segment, checkStrategy(wanted), meta)
}
