import { z } from 'zod'

import { OWN_LIMITS, type OwnLimit, type PackageName, PACKAGES, SPAM_LEVELS, type SpamLevel } from '#contract/words.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { packageOf } from '#server/modules/billing/index.ts'

import given from './spam-levels.json' with { type: 'json' }

export { OWN_LIMITS, SPAM_LEVELS, type SpamLevel }

/** From when on something is a finding. */
export interface SpamParameters {
  /** So many messages of one person in one group … */
  readonly burstMessages: number
  /** … within so many seconds. */
  readonly burstSeconds: number
  /** So many of the same character in a row. */
  readonly repeatedCharacters: number
  /** More emoji than this. */
  readonly emojiMax: number
}
export const SPAM_PARAMETERS = ['burstMessages', 'burstSeconds', 'repeatedCharacters', 'emojiMax'] as const

/** What a tenant may hold tighter for itself than its package does. */
export interface OwnLimits {
  readonly perMinuteMax: number | null
  readonly groupPostCooldownSeconds: number | null
  readonly outreachHourlyMax: number | null
  readonly outreachDailyMax: number | null
  readonly outreachCooldownMinutes: number | null
}

const parameters = z.strictObject({
  burstMessages: z.int(),
  burstSeconds: z.int(),
  repeatedCharacters: z.int(),
  emojiMax: z.int(),
})
const level = z.strictObject({
  /** Stricter than the floor's. */
  parameters: parameters.partial(),
  /** Whether the tenant sets its own, for all its groups. */
  mayTune: z.boolean(),
  /** … for single groups. */
  mayTuneChats: z.boolean(),
  ownWordsMax: z.int().min(0),
  ownLimits: z.array(z.enum(OWN_LIMITS)),
})
const { floor, strictest, levels } = z
  .strictObject({
    floor: parameters,
    strictest: parameters,
    levels: z.strictObject({ basic: level, advanced: level, custom: level }),
  })
  .parse(given)

/** What holds for everybody, whatever is set: nothing makes it weaker. */
export const SPAM_FLOOR: SpamParameters = floor
export const SPAM_TERMS: Readonly<Record<SpamLevel, z.infer<typeof level>>> = levels

/** The limits of sending that a tenant may hold tighter at this level. */
export const tightenedAt = (held: SpamLevel): readonly OwnLimit[] => SPAM_TERMS[held].ownLimits

/** More seconds see more; of everything else, less does. */
const tighter = (name: keyof SpamParameters, a: number, b: number): number =>
  name === 'burstSeconds' ? Math.max(a, b) : Math.min(a, b)

export type SpamTuning = { readonly [K in keyof SpamParameters]?: number | undefined }

/** The strictest of the floor and all that was set, parameter by parameter: never weaker than the floor. */
const strictestOf = (...tunings: readonly SpamTuning[]): SpamParameters => {
  const of = (name: keyof SpamParameters): number =>
    tunings.reduce((held, tuning) => tighter(name, held, tuning[name] ?? held), SPAM_FLOOR[name])
  return {
    burstMessages: of('burstMessages'),
    burstSeconds: of('burstSeconds'),
    repeatedCharacters: of('repeatedCharacters'),
    emojiMax: of('emojiMax'),
  }
}

/** The level that holds: what was chosen, as far as the package goes. */
export const effectiveLevel = (chosen: SpamLevel, name: PackageName): SpamLevel => {
  const allowed = packageOf(name).features.spam
  return SPAM_LEVELS.indexOf(chosen) <= SPAM_LEVELS.indexOf(allowed) ? chosen : allowed
}

/** What holds in a group under a level: its own tuning counts where the level allows any. */
export const parametersOf = (held: SpamLevel, own: SpamTuning, ofChat: SpamTuning): SpamParameters => {
  const terms = SPAM_TERMS[held]
  return strictestOf(terms.parameters, terms.mayTune ? own : {}, terms.mayTuneChats ? ofChat : {})
}

/** A tuning as it may be kept. Errors: `invalid/unknown_word`; `invalid/protection_bounds` naming field and bounds. */
export const checkTuning = (tuning: Readonly<Record<string, unknown>>): SpamTuning =>
  Object.fromEntries(
    Object.entries(tuning)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const field = SPAM_PARAMETERS.find((known) => known === name)
        if (field === undefined)
          throw invalid('unknown_word', name.slice(0, 40), { allowed: SPAM_PARAMETERS.join(', ') })
        const [min, max] = [strictest[field], floor[field]].toSorted((a, b) => a - b) as [number, number]
        if (!Number.isInteger(value) || Number(value) < min || Number(value) > max)
          throw invalid('protection_bounds', field, { min, max, floor: floor[field] })
        return [field, Number(value)]
      }),
  )

const WORD = /^[\p{L}\p{N}][\p{L}\p{N} '’.-]{0,58}\*?$/u

/** Words as they may be kept: trimmed, each once. Errors: `invalid/spam_word` naming its place. */
export const checkWords = (words: readonly string[]): readonly string[] => {
  const trimmed = words.map((word) => word.trim())
  const wrong = trimmed.findIndex((word) => !WORD.test(word))
  if (wrong >= 0) throw invalid('spam_word', `words[${wrong}]`, { max: 60 })
  return [...new Set(trimmed)]
}

/** Refuses what a level does not allow, naming the first package whose level does. Errors: `limit_reached/protection_level`. */
export const requireTerm = (
  field: string,
  held: SpamLevel,
  allows: (terms: (typeof SPAM_TERMS)[SpamLevel]) => boolean,
): void => {
  if (allows(SPAM_TERMS[held])) return
  const liftedBy =
    PACKAGES.find((name) => name !== 'trial' && allows(SPAM_TERMS[packageOf(name).features.spam])) ?? 'custom'
  throw new AppError('limit_reached', 'protection_level', { field, level: held, liftedBy })
}
