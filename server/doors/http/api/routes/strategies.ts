import {
  applyPreset,
  listStrategies,
  listStrategyVersions,
  restoreStrategy,
  setStrategy,
} from '#server/modules/delivery/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

export const strategyRoutes: Handlers['strategies'] = () => ({
  list: ({ inTenant }) => inTenant(async (tx) => ({ items: await listStrategies(tx) })),
  listVersions: ({ inTenant, params: { segment } }) =>
    inTenant(async (tx) => ({ items: await listStrategyVersions(tx, segment) })),
  set: ({ inTenant, actor, at, params: { segment }, body: { expectedVersion, ...change } }) =>
    inTenant((tx) =>
      setStrategy(tx, segment, given(change), { changedBy: actor.by, at, ...given({ expectedVersion }) }),
    ),
  restore: ({ inTenant, actor, at, params: { segment }, body: { version, expectedVersion } }) =>
    inTenant((tx) => restoreStrategy(tx, segment, version, { changedBy: actor.by, at, ...given({ expectedVersion }) })),
  applyPreset: ({ inTenant, actor, at, body: { preset } }) =>
    inTenant(async (tx) => ({ changed: await applyPreset(tx, preset, actor.by, at) })),
})
