import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type ClaimedRow, claimedColumns } from './claim.store.ts'
import type { AttemptRow } from './guard.store.ts'

/** For how long Telegram surely knows the number of a message; nothing is repeated under an older one. */
export const REPEAT_WITHIN_MS = DAY_MS

const FIRST_PAUSE_MS = 5 * SECOND_MS
const LONGEST_PAUSE_MS = HOUR_MS

/**
 * Sends of a user account that are in doubt and may be repeated under their number: begun within the day, in the
 * session the account still has, last tried a growing pause ago, and not refused for good since. Locks the contacts,
 * then the deliveries, as the claim of due ones does; what somebody else holds is left for later.
 */
export const claimDoubtfulRows = async (
  tx: TenantTx,
  accountId: number,
  now: number,
  limit: number,
): Promise<readonly ClaimedRow[]> => {
  const { rows } = await sql<ClaimedRow>`
    with doubtful as materialized (
      select last.delivery_id as id, d.contact_id from (
        select distinct on (a.delivery_id) a.delivery_id, a.result, a.failure, a.finished_at, a.random_id, a.number
        from attempt a
        where a.tenant_id = ${tx.tenantId} and a.account_id = ${accountId}
          and a.started_at > ${toDate(now - REPEAT_WITHIN_MS)} and a.random_id is not null
        order by a.delivery_id, a.number desc
      ) last
      join account o on o.tenant_id = ${tx.tenantId} and o.id = ${accountId} and o.kind = 'user'
      join delivery d on d.tenant_id = ${tx.tenantId} and d.id = last.delivery_id and d.state = 'unknown'
      where last.result in ('unknown', 'retry', 'account_lost') and last.failure is distinct from 'random_id_used'
        and (last.random_id >> 32) > ${Math.ceil((now - REPEAT_WITHIN_MS) / SECOND_MS)}
        and (last.random_id >> 32) >= floor(extract(epoch from o.linked_at))
        and last.finished_at <= ${toDate(now)}::timestamptz
          - least(${FIRST_PAUSE_MS} * 2 ^ least(last.number - 1, 20), ${LONGEST_PAUSE_MS}) * interval '1 millisecond'
      order by last.finished_at limit ${limit}
    ), held as materialized (
      select c.id from contact c
      where c.tenant_id = ${tx.tenantId} and c.id = any(array(select contact_id from doubtful))
      order by c.id for no key update skip locked
    )
    select locked.* from doubtful cross join lateral (
      select ${claimedColumns}, d.state from delivery d
      where d.tenant_id = ${tx.tenantId} and d.id = doubtful.id
      offset 0 for no key update skip locked
    ) locked
    where locked.state = 'unknown' and (doubtful.contact_id is null or doubtful.contact_id in (select id from held))`.execute(
    tx,
  )
  return rows
}

/** Takes the deliveries back into the hands of a process, each with a new attempt under the number of its last one. */
export const writeRepeats = async (
  tx: TenantTx,
  accountId: number,
  ids: readonly number[],
  now: number,
): Promise<readonly AttemptRow[]> => {
  if (ids.length === 0) return []
  const { rows } = await sql<AttemptRow>`
    with moved as (
      update delivery d set state = 'reserved', reason = null, finished_at = null, attempt_count = d.attempt_count + 1
      where d.tenant_id = ${tx.tenantId} and d.id = any(${ids}::bigint[]) and d.state = 'unknown'
      returning d.id, d.attempt_count
    )
    insert into attempt (tenant_id, delivery_id, account_id, number, started_at, random_id)
    select ${tx.tenantId}, m.id, ${accountId}, m.attempt_count, ${toDate(now)}, (
      select a.random_id from attempt a where a.tenant_id = ${tx.tenantId} and a.delivery_id = m.id
      order by a.number desc limit 1
    ) from moved m
    returning delivery_id, id as attempt_id, number, random_id::text as random_id`.execute(tx)
  return rows
}
