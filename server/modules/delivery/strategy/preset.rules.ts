import type { MessageStyle, Segment } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

import type { StrategySettings } from './strategy.rules.ts'

export const PRESET_NAMES = ['default', 'seed-000'] as const
export type PresetName = (typeof PRESET_NAMES)[number]

/** Settings of all twelve segments under one name. */
export type Preset = Readonly<Record<Segment, StrategySettings>>

const row = (
  priority: number,
  everyHours: number,
  maxPerDay: number,
  cooldownHours: number,
  hours: readonly number[],
  style: MessageStyle,
): StrategySettings => ({ enabled: true, priority, everyHours, maxPerDay, cooldownHours, hours, style })

/** Priority, every (hours), most per day, cooldown (hours), local hours, style. */
const defaults: Preset = {
  HOT_LEAD: row(10, 24, 3, 4, [10, 14, 19, 20], 'direct_sales'),
  LOYAL_CUSTOMER: row(9, 48, 1, 24, [11, 19], 'appreciation'),
  ENGAGED: row(8, 24, 2, 6, [12, 18, 19, 20], 'friendly_engaging'),
  WARM_LEAD: row(7, 48, 2, 12, [12, 19, 20], 'soft_value'),
  PREMIUM_POTENTIAL: row(7, 72, 1, 24, [19, 20], 'premium_value'),
  NEW_USER: row(6, 48, 1, 24, [11, 19, 20], 'welcome'),
  BOT_LOVER: row(6, 24, 2, 8, [19, 20], 'playful'),
  PRICE_SENSITIVE: row(6, 72, 1, 24, [12, 19], 'offer'),
  NIGHT_OWL: row(5, 24, 2, 8, [0, 1, 22, 23], 'calm_night'),
  SOCIAL_BUTTERFLY: row(5, 48, 1, 24, [18, 20], 'community'),
  LURKER: row(3, 168, 1, 72, [19], 'low_pressure'),
  COLD_LEAD: row(2, 168, 1, 72, [11, 19], 're_introduction'),
}

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  default: defaults,
  // The intensive pair of the first drafts; the other ten segments are the default's.
  'seed-000': {
    ...defaults,
    HOT_LEAD: row(10, 2, 5, 2, [10, 14, 19], 'direct_sales'),
    ENGAGED: row(8, 4, 3, 4, [12, 18], 'friendly_engaging'),
  },
}

/** Throws `invalid/unknown_preset` naming those that exist. */
export const getPreset = (name: string): { readonly name: PresetName; readonly preset: Preset } => {
  const known = PRESET_NAMES.find((n) => n === name)
  if (!known) throw invalid('unknown_preset', 'preset', { value: name.slice(0, 40), allowed: PRESET_NAMES.join(', ') })
  return { name: known, preset: PRESETS[known] }
}
