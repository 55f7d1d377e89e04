import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Adds tags (sorted, each once) and returns the ids of living contacts that lacked one. */
export const addContactTags = async (
  tx: TenantTx,
  contactIds: readonly number[],
  tags: readonly string[],
): Promise<number[]> => {
  const { rows } = await sql<{ id: number }>`
    update contact set tags = array(select distinct t from unnest(tags || ${[...tags]}::text[]) as t order by t)
    where tenant_id = ${tx.tenantId} and id = any(${[...contactIds]}::bigint[])
      and merged_into_id is null and erased_at is null and not tags @> ${[...tags]}::text[]
    returning id`.execute(tx)
  return rows.map((row) => row.id)
}

/** Removes tags and returns the ids of contacts that had one. */
export const removeContactTags = async (
  tx: TenantTx,
  contactIds: readonly number[],
  tags: readonly string[],
): Promise<number[]> => {
  const { rows } = await sql<{ id: number }>`
    update contact set tags = array(select t from unnest(tags) as t where t <> all(${[...tags]}::text[]) order by t)
    where tenant_id = ${tx.tenantId} and id = any(${[...contactIds]}::bigint[]) and tags && ${[...tags]}::text[]
    returning id`.execute(tx)
  return rows.map((row) => row.id)
}
