import { type Selectable, sql } from 'kysely'

import type { Locale } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { PersonaTable } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Persona, PersonaContent } from './persona.rules.ts'

const toPersona = (row: Selectable<PersonaTable>): Persona => ({
  accountId: row.account_id,
  version: row.version,
  displayName: row.display_name,
  tone: row.tone,
  style: row.style,
  language: row.language as Locale,
  facts: row.facts as Persona['facts'],
  doNots: row.do_nots as Persona['doNots'],
  greeting: row.greeting,
  menu: row.menu as Persona['menu'],
  sampleReplies: row.sample_replies as Persona['sampleReplies'],
  updatedBy: row.updated_by,
  updatedAt: row.updated_at.getTime(),
})

const personas = (tx: TenantTx) => tx.selectFrom('persona').selectAll().where('tenant_id', '=', tx.tenantId)

/** The persona in force, or null for an account that has none yet. */
export const findPersona = async (tx: TenantTx, accountId: number): Promise<Persona | null> => {
  const row = await personas(tx).where('account_id', '=', accountId).where('is_current', '=', true).executeTakeFirst()
  return row ? toPersona(row) : null
}

/** The same of several accounts, by account; those without are left out. */
export const listPersonasOf = async (
  tx: TenantTx,
  accountIds: readonly number[],
): Promise<ReadonlyMap<number, Persona>> => {
  const of = sql<boolean>`account_id = any(${[...accountIds]}::bigint[])`
  const rows = await personas(tx).where(of).where('is_current', '=', true).execute()
  return new Map(rows.map((row) => [row.account_id, toPersona(row)]))
}

/** Every version of an account's persona, newest first. */
export const listPersonaVersions = async (tx: TenantTx, accountId: number): Promise<readonly Persona[]> =>
  (await personas(tx).where('account_id', '=', accountId).orderBy('version', 'desc').execute()).map(toPersona)

/** What one version said; null where there is none. */
export const findPersonaVersion = async (tx: TenantTx, accountId: number, version: number): Promise<Persona | null> => {
  const row = await personas(tx).where('account_id', '=', accountId).where('version', '=', version).executeTakeFirst()
  return row ? toPersona(row) : null
}

/** Versions below one, newest first, at most so many. */
export const selectPersonaVersions = async (
  tx: TenantTx,
  accountId: number,
  { beforeVersion, limit }: { readonly beforeVersion: number; readonly limit: number },
): Promise<readonly Persona[]> =>
  (
    await personas(tx)
      .where('account_id', '=', accountId)
      .where('version', '<', beforeVersion)
      .orderBy('version', 'desc')
      .limit(limit)
      .execute()
  ).map(toPersona)

/** Puts the next version in force. The caller holds the account's voice lock. */
export const insertPersona = async (
  tx: TenantTx,
  accountId: number,
  version: number,
  content: PersonaContent,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  await tx
    .updateTable('persona')
    .set({ is_current: false })
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .where('is_current', '=', true)
    .execute()
  await tx
    .insertInto('persona')
    .values({
      tenant_id: tx.tenantId,
      account_id: accountId,
      version,
      is_current: true,
      display_name: content.displayName,
      tone: content.tone,
      style: content.style,
      language: content.language,
      facts: JSON.stringify(content.facts),
      do_nots: JSON.stringify(content.doNots),
      greeting: content.greeting,
      menu: JSON.stringify(content.menu),
      sample_replies: JSON.stringify(content.sampleReplies),
      updated_by: by,
      updated_at: toDate(at),
    })
    .execute()
}
