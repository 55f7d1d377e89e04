import type { LinkAdmission } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

/** How somebody enters by a link of their own: one person at all, or whoever asks and is let in when it is them. */
export const PERSONAL_ADMISSIONS = ['limited', 'request'] as const satisfies readonly LinkAdmission[]
export type PersonalAdmission = (typeof PERSONAL_ADMISSIONS)[number]

/** How a tenant invites. */
export interface InviteSettings {
  readonly proposeEveryHours: number
  /** At most so many proposals in 24 hours; the package and the guard may allow fewer. */
  readonly dailyMax: number
  /** Proposals leave without anybody's yes. */
  readonly isAuto: boolean
  readonly admission: PersonalAdmission
  readonly linkLifeDays: number
  /** An approved template with both buttons; null for the product's own words. */
  readonly templateId: number | null
}

export const DEFAULT_INVITE_SETTINGS: InviteSettings = {
  proposeEveryHours: 6,
  dailyMax: 20,
  isAuto: false,
  admission: 'limited',
  linkLifeDays: 7,
  templateId: null,
}

const BOUNDS = { proposeEveryHours: [1, 168], dailyMax: [0, 1_000], linkLifeDays: [1, 90] } as const

/** Errors: `invalid` with `whole_number_expected` or `unknown_word`, naming the field. */
export const checkInviteSettings = (settings: InviteSettings): InviteSettings => {
  for (const [field, [min, max]] of Object.entries(BOUNDS)) {
    const value = settings[field as keyof typeof BOUNDS]
    if (!Number.isInteger(value) || value < min || value > max)
      throw invalid('whole_number_expected', field, { given: String(value), min, max })
  }
  if (!PERSONAL_ADMISSIONS.includes(settings.admission))
    throw invalid('unknown_word', 'admission', { allowed: PERSONAL_ADMISSIONS.join(', ') })
  return settings
}
