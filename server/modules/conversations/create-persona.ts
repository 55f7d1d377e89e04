import type { Locale, PackageName } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { packageOf } from '#server/modules/billing/index.ts'

import { findStoredSettings, lockVoice } from './account-setting.store.ts'
import { changeSettings } from './change-settings.ts'
import { checkPersona } from './check-persona.rules.ts'
import { defaultPersona } from './default-persona.rules.ts'
import type { Persona, PersonaContent } from './persona.rules.ts'
import { findPersona } from './persona.store.ts'
import { writePersona } from './update-persona.ts'

/**
 * Gives a freshly linked account its persona and settings: texts in the person's language, the product at the package's
 * price, invitations as the package has them, and people answering. An account that has a persona keeps it. Locks the
 * subscription and the account's voice. Errors: `not_found` for the account.
 */
export const createPersonaFromPackage = async (
  tx: TenantTx,
  input: {
    readonly accountId: number
    readonly package: PackageName
    readonly locale: Locale
    readonly displayName: string
  },
  at: number,
  by = 'system',
): Promise<Persona> => {
  const { accountId } = input
  const isSet = (await findStoredSettings(tx, accountId)) !== null
  const { productPriceMinor } = packageOf(input.package)
  await changeSettings(tx, accountId, isSet ? {} : { productPriceMinor }, { by, at })
  await lockVoice(tx, accountId)
  return (await findPersona(tx, accountId)) ?? writePersona(tx, accountId, begin(input), 'persona.created', { by, at })
}

/** An account may be named as no persona can be, such as by a phone number; it begins under a plain name then. */
const begin = (input: Parameters<typeof defaultPersona>[0]): PersonaContent => {
  try {
    return checkPersona(defaultPersona(input))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return defaultPersona({ ...input, displayName: '' })
  }
}
