import { SEGMENTS } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { getPreset } from './preset.rules.ts'
import { setStrategy } from './set-strategy.ts'
import { insertVersion, listStrategies, lockStrategies } from './strategy.store.ts'

/**
 * Gives each segment without a strategy the one of the preset: what a new tenant starts with. Seeding twice changes
 * nothing. Locks the tenant's strategies; `at` is epoch ms. Returns how many were made. Errors: `invalid/unknown_preset`.
 */
export const seedStrategies = async (tx: TenantTx, at: number, presetName = 'default'): Promise<number> => {
  const { name, preset } = getPreset(presetName)
  await lockStrategies(tx)
  const present = new Set((await listStrategies(tx)).map((strategy) => strategy.segment))
  const missing = SEGMENTS.filter((segment) => !present.has(segment))
  for (const segment of missing) {
    await insertVersion(tx, segment, preset[segment], { preset: name, changedBy: `preset:${name}`, at })
  }
  return missing.length
}

/**
 * Puts a preset in force for all twelve segments: a new version wherever it differs from what holds. Locks the
 * tenant's strategies; `at` is epoch ms. Returns how many versions were made. Errors: `invalid/unknown_preset`.
 */
export const applyPreset = async (tx: TenantTx, presetName: string, changedBy: string, at: number): Promise<number> => {
  const { name, preset } = getPreset(presetName)
  let made = await seedStrategies(tx, at, name)
  for (const before of await listStrategies(tx)) {
    const after = await setStrategy(tx, before.segment, preset[before.segment], { changedBy, at, preset: name })
    if (after.version > before.version) made += 1
  }
  return made
}
