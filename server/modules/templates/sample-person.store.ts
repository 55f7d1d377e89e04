import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { RenderPerson } from './variable.rules.ts'

export interface SamplePerson extends RenderPerson {
  readonly contactId: number | null
  readonly languageCode: string | null
}

/** Somebody of whom nothing is known. */
export const NOBODY: SamplePerson = {
  contactId: null,
  languageCode: null,
  firstName: '',
  lastName: '',
  username: null,
  attributes: {},
}

/** The named contacts, or the `limit` seen last; the erased and merged are left out. */
export const listSamplePeople = async (
  tx: TenantTx,
  contactIds: readonly number[] | null,
  limit: number,
): Promise<readonly SamplePerson[]> => {
  let query = tx
    .selectFrom('contact')
    .select(['id', 'language_code', 'first_name', 'last_name', 'username', 'attributes'])
    .where('tenant_id', '=', tx.tenantId)
    .where('merged_into_id', 'is', null)
    .where('erased_at', 'is', null)
  query = contactIds
    ? query.where('id', '=', sql<number>`any(${sql.val([...contactIds])}::bigint[])`).orderBy('id')
    : query.orderBy(sql`last_seen_at desc nulls last, id`).limit(limit)
  const rows = await query.execute()
  return rows.map((row) => ({
    contactId: row.id,
    languageCode: row.language_code,
    firstName: row.first_name,
    lastName: row.last_name,
    username: row.username,
    attributes: row.attributes as Readonly<Record<string, unknown>>,
  }))
}
