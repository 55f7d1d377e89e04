import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import type { ErrorDay } from './error-group.rules.ts'

interface Row {
  readonly key: string
  readonly on: string
  readonly count: number
  readonly first_at: Date
  readonly last_at: Date
}

const toDay = ({ key, on, count, first_at: firstAt, last_at: lastAt }: Row): ErrorDay => ({
  key,
  on,
  count,
  firstAt: firstAt.getTime(),
  lastAt: lastAt.getTime(),
})

/** Deliveries that failed or ended unknown since an instant, by reason. */
export const selectFailedDays = async (tx: OperatorTx, since: number): Promise<readonly ErrorDay[]> => {
  const { rows } = await sql<Row>`
    select coalesce(reason, state) as key, (finished_at at time zone 'UTC')::date::text as on, count(*)::int as count,
      min(finished_at) as first_at, max(finished_at) as last_at
    from delivery where state in ('failed', 'unknown') and finished_at >= ${toDate(since)} group by 1, 2`.execute(tx)
  return rows.map(toDay)
}

/** Updates that are put aside, by kind, whenever they came. */
export const selectParkedUpdateDays = async (tx: OperatorTx): Promise<readonly ErrorDay[]> => {
  const { rows } = await sql<Row>`
    select kind as key, (received_at at time zone 'UTC')::date::text as on, count(*)::int as count,
      min(received_at) as first_at, max(received_at) as last_at
    from update_inbox where state = 'parked' group by 1, 2`.execute(tx)
  return rows.map(toDay)
}

/** Events that are put aside, by who refused them, whenever that was. */
export const selectParkedEventDays = async (tx: OperatorTx): Promise<readonly ErrorDay[]> => {
  const { rows } = await sql<Row>`
    select listener as key, (parked_at at time zone 'UTC')::date::text as on, count(*)::int as count,
      min(parked_at) as first_at, max(parked_at) as last_at
    from event_retry where parked_at is not null group by 1, 2`.execute(tx)
  return rows.map(toDay)
}

/** In how many looks each cause was seen on which day since an instant. */
export const selectFaultDays = async (
  tx: OperatorTx,
  since: number,
): Promise<readonly Pick<ErrorDay, 'key' | 'on' | 'count'>[]> => {
  const { rows } = await sql<Pick<ErrorDay, 'key' | 'on' | 'count'>>`
    select cause as key, seen_on::text as on, seen_count as count from fault_day
    where seen_on >= (${toDate(since)}::timestamptz at time zone 'UTC')::date`.execute(tx)
  return rows
}
