import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'

import { REPEAT_WITHIN_MS } from '../guard/repeat.store.ts'

/** An account whose lane rests. */
export interface RestingAccount {
  readonly tenantId: number
  readonly accountId: number
  /** A person's own account, whose sends in doubt are repeated. */
  readonly repeats: boolean
}

/**
 * Which of these accounts, of any tenants, have something to do at `now`: a delivery that is due, or a send in doubt that
 * may be repeated. One statement for all of them. Priorities are few, so it hops from one to the next along the index of
 * waiting deliveries: however many wait for their time, each account costs a few probes.
 */
export const listAccountsWithWork = async (
  db: Db,
  accounts: readonly RestingAccount[],
  now: number,
): Promise<readonly number[]> => {
  if (accounts.length === 0) return []
  const { rows } = await sql<{ account_id: number }>`
    with recursive resting as materialized (
      select * from unnest(
        ${accounts.map((a) => a.tenantId)}::bigint[], ${accounts.map((a) => a.accountId)}::bigint[],
        ${accounts.map((a) => a.repeats)}::boolean[]) as u (tenant_id, account_id, repeats)
    ), level (tenant_id, account_id, priority) as (
      select r.tenant_id, r.account_id, (
        select d.priority from delivery d
        where d.tenant_id = r.tenant_id and d.account_id = r.account_id and d.state in ('planned', 'deferred')
        order by d.priority desc limit 1
      ) from resting r
      union all
      select l.tenant_id, l.account_id, (
        select d.priority from delivery d
        where d.tenant_id = l.tenant_id and d.account_id = l.account_id and d.state in ('planned', 'deferred')
          and d.priority < l.priority
        order by d.priority desc limit 1
      ) from level l where l.priority is not null
    )
    select l.account_id from level l cross join lateral (
      select d.due_at from delivery d
      where d.tenant_id = l.tenant_id and d.account_id = l.account_id and d.state in ('planned', 'deferred')
        and d.priority = l.priority
      order by d.due_at limit 1
    ) first
    where first.due_at <= ${toDate(now)}
    union
    select r.account_id from resting r
    where r.repeats and exists (
      select from attempt a join delivery d on d.tenant_id = a.tenant_id and d.id = a.delivery_id
      where a.tenant_id = r.tenant_id and a.account_id = r.account_id
        and a.started_at > ${toDate(now - REPEAT_WITHIN_MS)} and a.random_id is not null
        and a.result in ('unknown', 'retry', 'account_lost') and a.failure is distinct from 'random_id_used'
        and d.state = 'unknown'
    )`.execute(db)
  return rows.map((row) => row.account_id)
}
