import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Account, getAccount, listAccounts } from '#server/modules/accounts/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { type Persona, type PersonaContent, changedFields } from './persona.rules.ts'
import { findPersona, findPersonaVersion, listPersonasOf, selectPersonaVersions } from './persona.store.ts'

type Viewer = Pick<ActingPerson, 'access'>

/** An account that speaks with contacts, and who it is to them. */
export interface AccountPersona {
  readonly account: Account
  /** Null for an account that has none yet. */
  readonly persona: Persona | null
}

/** Every account that speaks with contacts, with its persona; disconnected ones are left out. Errors: `forbidden/not_allowed`. */
export const listPersonas = async (tx: TenantTx, { access }: Viewer): Promise<readonly AccountPersona[]> => {
  requireCan(access, 'personas.view')
  const accounts = (await listAccounts(tx)).filter(
    ({ purpose, state }) => purpose === 'contacts' && state !== 'disconnected',
  )
  const personas = await listPersonasOf(
    tx,
    accounts.map(({ id }) => id),
  )
  return accounts.map((account) => ({ account, persona: personas.get(account.id) ?? null }))
}

/** The account, where it speaks with contacts. Errors: `not_found`. */
const getSpeaker = async (tx: TenantTx, accountId: number): Promise<Account> => {
  const account = await getAccount(tx, accountId)
  if (account.purpose !== 'contacts') throw notFound('account', accountId)
  return account
}

/** One account with its persona. Errors: `forbidden/not_allowed`, `not_found`. */
export const showPersona = async (tx: TenantTx, accountId: number, { access }: Viewer): Promise<AccountPersona> => {
  requireCan(access, 'personas.view')
  return { account: await getSpeaker(tx, accountId), persona: await findPersona(tx, accountId) }
}

/** What a version changed. */
export interface PersonaVersion {
  readonly version: number
  readonly updatedBy: string
  readonly updatedAt: number
  /** Against the version before; empty of the first. */
  readonly changed: readonly (keyof PersonaContent)[]
}

/**
 * The versions of a persona below `beforeVersion`, newest first, at most `limit`, each with what it changed. Errors:
 * `forbidden/not_allowed`, `not_found` for the account.
 */
export const listPersonaHistory = async (
  tx: TenantTx,
  accountId: number,
  { beforeVersion, limit }: { readonly beforeVersion: number; readonly limit: number },
  { access }: Viewer,
): Promise<readonly PersonaVersion[]> => {
  requireCan(access, 'personas.view')
  await getSpeaker(tx, accountId)
  const versions = await selectPersonaVersions(tx, accountId, { beforeVersion, limit: limit + 1 })
  return versions.slice(0, limit).map((persona, i) => {
    const { version, updatedBy, updatedAt } = persona
    const before = versions[i + 1]
    return { version, updatedBy, updatedAt, changed: before ? changedFields(before, persona) : [] }
  })
}

/** What one version said. Errors: `forbidden/not_allowed`, `not_found`. */
export const getPersonaVersion = async (
  tx: TenantTx,
  { accountId, version }: { readonly accountId: number; readonly version: number },
  { access }: Viewer,
): Promise<Persona> => {
  requireCan(access, 'personas.view')
  const persona = await findPersonaVersion(tx, accountId, version)
  if (!persona) throw notFound('persona version', version)
  return persona
}
