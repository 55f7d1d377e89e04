import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { SegmentCounts } from './segment-performance.rules.ts'

/** Outcomes of what was sent in [since, until), epoch ms, counted where they stand: on the delivery. */
export const countOutcomes = async (tx: TenantTx, since: number, until: number): Promise<readonly SegmentCounts[]> => {
  const { rows } = await sql<SegmentCounts>`
    select segment, count(*) as sent, count(responded_at) as responded, count(clicked_at) as clicked,
      count(converted_at) as converted, count(opted_out_at) as "optedOut", count(blocked_at) as blocked
    from delivery
    where tenant_id = ${tx.tenantId} and state = 'sent' and segment is not null
      and reserved_at >= ${toDate(since)} and reserved_at < ${toDate(until)}
    group by segment`.execute(tx)
  return rows
}
