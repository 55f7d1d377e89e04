export { applyPreset, seedStrategies } from './apply-preset.ts'
export { PRESETS, PRESET_NAMES, type PresetName } from './preset.rules.ts'
export {
  type StrategyChange,
  type StrategyChangeMeta,
  getStrategy,
  restoreStrategy,
  setStrategy,
} from './set-strategy.ts'
export { HARD_CEILINGS, type Strategy, type StrategySettings, checkStrategy } from './strategy.rules.ts'
export { listStrategies, listStrategyVersions } from './strategy.store.ts'
