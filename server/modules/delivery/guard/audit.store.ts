import { type RawBuilder, sql } from 'kysely'

import type { GuardReason } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { capPredicate } from './cap-predicate.store.ts'
import type { CapScope } from './caps.rules.ts'

/** One recorded send that breaks a rule. */
export interface AuditFinding {
  readonly rule: string
  readonly deliveryId: number
  readonly detail: string
}

/** Findings kept per rule; the number of them is what matters, not the last row. */
const FINDINGS_MAX = 100

/** A slot that was really used: the message left or may have left. */
const used = sql`d.tenant_id = current_tenant_id() and d.reserved_at is not null`

const findings = async (
  tx: TenantTx,
  rule: string,
  query: RawBuilder<{ id: number; detail: string }>,
): Promise<readonly AuditFinding[]> => {
  const { rows } = await query.execute(tx)
  return rows.map((r) => ({ rule, deliveryId: r.id, detail: r.detail }))
}

const PARTITION: Readonly<Record<CapScope, RawBuilder<unknown>>> = {
  tenant: sql`d.tenant_id`,
  account: sql`d.account_id`,
  contact: sql`d.contact_id`,
  chat: sql`d.account_id, d.chat_id`,
  contact_chat: sql`d.contact_id, d.invite_chat_id`,
}

export interface AuditedCap {
  readonly reason: GuardReason
  readonly scope: CapScope
  /** The window, as SQL over the row and its limits `l`; in milliseconds. */
  readonly windowMs: RawBuilder<number>
  /** The most reservations in one window, as SQL; null where the cap does not hold the row. */
  readonly max: RawBuilder<number | null>
  /** Whose slots are counted together, where that is not the scope's own. */
  readonly partition?: RawBuilder<unknown>
}

const limit = (name: string) => sql<number | null>`(l.limits ->> ${sql.lit(name)})::float8`
/** Of the package's limit and the tenant's own, the smaller number or the longer wait; what is not set does not count. */
const tighter = (name: string) => sql<number | null>`least(${limit(name)}, ${limit(`own_${name}`)})`
const longer = (name: string) => sql<number | null>`greatest(${limit(name)}, ${limit(`own_${name}`)})`
const fixed = (value: number) => sql<number>`${sql.lit(value)}::float8`

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * The caps of domain §5 said a second time, over the ledger: the audit shares the counting predicate with the guard
 * but not one line of its arithmetic, so a fault in the guard cannot hide itself.
 */
export const AUDITED_CAPS: readonly AuditedCap[] = [
  { reason: 'hard_ceiling_daily', scope: 'contact', windowMs: fixed(DAY), max: fixed(5) },
  { reason: 'hard_ceiling_gap', scope: 'contact', windowMs: fixed(2 * HOUR), max: fixed(1) },
  { reason: 'strategy_daily', scope: 'contact', windowMs: fixed(DAY), max: sql`d.strategy_max_per_day` },
  {
    reason: 'strategy_cooldown',
    scope: 'contact',
    windowMs: sql`d.strategy_cooldown_hours * ${sql.lit(HOUR)}::float8`,
    max: sql`case when d.strategy_cooldown_hours is not null then 1 end`,
  },
  {
    reason: 'outreach_cooldown',
    scope: 'contact',
    windowMs: sql`${longer('outreach_cooldown_minutes')} * ${sql.lit(MINUTE)}`,
    max: sql`case when ${longer('outreach_cooldown_minutes')} > 0 then 1 end`,
  },
  { reason: 'group_invite_cooldown', scope: 'contact_chat', windowMs: fixed(30 * DAY), max: fixed(1) },
  {
    reason: 'group_post_cooldown',
    scope: 'chat',
    partition: sql`d.chat_id`,
    windowMs: sql`${longer('group_post_cooldown_seconds')} * 1000`,
    max: sql`case when ${longer('group_post_cooldown_seconds')} > 0 then 1 end`,
  },
  {
    reason: 'warm_up_daily',
    scope: 'account',
    windowMs: fixed(DAY),
    max: sql`(
      select 100 * 2 ^ floor(extract(epoch from d.reserved_at - a.linked_at)::float8 / 86400) from account a
      where a.tenant_id = d.tenant_id and a.id = d.account_id and (l.limits ->> 'warm_up')::boolean
        and d.reserved_at < a.linked_at + interval '7 days'
    )`,
  },
  { reason: 'outreach_hourly', scope: 'account', windowMs: fixed(HOUR), max: tighter('outreach_hourly_max') },
  { reason: 'outreach_daily', scope: 'account', windowMs: fixed(DAY), max: tighter('outreach_daily_max') },
  { reason: 'account_per_minute', scope: 'account', windowMs: fixed(MINUTE), max: tighter('per_minute_max') },
  { reason: 'tenant_daily_quota', scope: 'tenant', windowMs: fixed(DAY), max: limit('daily_messages_max') },
  { reason: 'tenant_monthly_quota', scope: 'tenant', windowMs: fixed(30 * DAY), max: limit('monthly_messages_max') },
  { reason: 'telegram_chat_rate', scope: 'chat', windowMs: fixed(1_000), max: fixed(1) },
  {
    reason: 'telegram_group_rate',
    scope: 'chat',
    windowMs: fixed(MINUTE),
    max: sql`case when d.chat_id < 0 then 20 end`,
  },
]

/**
 * Reservations beyond a cap: for each slot, the one that came `max` places before it must be older than the window.
 * Limits are those in force at the instant of the slot.
 */
export const findCapBreaches = (tx: TenantTx, cap: AuditedCap): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    cap.reason,
    sql`
    with limited as (
      select d.id, d.tenant_id, d.account_id, d.contact_id, d.chat_id, d.invite_chat_id, d.reserved_at,
        floor(${cap.max})::int as max, ${cap.windowMs} as window_ms
      from delivery d
      left join lateral (
        select h.limits from tenant_limits_history h
        where h.tenant_id = d.tenant_id and h.valid_from <= d.reserved_at order by h.valid_from desc limit 1
      ) l on true
      where ${used} and ${capPredicate(cap.reason)} ${cap.scope === 'contact' ? sql`and d.contact_id is not null` : sql``}
    ), ordered as (
      select d.id, d.reserved_at, d.max, d.window_ms, lag(d.reserved_at, d.max) over (
        partition by ${cap.partition ?? PARTITION[cap.scope]} order by d.reserved_at, d.id
      ) as before
      from limited d
    )
    select id, format('one more than %s within %s ms', max, window_ms) as detail from ordered
    where before > reserved_at - window_ms * interval '1 millisecond'
    limit ${FINDINGS_MAX}`,
  )

/**
 * Commercial messages to people whose last word, of those recorded before the send, was not a yes. The last one said
 * counts: two accounts may learn of a no and a later yes in the other order.
 */
export const findConsentBreaches = (tx: TenantTx): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    'no_consent',
    sql`
    select d.id, 'no marketing consent in the ledger at the time' as detail
    from delivery d
    left join lateral (
      select c.granted from consent_ledger c
      where c.tenant_id = d.tenant_id and c.contact_id = d.contact_id and c.purpose = 'marketing' and c.recorded_at <= d.reserved_at
      order by c.at desc, c.recorded_at desc, c.id desc limit 1
    ) word on true
    where ${used} and d.message_class = 'commercial' and d.contact_id is not null and word.granted is distinct from true
    limit ${FINDINGS_MAX}`,
  )

/** Commercial messages inside the contact's quiet hours. */
export const findQuietHourBreaches = (tx: TenantTx): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    'quiet_hours',
    sql`
    with timed as (
      select d.id, d.reserved_at, extract(hour from d.reserved_at at time zone coalesce(c.time_zone, t.time_zone))::int as hour,
        (l.limits ->> 'quiet_from_hour')::int as quiet_from, (l.limits ->> 'quiet_to_hour')::int as quiet_to,
        exists (
          select from (
            select n.granted from consent_ledger n
            where n.tenant_id = d.tenant_id and n.contact_id = d.contact_id and n.purpose = 'night_hours' and n.recorded_at <= d.reserved_at
            order by n.at desc, n.recorded_at desc, n.id desc limit 1
          ) night where night.granted
        ) as night
      from delivery d
      join tenant t on t.id = d.tenant_id
      join contact c on c.tenant_id = d.tenant_id and c.id = d.contact_id
      join lateral (
        select h.limits from tenant_limits_history h
        where h.tenant_id = d.tenant_id and h.valid_from <= d.reserved_at order by h.valid_from desc limit 1
      ) l on true
      where ${used} and d.message_class = 'commercial'
    )
    select id, format('sent at local hour %s', hour) as detail from timed
    where quiet_from <> quiet_to
      and (case when quiet_from < quiet_to then hour >= quiet_from and hour < quiet_to else hour >= quiet_from or hour < quiet_to end)
      and not (night and (hour >= quiet_from or hour < 2))
    limit ${FINDINGS_MAX}`,
  )

/**
 * Sends of business accounts to people who had not written to them within 24 hours, or into groups. The clocks of two
 * processes may differ a little, so what was written a moment after the slot still counts. Erased people have no words left.
 */
export const findWindowBreaches = (tx: TenantTx): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    'business_window_closed',
    sql`
    select d.id, 'nothing from the person within 24 hours before' as detail
    from delivery d join account a on a.tenant_id = d.tenant_id and a.id = d.account_id
    where ${used} and a.kind = 'business' and d.chat_id <> 0 and not exists (
      select from message m
      where m.tenant_id = d.tenant_id and m.contact_id = d.contact_id and m.account_id = d.account_id
        and m.direction = 'in' and m.chat_id = d.chat_id and m.chat_id > 0
        and m.at > d.reserved_at - interval '24 hours' and m.at < d.reserved_at + interval '1 minute'
    )
    limit ${FINDINGS_MAX}`,
  )

/**
 * What left by itself after the subscription was over, by the terms of its own time; what people typed may leave.
 */
export const findOverdueSends = (tx: TenantTx): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    'subscription_over',
    sql`
    select d.id, format('automated until %s', l.limits ->> 'automated_until') as detail
    from delivery d
    join lateral (
      select h.limits from tenant_limits_history h
      where h.tenant_id = d.tenant_id and h.valid_from <= d.reserved_at order by h.valid_from desc limit 1
    ) l on true
    where ${used} and not d.is_human and d.reserved_at >= (l.limits ->> 'automated_until')::timestamptz
    limit ${FINDINGS_MAX}`,
  )

/**
 * What a model said after the contact's /stop (by the consent ledger), in a conversation given to a person, or on an
 * account that did not answer by model. Clocks of processes differ a little: what changed within a minute is let pass.
 */
export const findSpokenOver = (tx: TenantTx): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    'ai_silenced',
    sql`
    select d.id, case when word.text_version = 'stop' then 'after the contact said stop'
      when v.handed_over_at is not null then 'after the conversation was given to a person'
      else 'while the account did not answer by AI' end as detail
    from delivery d
    left join lateral (
      select c.text_version from consent_ledger c
      where c.tenant_id = d.tenant_id and c.contact_id = d.contact_id and c.purpose = 'marketing' and c.recorded_at <= d.reserved_at
      order by c.at desc, c.recorded_at desc, c.id desc limit 1
    ) word on true
    left join conversation v on v.tenant_id = d.tenant_id and v.account_id = d.account_id and v.contact_id = d.contact_id
      and v.handed_over_at < d.reserved_at - interval '1 minute'
    where ${used} and d.is_ai and (word.text_version = 'stop' or v.handed_over_at is not null or not exists (
      select from account_setting s
      where s.tenant_id = d.tenant_id and s.account_id = d.account_id and s.reply_mode = 'ai'
        and s.updated_at < d.reserved_at + interval '1 minute' and not exists (
          select from account_setting later
          where later.tenant_id = s.tenant_id and later.account_id = s.account_id and later.version > s.version
            and later.updated_at < d.reserved_at - interval '1 minute'
        )
    ))
    limit ${FINDINGS_MAX}`,
  )

/** The same content to the same contact within seven days. */
export const findRepeats = (tx: TenantTx): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    'duplicate_content',
    sql`
    with ordered as (
      select d.id, d.reserved_at, d.message_class,
        lag(d.reserved_at) over (partition by d.contact_id, d.content_hash order by d.reserved_at, d.id) as before
      from delivery d where ${used} and d.contact_id is not null and d.content_hash is not null and d.message_class = 'commercial'
    )
    select id, format('same content as at %s', before) as detail from ordered
    where before > reserved_at - interval '7 days' limit ${FINDINGS_MAX}`,
  )

/**
 * Deliveries with more than one accepted call, or a call after one that nobody can vouch for. Calls under one number
 * are one message to Telegram.
 */
export const findDoubleSends = (tx: TenantTx): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    'sent_twice',
    sql`
    select a.delivery_id as id, format('%s calls accepted or in doubt', count(*)) as detail
    from attempt a where a.tenant_id = current_tenant_id() and a.result in ('sent', 'unknown')
    group by a.delivery_id having count(distinct coalesce('r' || a.random_id, 'a' || a.id)) > 1 limit ${FINDINGS_MAX}`,
  )

/** Calls repeated under a number so old that Telegram may have forgotten it, or by an account that has no numbers. */
export const findLateRepeats = (tx: TenantTx): Promise<readonly AuditFinding[]> =>
  findings(
    tx,
    'repeated_late',
    sql`
    select a.delivery_id as id, format('repeated %s after the first call', max(a.started_at) - min(a.started_at)) as detail
    from attempt a join account o on o.tenant_id = a.tenant_id and o.id = a.account_id
    where a.tenant_id = current_tenant_id() and a.random_id is not null
    group by a.delivery_id, a.random_id, o.kind
    having count(*) > 1 and (max(a.started_at) - min(a.started_at) > interval '1 day' or o.kind <> 'user')
    limit ${FINDINGS_MAX}`,
  )

/** How many sends the audit looked at. */
export const countAudited = async (tx: TenantTx): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*) as count from delivery d where ${used}`.execute(tx)
  return rows[0]?.count ?? 0
}
