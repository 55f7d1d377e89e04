import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { lockVoice } from './account-setting.store.ts'
import type { VoiceActor } from './change-settings.ts'
import { checkPersona } from './check-persona.rules.ts'
import { type Persona, type PersonaContent, changedFields, contentOf } from './persona.rules.ts'
import { findPersona, insertPersona } from './persona.store.ts'

/** The persona in force. Errors: `not_found`. */
export const getPersona = async (tx: TenantTx, accountId: number): Promise<Persona> => {
  const persona = await findPersona(tx, accountId)
  if (!persona) throw notFound('persona', accountId)
  return persona
}

/** Nobody changes what they have not seen. Errors: `conflict/persona_moved_on`. */
export const requireVersion = ({ version }: Pick<Persona, 'version'>, expected: number | undefined): void => {
  if (expected !== undefined && expected !== version)
    throw new AppError('conflict', 'persona_moved_on', { field: 'expectedVersion', version })
}

/**
 * Changes the fields that are given, as a new version; a change that changes nothing makes none. Locks the account's
 * voice. Errors: `not_found`, `conflict/persona_moved_on` when it is no longer at `expectedVersion`, those of
 * `checkPersona`.
 */
export const updatePersona = async (
  tx: TenantTx,
  input: {
    readonly accountId: number
    readonly change: Partial<PersonaContent>
    readonly expectedVersion?: number
  },
  actor: VoiceActor,
): Promise<Persona> => {
  const { accountId, change, expectedVersion } = input
  await lockVoice(tx, accountId)
  const before = await getPersona(tx, accountId)
  requireVersion(before, expectedVersion)
  return writePersona(tx, accountId, { ...contentOf(before), ...change }, 'persona.updated', actor)
}

/**
 * Replaces what a persona says, as a new version; the same again makes none. Locks the account's voice. Errors:
 * `forbidden/not_allowed`, `not_found`, `conflict/persona_moved_on` when it is no longer at `expectedVersion`, those of
 * `checkPersona`.
 */
export const rewritePersona = async (
  tx: TenantTx,
  input: { readonly accountId: number; readonly content: unknown; readonly expectedVersion: number },
  actor: ActingPerson,
): Promise<Persona> => {
  requireCan(actor.access, 'personas.edit')
  const { accountId, content, expectedVersion } = input
  await lockVoice(tx, accountId)
  requireVersion(await getPersona(tx, accountId), expectedVersion)
  return writePersona(tx, accountId, content, 'persona.updated', actor)
}

/** Puts a content in force, checked. Locks the account's voice. Errors: `not_found` for the account, those of `checkPersona`. */
export const writePersona = async (
  tx: TenantTx,
  accountId: number,
  given: unknown,
  action: 'persona.created' | 'persona.updated' | 'persona.imported',
  { by, at }: VoiceActor,
): Promise<Persona> => {
  await getAccount(tx, accountId)
  const content = checkPersona(given)
  await lockVoice(tx, accountId)
  const before = await findPersona(tx, accountId)
  const fields = before ? changedFields(before, content) : []
  if (before && fields.length === 0) return before
  const version = (before?.version ?? 0) + 1
  await insertPersona(tx, accountId, version, content, { by, at })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action,
    target: `account:${accountId}`,
    // What each version says is in the versions themselves.
    detail: { 'version.before': before?.version ?? 0, 'version.after': version, fields: fields.join(', ') },
    at,
  })
  return getPersona(tx, accountId)
}
