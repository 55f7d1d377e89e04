import { sql } from 'kysely'

import type { DeliverySource, DeliveryState, Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { SendingFunnel, SlotFigures, VariantCounts } from './sending-report.rules.ts'

interface Period {
  readonly since: number
  readonly until: number
}

/**
 * What was handed to Telegram in [since, until) and what came of it. Asked account by account, so that the index of their
 * slots finds it.
 */
const handed = (tx: TenantTx, { since, until }: Period) => sql`
  from account a join delivery d on d.tenant_id = a.tenant_id and d.account_id = a.id
  where a.tenant_id = ${tx.tenantId} and d.reserved_at >= ${toDate(since)} and d.reserved_at < ${toDate(until)}
    and d.state in ('sent', 'unknown', 'failed') and not d.is_holdout`

const FIGURES = sql`
  count(*)::integer as tried, (count(*) filter (where d.state = 'sent'))::integer as delivered,
  count(d.clicked_at)::integer as clicked, count(d.responded_at)::integer as answered,
  count(d.converted_at)::integer as converted, count(d.opted_out_at)::integer as "optedOut",
  count(d.blocked_at)::integer as blocked`

/** How far what was handed to Telegram came, in all. */
export const countFunnel = async (tx: TenantTx, period: Period): Promise<SendingFunnel | null> => {
  const { rows } = await sql<SendingFunnel>`select ${FIGURES} ${handed(tx, period)}`.execute(tx)
  return rows[0] ?? null
}

interface DimensionRow extends SendingFunnel {
  readonly dimension: 'source' | 'segment' | 'slot' | 'variant'
  readonly source: DeliverySource | null
  readonly segment: Segment | null
  readonly weekday: number | null
  readonly hour: number | null
  readonly templateId: number | null
  readonly variant: string | null
}

/** The same by source, segment, hour of the week and wording, in one statement. */
export const countDimensions = async (
  tx: TenantTx,
  period: Period,
  timeZone: string,
): Promise<readonly DimensionRow[]> => {
  const { rows } = await sql<DimensionRow>`
    select case grouping(d.source, d.segment, d.weekday, d.template_id)
        when 7 then 'source' when 11 then 'segment' when 13 then 'slot' else 'variant' end as dimension,
      d.source, d.segment, d.weekday, d.hour, d.template_id as "templateId", d.variant, ${FIGURES}
    from (
      select d.source, d.segment, d.template_id, d.variant, d.state, d.clicked_at, d.responded_at, d.converted_at,
        d.opted_out_at, d.blocked_at,
        extract(isodow from d.reserved_at at time zone ${timeZone})::integer as weekday,
        extract(hour from d.reserved_at at time zone ${timeZone})::integer as hour
      ${handed(tx, period)}
    ) d
    group by grouping sets ((d.source), (d.segment), (d.weekday, d.hour), (d.template_id, d.variant))
    order by 1, tried desc`.execute(tx)
  return rows
}

export const toSlots = (rows: readonly DimensionRow[]): readonly SlotFigures[] =>
  rows.flatMap(({ dimension, weekday, hour, delivered, answered }) =>
    dimension === 'slot' && weekday !== null && hour !== null ? [{ weekday, hour, delivered, answered }] : [],
  )

/** The figures of a row alone. */
const figuresOf = (row: SendingFunnel): SendingFunnel => {
  const { tried, delivered, clicked, answered, converted, optedOut, blocked } = row
  return { tried, delivered, clicked, answered, converted, optedOut, blocked }
}

/** The wordings among the rows, with the names of their templates; what was written by hand has none. */
export const nameVariants = async (tx: TenantTx, rows: readonly DimensionRow[]): Promise<readonly VariantCounts[]> => {
  const wordings = rows.filter(({ dimension }) => dimension === 'variant')
  const ids = [...new Set(wordings.flatMap(({ templateId }) => templateId ?? []))]
  if (ids.length === 0) return []
  const templates = await tx
    .selectFrom('template')
    .select(['id', 'name'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', 'in', ids)
    .execute()
  const names = new Map(templates.map(({ id, name }) => [id, name]))
  return wordings.flatMap(({ templateId, variant, ...row }) =>
    templateId === null
      ? []
      : [
          {
            ...figuresOf(row),
            templateId,
            template: names.get(templateId) ?? `#${templateId}`,
            variant: variant ?? '',
          },
        ],
  )
}

/** What did not arrive, for one reason. */
export interface ReasonCount {
  readonly state: DeliveryState
  readonly reason: string
  readonly count: number
}

/** What ended in [since, until) without arriving, the most frequent reason first. */
export const countReasons = async (tx: TenantTx, { since, until }: Period): Promise<readonly ReasonCount[]> => {
  const { rows } = await sql<ReasonCount>`
    select state, reason, count(*)::integer as count from delivery
    where tenant_id = ${tx.tenantId} and state in ('refused', 'failed', 'unknown', 'cancelled')
      and finished_at >= ${toDate(since)} and finished_at < ${toDate(until)} and not is_holdout
    group by 1, 2 order by 3 desc, 1, 2`.execute(tx)
  return rows
}

/** People seen for the first time in [since, until). */
export const countJoined = async (tx: TenantTx, { since, until }: Period): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from contact
    where tenant_id = ${tx.tenantId} and first_seen_at >= ${toDate(since)} and first_seen_at < ${toDate(until)}`.execute(
    tx,
  )
  return rows[0]?.count ?? 0
}
