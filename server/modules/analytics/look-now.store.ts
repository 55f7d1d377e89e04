import { sql } from 'kysely'

import type { DeliverySource } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { CampaignAnswers } from './look-now.rules.ts'

/** What waits to leave within one hour, of one campaign or of none. */
export interface NextSends {
  /** Epoch ms of the hour's beginning on the tenant's clock. */
  readonly hourAt: number
  readonly campaignId: number | null
  readonly campaign: string | null
  readonly source: DeliverySource
  readonly count: number
}

/** What is planned up to `until`, by hour and campaign, the soonest first; what is due already counts as of this hour. */
export const selectNextSends = async (
  tx: TenantTx,
  {
    now,
    until,
    offsetMs,
    limit,
  }: { readonly now: number; readonly until: number; readonly offsetMs: number; readonly limit: number },
): Promise<readonly NextSends[]> => {
  // Zones whose hours do not begin with those of UTC.
  const shift = sql`make_interval(secs => ${(((offsetMs % HOUR_MS) + HOUR_MS) % HOUR_MS) / 1_000}::float8)`
  const { rows } = await sql<Omit<NextSends, 'hourAt'> & { readonly hour_at: Date }>`
    select n.hour_at, n.campaign_id as "campaignId", c.name as campaign, n.source, n.count
    from (
      select date_trunc('hour', greatest(d.due_at, ${toDate(now)}) + ${shift}, 'UTC') - ${shift} as hour_at,
        d.campaign_id, d.source, count(*)::integer as count
      from delivery d
      where d.tenant_id = ${tx.tenantId} and d.state in ('planned', 'deferred') and d.due_at < ${toDate(until)}
      group by 1, 2, 3 order by 1, 4 desc limit ${limit}
    ) n left join campaign c on c.tenant_id = ${tx.tenantId} and c.id = n.campaign_id
    order by n.hour_at, n.count desc, n.campaign_id`.execute(tx)
  return rows.map(({ hour_at: hourAt, ...row }) => ({ ...row, hourAt: hourAt.getTime() }))
}

/** What left since then, by clock hour 0–23 of the time zone. */
export const countByHour = async (
  tx: TenantTx,
  { since, now, timeZone }: { readonly since: number; readonly now: number; readonly timeZone: string },
): Promise<readonly { readonly hour: number; readonly count: number }[]> => {
  const { rows } = await sql<{ hour: number; count: number }>`
    select extract(hour from d.reserved_at at time zone ${timeZone})::integer as hour, count(*)::integer as count
    from account a join delivery d on d.tenant_id = a.tenant_id and d.account_id = a.id
    where a.tenant_id = ${tx.tenantId} and d.state = 'sent' and d.reserved_at >= ${toDate(since)}
      and d.reserved_at <= ${toDate(now)}
    group by 1 order by 1`.execute(tx)
  return rows
}

/** How many left in (since, now]. */
export const countSince = async (tx: TenantTx, since: number, now: number): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count
    from account a join delivery d on d.tenant_id = a.tenant_id and d.account_id = a.id
    where a.tenant_id = ${tx.tenantId} and d.state = 'sent' and d.reserved_at > ${toDate(since)}
      and d.reserved_at <= ${toDate(now)}`.execute(tx)
  return rows[0]?.count ?? 0
}

/** What each campaign sent since then, the beginning of a day, and how many answered. */
export const countCampaignAnswers = async (tx: TenantTx, since: number): Promise<readonly CampaignAnswers[]> => {
  const columns = sql`campaign_id, deliveries, responded, converted`
  const within = sql`where tenant_id = ${tx.tenantId} and state = 'sent' and not is_holdout and sent_quarter >= ${toDate(since)}`
  const { rows } = await sql<CampaignAnswers>`
    select n.id, c.name, n.delivered, n.answered, n.converted
    from (
      select f.campaign_id as id, sum(f.deliveries)::integer as delivered, sum(f.responded)::integer as answered,
        sum(f.converted)::integer as converted
      from (
        select ${columns} from campaign_figure ${within} union all select ${columns} from campaign_figure_change ${within}
      ) f
      group by 1 having sum(f.deliveries) > 0
    ) n join campaign c on c.tenant_id = ${tx.tenantId} and c.id = n.id`.execute(tx)
  return rows
}
