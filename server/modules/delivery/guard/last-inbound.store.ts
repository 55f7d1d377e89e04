import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

/** When each of these people wrote last to the account in private; who never did is missing. */
export const listLastInbound = async (
  tx: TenantTx,
  accountId: number,
  contactIds: readonly number[],
): Promise<ReadonlyMap<number, number>> => {
  const { rows } = await sql<{ id: number; at: Date }>`
    select person.id, said.at from unnest(${contactIds}::bigint[]) as person (id) cross join lateral (
      select m.at from message m
      where m.tenant_id = ${tx.tenantId} and m.contact_id = person.id and m.account_id = ${accountId}
        and m.direction = 'in' and m.chat_id > 0
      order by m.at desc limit 1
    ) said`.execute(tx)
  return new Map(rows.map((row) => [row.id, row.at.getTime()]))
}
