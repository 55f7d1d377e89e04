import { sql } from 'kysely'

import type { ModelPurpose } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ModelOutcome } from './use.rules.ts'

/** From this day of the tenant's time zone on. */
export interface UsageSince {
  readonly timeZone: string
  readonly firstDay: string
}

export interface UsageRow {
  readonly day: string
  readonly purpose: ModelPurpose
  readonly outcome: ModelOutcome
  readonly questions: number
  readonly inputTokens: number
  readonly outputTokens: number
}

/** The first instant of a day in the time zone. */
const startOf = ({ timeZone, firstDay }: UsageSince) => sql`(${firstDay}::date::timestamp at time zone ${timeZone})`

/** What was used, by day, purpose and outcome; oldest first. */
export const listUsageByDay = async (tx: TenantTx, since: UsageSince): Promise<readonly UsageRow[]> => {
  const { rows } = await sql<UsageRow>`
    select (at at time zone ${since.timeZone})::date as day, purpose, outcome, count(*)::integer as questions,
      sum(input_tokens)::float8 as "inputTokens", sum(output_tokens)::float8 as "outputTokens"
    from model_use where tenant_id = ${tx.tenantId} and at >= ${startOf(since)}
    group by 1, 2, 3 order by 1, 2, 3`.execute(tx)
  return rows
}

/** How long the model took to answer; null when it did not. */
export const measureLatency = async (
  tx: TenantTx,
  since: UsageSince,
): Promise<{ readonly median: number; readonly p95: number } | null> => {
  const { rows } = await sql<{ readonly median: number | null; readonly p95: number | null }>`
    select percentile_cont(0.5) within group (order by latency_ms) as median,
      percentile_cont(0.95) within group (order by latency_ms) as p95
    from model_use where tenant_id = ${tx.tenantId} and outcome = 'answered' and at >= ${startOf(since)}`.execute(tx)
  const { median = null, p95 = null } = rows[0] ?? {}
  return median === null || p95 === null ? null : { median: Math.round(median), p95: Math.round(p95) }
}
