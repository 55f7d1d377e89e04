import { sql } from 'kysely'

import type { Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** What decides for the whole tenant whether anything is planned. */
export interface TenantPlanFacts {
  /** False also once the subscription is over. */
  readonly isActive: boolean
  readonly isStopped: boolean
  readonly isGloballyStopped: boolean
  /** Epoch ms. */
  readonly observeUntil: number
  readonly timeZone: string
  readonly quietFromHour: number
  readonly quietToHour: number
}

export const readTenantPlanFacts = async (tx: TenantTx, at: number): Promise<TenantPlanFacts> => {
  const { rows } = await sql<{
    is_active: boolean
    stopped: boolean
    globally_stopped: boolean
    observe_until: Date
    time_zone: string
    quiet_from_hour: number
    quiet_to_hour: number
  }>`
    select t.state = 'active' and (l.automated_until is null or l.automated_until > ${toDate(at)}) as is_active,
      t.sending_stopped_at is not null as stopped, i.sending_stopped_at is not null as globally_stopped,
      t.observe_until, t.time_zone, coalesce(l.quiet_from_hour, 21) as quiet_from_hour, coalesce(l.quiet_to_hour, 9) as quiet_to_hour
    from tenant t cross join installation i left join tenant_limits l on l.tenant_id = t.id
    where t.id = ${tx.tenantId}`.execute(tx)
  const row = rows[0]
  if (!row) throw new Error(`tenant ${tx.tenantId} is gone`)
  return {
    isActive: row.is_active,
    isStopped: row.stopped,
    isGloballyStopped: row.globally_stopped,
    observeUntil: row.observe_until.getTime(),
    timeZone: row.time_zone,
    quietFromHour: row.quiet_from_hour,
    quietToHour: row.quiet_to_hour,
  }
}

/** One planner works a tenant at a time: a second waits, and then sees what the first planned. */
export const lockPlanner = async (tx: TenantTx): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('plan', ${tx.tenantId}))`.execute(tx)
}

/** A contact to whom the strategy of their primary segment may write within the horizon. */
export interface Candidate {
  readonly contactId: number
  readonly telegramId: number
  readonly segment: Segment
  readonly timeZone: string | null
  readonly hourCounts: readonly number[]
  /** The account the contact talked to last among those that reach them. */
  readonly accountId: number
  readonly isAccountUsable: boolean
  readonly hasNightConsent: boolean
  /** Epoch ms of the last commercial message, sent or withheld as holdout. */
  readonly lastAt: number | null
  /** Arms told to the contact lately. */
  readonly staleArms: readonly string[]
  /** Periods of the coming days that a strategy delivery has already used. */
  readonly usedKeys: readonly string[]
}

interface CandidateRow {
  readonly last_id: number
  /** Null for the row that only tells where the page ends. */
  readonly contact_id: number | null
  readonly telegram_id: number
  readonly segment: Segment
  readonly time_zone: string | null
  readonly hour_counts: number[] | null
  readonly account_id: number
  readonly is_account_usable: boolean
  readonly has_night_consent: boolean
  readonly last_at: Date | null
  readonly stale_arms: string[] | null
  readonly used_keys: string[] | null
}

/** The same content is refused within seven days; a day more covers what is sent later than it is planned. */
const STALE_MS = 7 * DAY_MS

export interface CandidateQuery {
  readonly afterContactId: number
  /** Contacts looked at, candidates or not. */
  readonly limit: number
  readonly now: number
  readonly horizonEndAt: number
  /** The longest interval of any strategy: how far back the last message matters. */
  readonly longestEveryHours: number
}

export interface CandidatePage {
  readonly candidates: readonly Candidate[]
  /** Where the next page begins; null when all contacts are through. */
  readonly lastContactId: number | null
}

/**
 * Looks at the next `limit` contacts with a primary segment and returns those among them with an enabled strategy,
 * marketing consent, an account that reaches them, no suppression, nothing commercial pending and their interval over
 * before the horizon ends. In order of contact id. Each table is read by the keys of the page, whatever the database
 * believes about tables it never analysed, so the cost of a page does not grow with the tenant.
 */
export const listCandidates = async (tx: TenantTx, query: CandidateQuery): Promise<CandidatePage> => {
  const { rows } = await sql<CandidateRow>`
    with page as materialized (
      select contact_id, primary_segment from segment_assignment
      where tenant_id = ${tx.tenantId} and contact_id > ${query.afterContactId} and primary_segment is not null
      order by contact_id limit ${query.limit}
    ), candidate as (
      select sa.contact_id, c.telegram_id, sa.primary_segment as segment, c.time_zone, f.hour_counts,
        reach.account_id, reach.is_usable as is_account_usable,
        coalesce((select n.granted from contact_consent n where n.tenant_id = ${tx.tenantId} and n.contact_id = sa.contact_id
          and n.purpose = 'night_hours'), false) as has_night_consent,
        past.last_at, past.stale_arms, past.used_keys
      from page sa
      join strategy s on s.tenant_id = ${tx.tenantId} and s.segment = sa.primary_segment collate "default" and s.is_current
        and s.enabled and s.max_per_day > 0
      cross join lateral (select * from contact known where known.tenant_id = ${tx.tenantId} and known.id = sa.contact_id limit 1) c
      cross join lateral (
        select from contact_consent given where given.tenant_id = ${tx.tenantId} and given.contact_id = sa.contact_id
          and given.purpose = 'marketing' and given.granted limit 1
      ) m
      left join lateral (
        select hour_counts from contact_feature kept where kept.tenant_id = ${tx.tenantId} and kept.contact_id = sa.contact_id limit 1
      ) f on true
      cross join lateral (
        select ca.account_id, a.state = 'active' and a.sending_stopped_at is null and a.health <> 'stopped' as is_usable
        from contact_account ca join account a on a.tenant_id = ${tx.tenantId} and a.id = ca.account_id
        -- Spelt so that the partial index of reachable contacts, which leads by account, does not answer.
        where ca.tenant_id = ${tx.tenantId} and ca.contact_id = sa.contact_id and coalesce(ca.reachability, '') = 'reachable'
        order by ca.last_inbound_at desc nulls last, ca.account_id limit 1
      ) reach
      cross join lateral (
        select
          coalesce(bool_or(d.state in ('planned', 'deferred', 'reserved')), false) as is_pending,
          max(coalesce(d.reserved_at, case when d.is_holdout then d.due_at end)) as last_at,
          array_agg(d.arm) filter (where coalesce(d.reserved_at, case when d.is_holdout then d.due_at end) > ${toDate(query.now - STALE_MS)}) as stale_arms,
          array_agg(d.dedupe_key) filter (where d.source = 'strategy' and d.due_at > ${toDate(query.now - 2 * DAY_MS)}) as used_keys
        from delivery d
        where d.tenant_id = ${tx.tenantId} and d.contact_id = sa.contact_id and d.message_class = 'commercial'
          and d.planned_at > ${toDate(query.now - Math.max(STALE_MS, query.longestEveryHours * HOUR_MS) - 2 * DAY_MS)}
      ) past
      where c.telegram_id is not null and c.suppressed_at is null and c.merged_into_id is null and c.erased_at is null
        and not c.is_bot and not c.is_official
        and not past.is_pending
        and (past.last_at is null or past.last_at + make_interval(hours => s.every_hours - 1) < ${toDate(query.horizonEndAt)})
    )
    select last.id as last_id, candidate.* from (select max(contact_id) as id from page) last
    left join candidate on true where last.id is not null order by candidate.contact_id`.execute(tx)
  return {
    lastContactId: rows[0]?.last_id ?? null,
    candidates: rows.flatMap((row) => (row.contact_id === null ? [] : [toCandidate(row, row.contact_id)])),
  }
}

const toCandidate = (row: CandidateRow, contactId: number): Candidate => ({
  contactId,
  telegramId: row.telegram_id,
  segment: row.segment,
  timeZone: row.time_zone,
  hourCounts: row.hour_counts ?? [],
  accountId: row.account_id,
  isAccountUsable: row.is_account_usable,
  hasNightConsent: row.has_night_consent,
  lastAt: row.last_at?.getTime() ?? null,
  staleArms: row.stale_arms ?? [],
  usedKeys: row.used_keys ?? [],
})

/** One row to write; instants are `Date`s. */
export interface PlannedRow {
  readonly account_id: number
  readonly contact_id: number
  readonly chat_id: number
  readonly template_id: number
  readonly variant: string
  readonly segment: Segment
  readonly strategy_version: number
  readonly strategy_cooldown_hours: number
  readonly strategy_max_per_day: number
  readonly arm: string
  readonly propensity: number
  readonly is_holdout: boolean
  readonly expected_response_ratio: number
  readonly priority: number
  readonly due_at: Date
  readonly expires_at: Date
  readonly dedupe_key: string
}

/**
 * Writes strategy deliveries; a period already used (same dedupe key) is left as it is. Holdouts are written as refused:
 * they prove what happens without a message. Returns the accounts whose queue grew and how many rows were written.
 */
export const insertStrategyDeliveries = async (
  tx: TenantTx,
  rows: readonly PlannedRow[],
  now: number,
): Promise<{ readonly planned: number; readonly holdouts: number; readonly accountIds: readonly number[] }> => {
  if (rows.length === 0) return { planned: 0, holdouts: 0, accountIds: [] }
  const written = await sql<{ account_id: number; is_holdout: boolean }>`
    insert into delivery (tenant_id, account_id, contact_id, chat_id, source, message_class, template_id, variant, segment,
      strategy_version, strategy_cooldown_hours, strategy_max_per_day, arm, propensity, is_holdout, expected_response_ratio,
      is_outreach, state, reason, priority, due_at, expires_at, dedupe_key, planned_at, finished_at)
    select ${tx.tenantId}, account_id, contact_id, chat_id, 'strategy', 'commercial', template_id, variant, segment,
      strategy_version, strategy_cooldown_hours, strategy_max_per_day, arm, propensity, is_holdout, expected_response_ratio,
      true, case when is_holdout then 'refused' else 'planned' end, case when is_holdout then 'holdout' end,
      priority, due_at, expires_at, dedupe_key, ${toDate(now)}, case when is_holdout then ${toDate(now)}::timestamptz end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      account_id bigint, contact_id bigint, chat_id bigint, template_id bigint, variant text, segment text,
      strategy_version integer, strategy_cooldown_hours integer, strategy_max_per_day smallint, arm text,
      propensity double precision, is_holdout boolean, expected_response_ratio double precision, priority smallint,
      due_at timestamptz, expires_at timestamptz, dedupe_key text)
    on conflict (tenant_id, dedupe_key) do nothing
    returning account_id, is_holdout`.execute(tx)
  const planned = written.rows.filter((row) => !row.is_holdout)
  return {
    planned: planned.length,
    holdouts: written.rows.length - planned.length,
    accountIds: [...new Set(planned.map((row) => row.account_id))],
  }
}
