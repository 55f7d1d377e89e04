import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { lockVoice } from './account-setting.store.ts'
import { type Persona, contentOf } from './persona.rules.ts'
import { findPersonaVersion } from './persona.store.ts'
import { getPersona, requireVersion, writePersona } from './update-persona.ts'

/**
 * Puts what an earlier version said in force again, as a new version. Locks the account's voice. Errors:
 * `forbidden/not_allowed`, `not_found`, `conflict/persona_moved_on` when it is no longer at `expectedVersion`, those of
 * `writePersona`.
 */
export const restorePersona = async (
  tx: TenantTx,
  {
    accountId,
    version,
    expectedVersion,
  }: { readonly accountId: number; readonly version: number; readonly expectedVersion?: number },
  actor: ActingPerson,
): Promise<Persona> => {
  requireCan(actor.access, 'personas.edit')
  await lockVoice(tx, accountId)
  const former = await findPersonaVersion(tx, accountId, version)
  if (!former) throw notFound('persona version', version)
  requireVersion(await getPersona(tx, accountId), expectedVersion)
  return writePersona(tx, accountId, contentOf(former), 'persona.updated', actor)
}
