import { PERSONA_FIELDS, type PackageName, type ReplyMode } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { lockSubscription } from '#server/modules/billing/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import {
  type AccountSettings,
  type SettingLimits,
  SETTING_FIELDS,
  checkGroupPlacements,
  checkInviteRatio,
  checkProductPrice,
  liftingReplyMode,
} from './account-setting.rules.ts'
import { lockVoice } from './account-setting.store.ts'
import { type VoiceActor, changeSettings } from './change-settings.ts'
import { checkPersona } from './check-persona.rules.ts'
import { defaultPersona } from './default-persona.rules.ts'
import { type Price, followPrice } from './follow-price.rules.ts'
import { getAccountSettings } from './get-account-settings.ts'
import type { IgnoredField } from './legacy-persona.rules.ts'
import { type PersonaFile, type ReadPersona, readPersonaFile, writePersonaFile } from './persona-file.rules.ts'
import { type PersonaContent, changedFields, contentOf } from './persona.rules.ts'
import { findPersona } from './persona.store.ts'
import { getPersona, writePersona } from './update-persona.ts'

export interface PersonaImport {
  readonly accountId: number
  readonly format: ReadPersona['format']
  /** Whether anything was written; a preview writes nothing. */
  readonly isApplied: boolean
  readonly persona: PersonaContent
  readonly settings: AccountSettings
  /** Fields of the persona that change. */
  readonly changedFields: readonly string[]
  readonly changedSettings: readonly {
    readonly field: keyof AccountSettings
    readonly before: string | number | boolean
    readonly after: string | number | boolean
  }[]
  /** What is not taken over and why; `liftedBy` names the package that would take it. */
  readonly ignored: readonly (IgnoredField & { readonly liftedBy?: PackageName })[]
}

/**
 * Takes a persona over from its JSON, in the present format or the legacy one, whole or not at all; with `isPreview` says
 * only what would change. Settings that the package does not include are left as they are and listed. Secrets and bank
 * data anywhere in the JSON refuse all of it. Locks the subscription and the account's voice. Errors: `not_found`, those
 * of `readPersonaFile` and `checkPersona`.
 */
export const importPersona = async (
  tx: TenantTx,
  input: { readonly accountId: number; readonly json: unknown; readonly isPreview?: boolean },
  actor: VoiceActor,
): Promise<PersonaImport> => {
  const { accountId, json, isPreview = false } = input
  const read = readPersonaFile(json)
  await lockSubscription(tx)
  await lockVoice(tx, accountId)
  const { chosen, limits } = await getAccountSettings(tx, accountId, actor.at)
  const stored = await findPersona(tx, accountId)
  const before = stored && contentOf(stored)
  const base =
    before ?? defaultPersona({ package: limits.package, locale: (await getOwnTenant(tx)).locale, displayName: '' })
  const { taken, ignored } = fitSettings(read, chosen, limits)
  const settings = { ...chosen, ...taken }
  // A legacy file brings the product's price and no catalogue; the present format brings both, each as it is to be.
  const facts = read.format === 'legacy' ? followPrice(base.facts, priceOf(chosen), priceOf(settings)) : base.facts
  const persona = checkPersona({ ...base, facts, ...read.persona })
  if (!isPreview) {
    await writePersona(tx, accountId, persona, 'persona.imported', actor)
    await changeSettings(tx, accountId, taken, actor)
  }
  return {
    accountId,
    format: read.format,
    isApplied: !isPreview,
    persona,
    settings,
    changedFields: before ? changedFields(before, persona) : PERSONA_FIELDS,
    changedSettings: SETTING_FIELDS.filter((field) => settings[field] !== chosen[field]).map((field) => ({
      field,
      before: chosen[field],
      after: settings[field],
    })),
    ignored: [...read.ignored, ...ignored],
  }
}

const priceOf = ({ productPriceMinor, productCurrency }: AccountSettings): Price => ({
  priceMinor: productPriceMinor,
  currency: productCurrency,
})

/** What of the file's settings the package takes; what is chosen already is never asked about again. */
const fitSettings = (read: ReadPersona, chosen: AccountSettings, limits: SettingLimits) => {
  const ignored: (IgnoredField & { readonly liftedBy?: PackageName })[] = []
  const taken: Partial<Record<keyof AccountSettings, string | number | boolean>> = {}
  for (const field of SETTING_FIELDS) {
    const value = read.settings[field]
    if (value === undefined || value === chosen[field]) continue
    const liftedBy = findLifting(field, value, limits)
    if (liftedBy === null) taken[field] = value
    else ignored.push({ field: read.sources[field] ?? field, reason: 'over_package', liftedBy })
  }
  const fitted = taken as Partial<AccountSettings>
  const { productPriceMinor, productCurrency } = { ...chosen, ...fitted }
  checkProductPrice(productPriceMinor, productCurrency)
  return { taken: fitted, ignored }
}

/** The package that would take the value; null when this one does. */
const findLifting = (
  field: keyof AccountSettings,
  value: string | number | boolean,
  limits: SettingLimits,
): PackageName | null => {
  try {
    if (field === 'inviteRatio') checkInviteRatio(Number(value), limits)
    if (field === 'groupPlacements') checkGroupPlacements(Number(value), limits)
  } catch (error) {
    if (error instanceof AppError && error.code === 'setting_over_package')
      return error.params['liftedBy'] as PackageName
    throw error
  }
  return field === 'replyMode' ? liftingReplyMode(value as ReplyMode, limits) : null
}

/** A persona with its settings in the present format: what `importPersona` takes back unchanged. Errors: `not_found`. */
export const exportPersona = async (tx: TenantTx, accountId: number, at: number): Promise<PersonaFile> =>
  writePersonaFile(await getPersona(tx, accountId), (await getAccountSettings(tx, accountId, at)).chosen)
