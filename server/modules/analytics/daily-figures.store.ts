import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { DayFigures } from './daily-figures.rules.ts'

/** What happened in [since, until), by day of the time zone; days on which nothing happened are left out. */
export const countDays = async (
  tx: TenantTx,
  { since, until, timeZone }: { readonly since: number; readonly until: number; readonly timeZone: string },
): Promise<readonly DayFigures[]> => {
  const dayOf = (column: string) => sql`to_char(${sql.ref(column)} at time zone ${timeZone}, 'YYYY-MM-DD')`
  const inside = (column: string) =>
    sql`${sql.ref(column)} >= ${toDate(since)} and ${sql.ref(column)} < ${toDate(until)}`
  const { rows } = await sql<DayFigures>`
    select "on", sum(sent)::integer as sent, sum(answered)::integer as answered, sum(joined)::integer as joined,
      sum(stopped)::integer as stopped
    from (
      select ${dayOf('reserved_at')} as "on", 1 as sent, 0 as answered, 0 as joined, 0 as stopped from delivery
        where tenant_id = ${tx.tenantId} and state = 'sent' and ${inside('reserved_at')}
      union all
      select ${dayOf('responded_at')}, 0, 1, 0, 0 from delivery
        where tenant_id = ${tx.tenantId} and ${inside('responded_at')}
      union all
      select ${dayOf('first_seen_at')}, 0, 0, 1, 0 from contact
        where tenant_id = ${tx.tenantId} and ${inside('first_seen_at')}
      union all
      select ${dayOf('opted_out_at')}, 0, 0, 0, 1 from delivery
        where tenant_id = ${tx.tenantId} and ${inside('opted_out_at')}
    ) as happenings
    group by 1`.execute(tx)
  return rows
}
