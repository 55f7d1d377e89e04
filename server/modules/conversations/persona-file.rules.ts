import { z } from 'zod'

import { GROUP_INTENSITIES, type GroupIntensity, REPLY_MODES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

import { type AccountSettings, intensityOf, placementsOf } from './account-setting.rules.ts'
import { type IgnoredField, type SettingSources, readLegacyPersona } from './legacy-persona.rules.ts'
import { type PersonaContent, contentOf, personaSchema } from './persona.rules.ts'
import { parseShape } from '#server/base/parse-shape.ts'
import { refuseSecrets } from './secret-scan.rules.ts'

export const PERSONA_FORMAT = 'gavatcore.persona/1'

/** A persona as a file holds it. */
export interface PersonaFile {
  readonly format: typeof PERSONA_FORMAT
  readonly persona: PersonaContent
  readonly settings: Omit<AccountSettings, 'groupPlacements'> & { readonly groupIntensity: GroupIntensity }
}

const fileSchema = z.strictObject({
  format: z.literal(PERSONA_FORMAT),
  persona: personaSchema,
  settings: z
    .strictObject({
      replyMode: z.enum(REPLY_MODES).optional(),
      inviteRatio: z.number().min(0).max(1).optional(),
      groupIntensity: z.enum(GROUP_INTENSITIES).optional(),
      productPriceMinor: z.int().min(0).max(100_000_000_000).optional(),
      productCurrency: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .optional(),
      draftLifeMinutes: z.int().min(1).max(10_080).optional(),
      holdingMessage: z.string().trim().max(1_000).optional(),
      confidenceMin: z.number().min(0).max(1).optional(),
      sendsFollowUps: z.boolean().optional(),
    })
    .optional(),
})

/** The present format of a persona with its settings as they were chosen. */
export const writePersonaFile = (persona: PersonaContent, settings: AccountSettings): PersonaFile => {
  const { groupPlacements, ...rest } = settings
  return {
    format: PERSONA_FORMAT,
    persona: contentOf(persona),
    settings: { ...rest, groupIntensity: intensityOf(groupPlacements) },
  }
}

export interface ReadPersona {
  readonly format: 'present' | 'legacy'
  /** The whole content of the present format; the legacy one names a display name alone. */
  readonly persona: Partial<PersonaContent>
  readonly settings: Partial<AccountSettings>
  readonly sources: SettingSources
  readonly ignored: readonly IgnoredField[]
}

const SOURCES: SettingSources = {
  replyMode: 'settings.replyMode',
  inviteRatio: 'settings.inviteRatio',
  groupPlacements: 'settings.groupIntensity',
  productPriceMinor: 'settings.productPriceMinor',
  productCurrency: 'settings.productCurrency',
  draftLifeMinutes: 'settings.draftLifeMinutes',
  holdingMessage: 'settings.holdingMessage',
  confidenceMin: 'settings.confidenceMin',
  sendsFollowUps: 'settings.sendsFollowUps',
}

const readPresent = (given: unknown): ReadPersona => {
  const { persona, settings = {} } = parseShape(fileSchema, given)
  const { groupIntensity, ...rest } = settings
  return {
    format: 'present',
    persona,
    settings: {
      ...(Object.fromEntries(
        Object.entries(rest).filter(([, value]) => value !== undefined),
      ) as Partial<AccountSettings>),
      ...(groupIntensity !== undefined && { groupPlacements: placementsOf(groupIntensity) }),
    },
    sources: SOURCES,
    ignored: [],
  }
}

/** A persona of the largest sizes everywhere would be larger; one that people wrote is a tenth of it. */
const LENGTH_MAX = 131_072

/**
 * What a persona's JSON says, in the present format or the legacy one. Nothing is looked at before secrets are ruled
 * out. Errors: `invalid` with `persona_secret`, `persona_too_deep`, `persona_too_large`, or one naming field and fix.
 */
export const readPersonaFile = (given: unknown): ReadPersona => {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('field_type', 'JSON', { expected: 'object' })
  refuseSecrets(given)
  const { length } = JSON.stringify(given)
  if (length > LENGTH_MAX) throw invalid('persona_too_large', 'JSON', { length, max: LENGTH_MAX })
  if ('format' in given) return readPresent(given)
  const { displayName, ...legacy } = readLegacyPersona(given)
  return { format: 'legacy', persona: { displayName }, ...legacy }
}
