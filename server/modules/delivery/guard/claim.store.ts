import { sql } from 'kysely'

import type { DeliverySource, MessageClass } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

export interface ClaimedRow {
  readonly id: number
  readonly account_id: number
  readonly contact_id: number | null
  readonly chat_id: number
  readonly source: DeliverySource
  readonly message_class: MessageClass
  readonly template_id: number | null
  readonly variant: string | null
  readonly content: unknown
  readonly is_outreach: boolean
  readonly is_human: boolean
  readonly is_ai: boolean
  readonly is_holdout: boolean
  readonly invite_chat_id: number | null
  readonly strategy_cooldown_hours: number | null
  readonly strategy_max_per_day: number | null
  readonly expires_at: Date | null
  readonly due_at: Date
}

export const claimedColumns = sql`d.id, d.account_id, d.contact_id, d.chat_id, d.source, d.message_class, d.template_id, d.variant, d.content,
  d.is_outreach, d.is_human, d.is_ai, d.is_holdout, d.invite_chat_id, d.strategy_cooldown_hours, d.strategy_max_per_day,
  d.expires_at, d.due_at`

/** How many of an account's due deliveries are wanted. */
export interface ClaimWish {
  readonly accountId: number
  readonly limit: number
  /** Only deliveries of at least this priority. */
  readonly minPriority: number
}

/** Waiting deliveries of the account of a row named `of`, as a condition on rows named `d`. */
const queueOf = (tx: TenantTx, of: string) =>
  sql`d.tenant_id = ${tx.tenantId} and d.account_id = ${sql.ref(`${of}.account_id`)} and d.state in ('planned', 'deferred')`

/**
 * `paused` campaigns, and each `level` of priority in the queues of the accounts in `asked`, found by hopping along the
 * index; for `with recursive`.
 */
const levels = (tx: TenantTx) => sql`paused as materialized (
      select id from campaign where tenant_id = ${tx.tenantId} and state = 'paused'
    ), level (account_id, priority) as (
      select asked.account_id, (select d.priority from delivery d where ${queueOf(tx, 'asked')} order by d.priority desc limit 1)
      from asked
      union all
      select level.account_id, (select d.priority from delivery d
        where ${queueOf(tx, 'level')} and d.priority < level.priority order by d.priority desc limit 1)
      from level where level.priority is not null
    )`

/**
 * Claims due deliveries of accounts, up to the limit of each, highest priority first, oldest due first within one.
 * Priorities are few, so the query hops from one to the next along the index and never sorts a queue. Paused campaigns
 * stay. Locks first the contacts (and chats posted into, by number: not all of them have a row), so that no other account
 * reserves for them and no withdrawal overtakes the guard, then the deliveries; what somebody else has locked is left for
 * the next round, so a claim never waits here. What the guard reads afterwards, in statements of their own, is as of
 * after the locks. `offset 0` keeps the state out of the look-up by id: with it, a database without statistics walks the
 * whole queue.
 */
export const claimDueRows = async (
  tx: TenantTx,
  wishes: readonly ClaimWish[],
  now: number,
): Promise<readonly ClaimedRow[]> => {
  const { rows } = await sql<ClaimedRow>`
    with recursive asked as materialized (
      select * from unnest(${wishes.map((w) => w.accountId)}::bigint[], ${wishes.map((w) => w.limit)}::int[],
        ${wishes.map((w) => w.minPriority)}::int[]) as u (account_id, up_to, min_priority)
    ), ${levels(tx)}, due as materialized (
      select of_account.* from asked cross join lateral (
        select of_level.* from level cross join lateral (
          select d.id, d.contact_id, d.chat_id from delivery d
          where ${queueOf(tx, 'asked')} and d.priority = level.priority and d.due_at <= ${toDate(now)}
            and (d.campaign_id is null or d.campaign_id not in (select id from paused))
          order by d.due_at limit asked.up_to
        ) of_level
        where level.account_id = asked.account_id and level.priority >= asked.min_priority
        limit asked.up_to
      ) of_account
    ), held as materialized (
      select c.id from contact c
      where c.tenant_id = ${tx.tenantId} and c.id = any(array(select contact_id from due))
      for no key update skip locked
    )
    select ${claimedColumns} from due cross join lateral (
      select ${claimedColumns}, d.state, d.priority from delivery d
      where d.tenant_id = ${tx.tenantId} and d.id = due.id
      offset 0 for no key update skip locked
    ) d
    where d.state in ('planned', 'deferred') and case when due.contact_id is null
      then pg_try_advisory_xact_lock(hashtextextended(${`chat:${tx.tenantId}:`} || due.chat_id, 0))
      else due.contact_id in (select id from held) end
    order by d.account_id, d.priority desc, d.due_at`.execute(tx)
  return rows
}

/** When each account's next waiting delivery is due; accounts where none waits are left out. Hops like the claim does. */
export const findNextDueAts = async (
  tx: TenantTx,
  accountIds: readonly number[],
): Promise<ReadonlyMap<number, number>> => {
  if (accountIds.length === 0) return new Map()
  const { rows } = await sql<{ account_id: number; due_at: Date }>`
    with recursive asked as materialized (
      select account_id from unnest(${accountIds}::bigint[]) as u (account_id)
    ), ${levels(tx)}
    select level.account_id, min(due.due_at) as due_at from level cross join lateral (
      select d.due_at from delivery d
      where ${queueOf(tx, 'level')} and d.priority = level.priority
        and (d.campaign_id is null or d.campaign_id not in (select id from paused))
      order by d.due_at limit 1
    ) due
    group by level.account_id`.execute(tx)
  return new Map(rows.map((row) => [row.account_id, row.due_at.getTime()]))
}
