import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { zoneOffsetMs } from '#server/base/local-time.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { DayFigures } from './daily-figures.rules.ts'

/** Answers and withdrawals are tied to a message of the day before them, see `recordResponse`. */
const TIED_WITHIN_MS = DAY_MS

/**
 * What happened in [since, until), by day of the time zone; days on which nothing happened are left out. Deliveries are
 * found account by account in the index of their slots: this is asked every few seconds by whoever looks at the overview.
 */
export const countDays = async (
  tx: TenantTx,
  { since, until, timeZone }: { readonly since: number; readonly until: number; readonly timeZone: string },
): Promise<readonly DayFigures[]> => {
  const [from, to] = [toDate(since), toDate(until)]
  // Naming the day of each of many rows costs most; there are few hours, and in some zones few quarters of them.
  const isWholeHours = zoneOffsetMs(until, timeZone) % HOUR_MS === 0
  const moment = sql`date_trunc(${isWholeHours ? 'hour' : 'minute'}, e.at)`
  const { rows } = await sql<DayFigures>`
    select to_char(h.at at time zone ${timeZone}, 'YYYY-MM-DD') as "on", sum(h.sent)::integer as sent,
      sum(h.answered)::integer as answered, sum(h.joined)::integer as joined, sum(h.stopped)::integer as stopped
    from (
      select ${moment} as at, sum(e.sent) as sent, sum(e.answered) as answered, 0 as joined, sum(e.stopped) as stopped
      from account a
      join delivery d on d.tenant_id = a.tenant_id and d.account_id = a.id
      cross join lateral (values
        (case when d.state = 'sent' then d.reserved_at end, 1, 0, 0), (d.responded_at, 0, 1, 0), (d.opted_out_at, 0, 0, 1)
      ) as e (at, sent, answered, stopped)
      where a.tenant_id = ${tx.tenantId} and d.reserved_at >= ${toDate(since - TIED_WITHIN_MS)} and d.reserved_at < ${to}
        and e.at >= ${from} and e.at < ${to}
      group by 1
      union all
      select first_seen_at, 0, 0, 1, 0 from contact
        where tenant_id = ${tx.tenantId} and first_seen_at >= ${from} and first_seen_at < ${to}
    ) h
    group by 1`.execute(tx)
  return rows
}
