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

/** The tags that living contacts carry and on how many, the most frequent first; at most `limit`. */
export const listTags = async (
  tx: TenantTx,
  limit: number,
): Promise<readonly { readonly tag: string; readonly people: number }[]> => {
  const { rows } = await sql<{ tag: string; people: number }>`
    select tag, count(*)::integer as people from contact c cross join lateral unnest(c.tags) as tag
    where c.tenant_id = ${tx.tenantId} and c.merged_into_id is null and c.erased_at is null
    group by tag order by people desc, tag limit ${limit}`.execute(tx)
  return rows
}
