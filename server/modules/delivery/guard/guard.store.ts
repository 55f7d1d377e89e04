import { type RawBuilder, sql } from 'kysely'

import type {
  AccountKind,
  ConsentPurpose,
  DeliverySource,
  GuardReason,
  Locale,
  MessageClass,
  Reachability,
} from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { capPredicate } from './cap-predicate.store.ts'
import type { Cap } from './caps.rules.ts'
import type { WindowUsage } from './usage.rules.ts'

export interface AccountRow {
  readonly global_stopped: boolean
  readonly tenant_state: string
  readonly automated_until: Date | null
  readonly tenant_stopped: boolean
  readonly time_zone: string
  readonly sender_name: string
  readonly locale: Locale
  readonly account_state: string
  readonly account_stopped: boolean
  readonly health: string
  readonly waiting_until: Date | null
  readonly linked_at: Date
  readonly kind: AccountKind
  readonly business_rights: readonly string[] | null
  readonly daily_messages_max: number | null
  readonly monthly_messages_max: number | null
  readonly per_minute_max: number | null
  readonly outreach_hourly_max: number | null
  readonly outreach_daily_max: number | null
  readonly outreach_cooldown_minutes: number
  readonly group_post_cooldown_seconds: number
  readonly quiet_from_hour: number
  readonly quiet_to_hour: number
  readonly warm_up: boolean
}

/** Of the package's limit and the tenant's own the stricter holds; a limit that is not set is left out by both functions. */
const accountColumns = sql`
  i.sending_stopped_at is not null as global_stopped, t.state as tenant_state,
  l.automated_until,
  t.sending_stopped_at is not null as tenant_stopped, t.time_zone, t.sender_name, t.locale,
  a.state as account_state, a.sending_stopped_at is not null as account_stopped, a.health, a.waiting_until, a.linked_at,
  a.kind, a.business_rights,
  l.daily_messages_max, l.monthly_messages_max, least(l.per_minute_max, l.own_per_minute_max) as per_minute_max,
  least(l.outreach_hourly_max, l.own_outreach_hourly_max) as outreach_hourly_max,
  least(l.outreach_daily_max, l.own_outreach_daily_max) as outreach_daily_max,
  greatest(l.outreach_cooldown_minutes, l.own_outreach_cooldown_minutes) as outreach_cooldown_minutes,
  greatest(l.group_post_cooldown_seconds, l.own_group_post_cooldown_seconds) as group_post_cooldown_seconds,
  l.quiet_from_hour, l.quiet_to_hour, l.warm_up`

const accountTables = sql`tenant_limits l join tenant t on t.id = l.tenant_id
  join account a on a.tenant_id = l.tenant_id cross join installation i`

/**
 * Facts of the account; with `lock`, the account stays locked for the transaction, and before it the tenant when it has
 * a quota that all its accounts share, so no slot is taken twice.
 */
export const findAccountRow = async (tx: TenantTx, accountId: number, lock: boolean): Promise<AccountRow | null> => {
  if (!lock) {
    const { rows } = await sql<AccountRow>`
      select ${accountColumns} from ${accountTables} where l.tenant_id = ${tx.tenantId} and a.id = ${accountId}`.execute(
      tx,
    )
    return rows[0] ?? null
  }
  // The common table is read in full before the first account row is locked.
  const { rows } = await sql<AccountRow>`
    with shared as materialized (
      select tenant_id from tenant_limits
      where tenant_id = ${tx.tenantId} and (daily_messages_max is not null or monthly_messages_max is not null)
      for no key update
    )
    select ${accountColumns} from ${accountTables} left join shared on shared.tenant_id = l.tenant_id
    where l.tenant_id = ${tx.tenantId} and a.id = ${accountId}
    for no key update of a`.execute(tx)
  return rows[0] ?? null
}

export interface ClaimedRow {
  readonly id: number
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

export const claimedColumns = sql`d.id, d.contact_id, d.chat_id, d.source, d.message_class, d.template_id, d.variant, d.content,
  d.is_outreach, d.is_human, d.is_ai, d.is_holdout, d.invite_chat_id, d.strategy_cooldown_hours, d.strategy_max_per_day,
  d.expires_at, d.due_at`

/** The account's waiting deliveries, as a condition on rows named `d`. */
const queueOf = (tx: TenantTx, accountId: number) =>
  sql`d.tenant_id = ${tx.tenantId} and d.account_id = ${accountId} and d.state in ('planned', 'deferred')`

/** `paused` campaigns, and each `level` of priority in the queue, found by hopping along the index; for `with recursive`. */
const levelsOf = (tx: TenantTx, queue: RawBuilder<unknown>) => sql`paused as materialized (
      select id from campaign where tenant_id = ${tx.tenantId} and state = 'paused'
    ), level (priority) as (
      (select d.priority from delivery d where ${queue} order by d.priority desc limit 1)
      union all
      select (select d.priority from delivery d where ${queue} and d.priority < level.priority order by d.priority desc limit 1)
      from level where level.priority is not null
    )`

/**
 * Claims up to `limit` due deliveries of the account, highest priority first, oldest due first within one. Priorities
 * are few, so the query hops from one to the next along the index and never sorts the queue. Paused campaigns stay.
 * Locks first the contacts (and chats posted into, by number: not all of them have a row), so that no other account
 * reserves for them and no withdrawal overtakes the guard, then the deliveries; what somebody else has locked is left for
 * the next round, so a claim never waits here. What the guard reads afterwards, in statements of their own, is as of
 * after the locks. `offset 0` keeps the state out of the look-up by id: with it, a database without statistics walks the
 * whole queue.
 */
export const claimDueRows = async (
  tx: TenantTx,
  accountId: number,
  now: number,
  limit: number,
  minPriority: number,
): Promise<readonly ClaimedRow[]> => {
  const queue = queueOf(tx, accountId)
  const { rows } = await sql<ClaimedRow>`
    with recursive ${levelsOf(tx, queue)}, due as materialized (
      select of_level.* from level cross join lateral (
        select d.id, d.contact_id, d.chat_id from delivery d
        where ${queue} and d.priority = level.priority and d.due_at <= ${toDate(now)}
          and (d.campaign_id is null or d.campaign_id not in (select id from paused))
        order by d.due_at limit ${limit}
      ) of_level
      where level.priority >= ${minPriority}
      limit ${limit}
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
    order by d.priority desc, d.due_at`.execute(tx)
  return rows
}

export interface RecipientRow {
  readonly id: number
  readonly reachability: Reachability
  readonly suppressed: boolean
  readonly is_bot: boolean
  readonly is_official: boolean
  readonly time_zone: string | null
  readonly consents: readonly ConsentPurpose[]
  readonly first_name: string
  readonly last_name: string
  readonly username: string | null
  readonly language_code: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}

/** What the guard and the renderer know of these people, as seen from one account. A person it never met is `not_started`. */
export const listRecipientRows = async (
  tx: TenantTx,
  accountId: number,
  contactIds: readonly number[],
): Promise<readonly RecipientRow[]> => {
  const { rows } = await sql<RecipientRow>`
    select c.id, coalesce(ca.reachability, 'not_started') as reachability, c.suppressed_at is not null as suppressed,
      c.is_bot, c.is_official, c.time_zone, c.first_name, c.last_name, c.username, c.language_code, c.attributes,
      array(select cc.purpose from contact_consent cc
        where cc.tenant_id = c.tenant_id and cc.contact_id = c.id and cc.granted) as consents
    from contact c
    left join contact_account ca on ca.tenant_id = c.tenant_id and ca.contact_id = c.id and ca.account_id = ${accountId}
    where c.tenant_id = ${tx.tenantId} and c.id = any(${contactIds}::bigint[])`.execute(tx)
  return rows
}

export interface SlotRow {
  readonly contact_id: number | null
  readonly account_id: number
  readonly chat_id: number
  readonly reserved_at: Date
  readonly message_class: MessageClass
  readonly is_outreach: boolean
  readonly is_human: boolean
  readonly invite_chat_id: number | null
  readonly content_hash: number | null
}

const slotColumns = sql`d.contact_id, d.account_id, d.chat_id, d.reserved_at, d.message_class, d.is_outreach, d.is_human,
  d.invite_chat_id, d.content_hash`

/**
 * Reservations of these contacts since `since`, any account. Asked for person by person and in the order of one index:
 * statistics from before a campaign's first send would have PostgreSQL walk all of the account's slots instead.
 */
export const listContactSlots = async (
  tx: TenantTx,
  contactIds: readonly number[],
  since: number,
): Promise<readonly SlotRow[]> => {
  const { rows } = await sql<SlotRow>`
    select ${slotColumns} from unnest(${contactIds}::bigint[]) as person (id) cross join lateral (
      select ${slotColumns} from delivery d
      where d.tenant_id = ${tx.tenantId} and d.contact_id = person.id and d.reserved_at > ${toDate(since)}
      order by d.reserved_at desc offset 0
    ) d`.execute(tx)
  return rows
}

/** Posts into these chats since `since`, any account. */
export const listChatSlots = async (
  tx: TenantTx,
  chatIds: readonly number[],
  since: number,
): Promise<readonly SlotRow[]> => {
  const { rows } = await sql<SlotRow>`
    select ${slotColumns} from delivery d
    where d.tenant_id = ${tx.tenantId} and d.chat_id = any(${chatIds}::bigint[]) and d.contact_id is null
      and d.reserved_at > ${toDate(since)}`.execute(tx)
  return rows
}

/** Chats that Telegram told the account to leave alone for now. */
export const listChatWaits = async (
  tx: TenantTx,
  accountId: number,
  now: number,
): Promise<ReadonlyMap<number, number>> => {
  const rows = await tx
    .selectFrom('chat_wait')
    .select(['chat_id', 'waiting_until'])
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .where('waiting_until', '>', toDate(now))
    .execute()
  return new Map(rows.map((r) => [r.chat_id, r.waiting_until.getTime()]))
}

/** Which of these chats are beyond the package's number of groups, by Telegram id. */
export const listChatsOverPackage = async (tx: TenantTx, chatIds: readonly number[]): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ telegram_id: number }>`
    select telegram_id from chat
    where tenant_id = ${tx.tenantId} and telegram_id = any(${chatIds}::bigint[]) and over_package_since is not null`.execute(
    tx,
  )
  return new Set(rows.map((row) => row.telegram_id))
}

/** Which of these chats the account is in no more, by Telegram id. A chat it was never told about is not among them. */
export const listChatsLeft = async (
  tx: TenantTx,
  accountId: number,
  chatIds: readonly number[],
): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ telegram_id: number }>`
    select c.telegram_id from chat c
    join chat_account a on a.tenant_id = c.tenant_id and a.chat_id = c.id and a.account_id = ${accountId}
    where c.tenant_id = ${tx.tenantId} and c.telegram_id = any(${chatIds}::bigint[]) and a.status in ('left', 'kicked')`.execute(
    tx,
  )
  return new Set(rows.map((row) => row.telegram_id))
}

/** Chats that these contacts refused, as `contact:chat` keys. */
export const listInviteRefusals = async (tx: TenantTx, contactIds: readonly number[]): Promise<ReadonlySet<string>> => {
  const rows = await tx
    .selectFrom('invite_refusal')
    .select(['contact_id', 'chat_id'])
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', 'in', [...contactIds])
    .execute()
  return new Set(rows.map((r) => `${r.contact_id}:${r.chat_id}`))
}

const scopeOf = (tx: TenantTx, cap: Cap, accountId: number) =>
  cap.scope === 'account'
    ? sql`d.tenant_id = ${tx.tenantId} and d.account_id = ${accountId}`
    : sql`d.tenant_id = ${tx.tenantId}`

/** How full an account's or a tenant's cap is, with the `keep` reservations that end first. */
export const findWindowUsage = async (
  tx: TenantTx,
  cap: Cap,
  accountId: number,
  now: number,
  keep: number,
): Promise<WindowUsage> => {
  const inside = sql`${scopeOf(tx, cap, accountId)} and d.reserved_at > ${toDate(now - cap.windowMs)} and ${capPredicate(cap.reason)}`
  const { rows } = await sql<{ count: number; oldest: Date[] }>`
    select (select count(*) from (select 1 from delivery d where ${inside} limit ${cap.max + 1}) used) as count,
      array(select d.reserved_at from delivery d where ${inside} order by d.reserved_at limit ${keep}) as oldest`.execute(
    tx,
  )
  return { count: rows[0]?.count ?? 0, oldest: (rows[0]?.oldest ?? []).map((at) => at.getTime()) }
}

/** Enough of the line is counted to spread it; beyond, later deliveries share a place. */
const WAITING_COUNTED_MAX = 20_000

/** How many deliveries of the account (or tenant) already wait for this cap. */
export const countWaiting = async (tx: TenantTx, cap: Cap, accountId: number, now: number): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select 1 from delivery d
      where ${scopeOf(tx, cap, accountId)} and d.state = 'deferred' and d.reason = ${cap.reason} and d.due_at > ${toDate(now)}
      limit ${WAITING_COUNTED_MAX}
    ) line`.execute(tx)
  return rows[0]?.count ?? 0
}

export interface Verdict {
  readonly id: number
  readonly state: 'reserved' | 'deferred' | 'refused'
  readonly reason: GuardReason | null
  /** When a deferred delivery is looked at again. */
  readonly dueAt: number | null
  readonly contentHash: number | null
  /** The number under which Telegram will know the send, where it knows any. */
  readonly randomId: bigint | null
}

export interface AttemptRow {
  readonly delivery_id: number
  readonly attempt_id: number
  readonly number: number
  /** In decimal: it is too large for a number. */
  readonly random_id: string | null
}

/** Writes the verdicts, and an open attempt for each reserved delivery, in one statement. */
export const writeVerdicts = async (
  tx: TenantTx,
  accountId: number,
  verdicts: readonly Verdict[],
  now: number,
): Promise<readonly AttemptRow[]> => {
  const { rows } = await sql<AttemptRow>`
    with verdict as (
      select * from unnest(
        ${verdicts.map((v) => v.id)}::bigint[], ${verdicts.map((v) => v.state)}::text[], ${verdicts.map((v) => v.reason)}::text[],
        ${verdicts.map((v) => (v.dueAt === null ? null : toDate(v.dueAt)))}::timestamptz[], ${verdicts.map((v) => v.contentHash)}::bigint[],
        ${verdicts.map((v) => v.randomId?.toString() ?? null)}::bigint[]
      ) as u (id, state, reason, due_at, content_hash, random_id)
    ), moved as (
      update delivery d set
        state = v.state, reason = v.reason, due_at = coalesce(v.due_at, d.due_at),
        content_hash = coalesce(v.content_hash, d.content_hash),
        reserved_at = case when v.state = 'reserved' then ${toDate(now)}::timestamptz end,
        finished_at = case when v.state = 'refused' then ${toDate(now)}::timestamptz end,
        attempt_count = d.attempt_count + (v.state = 'reserved')::int
      from verdict v where d.tenant_id = ${tx.tenantId} and d.id = v.id
      returning d.id, d.state, d.attempt_count, v.random_id
    )
    insert into attempt (tenant_id, delivery_id, account_id, number, started_at, random_id)
    select ${tx.tenantId}, m.id, ${accountId}, m.attempt_count, ${toDate(now)}, m.random_id
    from moved m where m.state = 'reserved'
    returning delivery_id, id as attempt_id, number, random_id::text as random_id`.execute(tx)
  return rows
}

/** When the account's next waiting delivery is due; null when none waits. Hops over priorities like the claim does. */
export const findNextDueAt = async (tx: TenantTx, accountId: number): Promise<number | null> => {
  const queue = queueOf(tx, accountId)
  const { rows } = await sql<{ due_at: Date | null }>`
    with recursive ${levelsOf(tx, queue)}
    select min(due.due_at) as due_at from level cross join lateral (
      select d.due_at from delivery d
      where ${queue} and d.priority = level.priority
        and (d.campaign_id is null or d.campaign_id not in (select id from paused))
      order by d.due_at limit 1
    ) due`.execute(tx)
  return rows[0]?.due_at?.getTime() ?? null
}
