import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { DayFigures } from './daily-figures.rules.ts'

/**
 * What happened in the days that [since, until) touches, by day of the time zone; `since` is the beginning of a day.
 * Days on which nothing happened are left out. From sums by quarters of an hour and what was added to them since, which
 * the database keeps with every change: exact at every instant.
 */
export const countDays = async (
  tx: TenantTx,
  { since, until, timeZone }: { readonly since: number; readonly until: number; readonly timeZone: string },
): Promise<readonly DayFigures[]> => {
  const within = sql`where tenant_id = ${tx.tenantId} and starts_at >= ${toDate(since)} and starts_at < ${toDate(until)}`
  const { rows } = await sql<DayFigures>`
    select (starts_at at time zone ${timeZone})::date as "on", sum(sent)::integer as sent, sum(answered)::integer as answered,
      sum(joined)::integer as joined, sum(stopped)::integer as stopped
    from (
      select starts_at, sent, answered, joined, stopped from activity_quarter ${within}
      union all
      select starts_at, sent, answered, joined, stopped from activity_change ${within}
    ) q
    group by 1`.execute(tx)
  return rows
}

/**
 * Adds noted changes, at most `limit`, to the sums of their quarters; those of a tenant that is gone are dropped. Takes
 * only what no other transaction takes. Returns how many there were.
 */
export const foldChanges = async (tx: OperatorTx, limit: number): Promise<number> => {
  const { rows } = await sql<{ taken: number }>`
    with taken as (
      delete from activity_change where (tenant_id, id) in (
        select tenant_id, id from activity_change order by tenant_id, id limit ${limit} for update skip locked)
      returning tenant_id, starts_at, sent, answered, joined, stopped, metered
    ), folded as (
      insert into activity_quarter as q (tenant_id, starts_at, sent, answered, joined, stopped, metered)
      select c.tenant_id, c.starts_at, sum(c.sent), sum(c.answered), sum(c.joined), sum(c.stopped), sum(c.metered)
      from taken c join tenant t on t.id = c.tenant_id
      -- Whoever folds at the same time waits in the same order.
      group by 1, 2 order by 1, 2
      on conflict (tenant_id, starts_at) do update set sent = q.sent + excluded.sent, answered = q.answered + excluded.answered,
        joined = q.joined + excluded.joined, stopped = q.stopped + excluded.stopped, metered = q.metered + excluded.metered
    )
    select count(*)::integer as taken from taken`.execute(tx)
  return rows[0]?.taken ?? 0
}
