import { sql } from 'kysely'

import type { GuardReason, MessageClass } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { DUPLICATE_WINDOW_MS } from './guard.rules.ts'

/** People of an audience who get the same answer: refused for a reason, or open with one clock. */
export interface AudienceBucket {
  readonly reason: GuardReason | null
  readonly time_zone: string
  readonly night_consent: boolean
  readonly count: number
}

export interface AudienceQuery {
  readonly accountId: number
  readonly contactIds: readonly number[]
  readonly messageClass: MessageClass
  readonly contentHashes: readonly number[]
  readonly timeZone: string
  readonly now: number
}

/** Sorts an audience by the guard's rules about people, in the guard's order, in one statement. */
export const listAudienceBuckets = async (tx: TenantTx, query: AudienceQuery): Promise<readonly AudienceBucket[]> => {
  const commercial = query.messageClass === 'commercial'
  const { rows } = await sql<AudienceBucket>`
    with person as (
      select c.id, c.is_bot, c.is_official, c.suppressed_at is not null as suppressed,
        coalesce(ca.reachability, 'not_started') as reachability, coalesce(c.time_zone, ${query.timeZone}) as time_zone,
        coalesce(m.granted, false) as marketing, coalesce(n.granted, false) as night_consent,
        ${commercial} and exists (
          select from delivery d where d.tenant_id = c.tenant_id and d.contact_id = c.id
            and d.reserved_at > ${toDate(query.now - DUPLICATE_WINDOW_MS)} and d.content_hash = any(${query.contentHashes}::bigint[])
        ) as repeated
      from contact c
      left join contact_account ca on ca.tenant_id = c.tenant_id and ca.contact_id = c.id and ca.account_id = ${query.accountId}
      left join contact_consent m on m.tenant_id = c.tenant_id and m.contact_id = c.id and m.purpose = 'marketing'
      left join contact_consent n on n.tenant_id = c.tenant_id and n.contact_id = c.id and n.purpose = 'night_hours'
      where c.tenant_id = ${tx.tenantId} and c.id = any(${query.contactIds}::bigint[])
    )
    select case
        when ${commercial} and suppressed then 'suppressed'
        when ${commercial} and not marketing then 'no_consent'
        when is_bot then 'recipient_is_bot'
        when is_official then 'recipient_is_official'
        when reachability = 'unknown' then 'unreachable'
        when reachability <> 'reachable' then reachability
        when repeated then 'duplicate_content'
      end as reason, time_zone, night_consent, count(*) as count
    from person group by 1, 2, 3`.execute(tx)
  return rows
}
