import { sql } from 'kysely'

import type { ConsentPurpose, GuardReason, MessageClass } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { Campaign } from '#server/modules/campaigns/index.ts'

import { HARD_DAILY_MAX, HARD_GAP_MS } from '../ceilings.rules.ts'
import { audienceSql, holdoutSql } from './campaign-audience.store.ts'
import { armBucketSql, armTableSql } from './campaign-plan.store.ts'
import type { StepArm } from './campaign-plan.rules.ts'
import type { LandingLimits } from './landing.rules.ts'
import type { PreviewGroup } from './preview-group.rules.ts'

/** The guard refuses the same content again within this time. */
const DUPLICATE_MS = 7 * DAY_MS
/** How far back messages may still hold a contact back: the longest cooldown of any sensible strategy. */
const PAST_MS = 30 * 24 * HOUR_MS

interface GroupRow {
  readonly step: number
  readonly message_class: MessageClass
  readonly refused_by: GuardReason | null
  readonly held_by: GuardReason | null
  readonly is_outreach: boolean
  readonly time_zone: string | null
  readonly has_night_consent: boolean
  readonly held_until: Date | null
  readonly count: number
}

/**
 * Counts the deliveries a campaign would write now, by step, by what stands against each for good (holdout, suppression,
 * missing consent, reachability, the same content within seven days, in the guard's order) and by the contact's own cap
 * that would hold it when due: the hard gap, the strategy's cooldown and daily maximum, the outreach cooldown.
 */
export const countPreviewGroups = async (
  tx: TenantTx,
  campaign: Campaign,
  arms: readonly StepArm[],
  at: number,
): Promise<readonly PreviewGroup[]> => {
  const now = toDate(at)
  const granted = (purpose: ConsentPurpose) => sql`coalesce((select m.granted from contact_consent m
    where m.tenant_id = ca.tenant_id and m.contact_id = ca.contact_id and m.purpose = ${purpose}), false)`
  const audience = await audienceSql(
    tx,
    campaign,
    at,
    sql`left join lateral (
          select max(d.reserved_at) filter (where d.message_class = 'commercial') as last_at,
            max(d.reserved_at) filter (where d.is_outreach) as last_outreach_at,
            count(*) filter (where d.message_class = 'commercial' and d.reserved_at > ${toDate(at - DAY_MS)}) as day_count,
            min(d.reserved_at) filter (where d.message_class = 'commercial' and d.reserved_at > ${toDate(at - DAY_MS)}) as day_oldest_at
          from delivery d where d.tenant_id = ca.tenant_id and d.contact_id = ca.contact_id and d.reserved_at > ${toDate(at - PAST_MS)}
        ) past on true
        left join lateral (
          select primary_segment from segment_assignment held
          where held.tenant_id = ca.tenant_id and held.contact_id = ca.contact_id limit 1
        ) sa on true
        left join strategy s on s.tenant_id = ca.tenant_id and s.segment = sa.primary_segment collate "default" and s.is_current`,
  )
  const { rows } = await sql<GroupRow>`
    with known as materialized (
      select ca.contact_id, ca.reachability, c.time_zone, c.suppressed_at is not null as is_suppressed,
        ${holdoutSql(campaign, sql`ca.contact_id`)} as is_holdout,
        ca.last_inbound_at is not null or ca.started_at is not null as has_written,
        ${granted('marketing')} as has_consent, ${granted('night_hours')} as has_night_consent,
        past.last_at, past.last_outreach_at, past.day_count, past.day_oldest_at, s.cooldown_hours,
        least(s.max_per_day, ${HARD_DAILY_MAX}) as max_per_day
      from ${audience}
    ), judged as (
      select arm.step, arm.message_class, a.*, greatest(arm.due_at, ${now}) as due_at,
        case when arm.message_class = 'commercial' then ${campaign.kind} <> 'broadcast' or not a.has_consent else not a.has_written end as is_outreach,
        arm.message_class = 'commercial' as is_commercial,
        case when arm.message_class = 'commercial' then (
          select true from delivery d where d.tenant_id = ${tx.tenantId} and d.contact_id = a.contact_id
            and d.reserved_at > ${toDate(at - DUPLICATE_MS)} and d.template_id = arm.template_id and d.variant = arm.variant limit 1
        ) end as is_repeat
      from known a join ${armTableSql(campaign, arms)} on ${armBucketSql(campaign, sql`a.contact_id`)}
    )
    select step, message_class, case
        when is_holdout then 'holdout'
        when is_commercial and is_suppressed then 'suppressed'
        when is_commercial and not has_consent then 'no_consent'
        when reachability = 'unknown' then 'unreachable'
        when reachability <> 'reachable' then reachability
        when is_repeat then 'duplicate_content'
      end as refused_by,
      cap.reason as held_by, is_outreach, time_zone, has_night_consent, max(cap.until) as held_until, count(*)::integer as count
    from judged left join lateral (
      select reason, until from (values
        ('hard_ceiling_gap', case when is_commercial then last_at + make_interval(secs => ${HARD_GAP_MS / 1_000}) end),
        ('strategy_cooldown', case when is_commercial then last_at + make_interval(hours => cooldown_hours) end),
        ('strategy_daily', case when is_commercial and day_count >= max_per_day then day_oldest_at + interval '24 hours' end),
        ('outreach_cooldown', case when is_outreach then last_outreach_at + make_interval(mins => (
          select greatest(outreach_cooldown_minutes, own_outreach_cooldown_minutes) from tenant_limits where tenant_id = ${tx.tenantId})) end)
      ) as caps(reason, until)
      where until > due_at order by until desc, reason limit 1
    ) cap on true
    group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7`.execute(tx)
  return rows.map((row) => ({
    step: row.step,
    messageClass: row.message_class,
    refusedBy: row.refused_by,
    heldBy: row.held_by,
    heldUntil: row.held_until?.getTime() ?? null,
    isOutreach: row.is_outreach,
    timeZone: row.time_zone,
    hasNightConsent: row.has_night_consent,
    count: row.count,
  }))
}

/** What holds the campaign's account as a whole, and its limits with what is used of them. */
export interface PreviewAccount extends LandingLimits {
  readonly timeZone: string
  readonly quietFromHour: number
  readonly quietToHour: number
  readonly groupPostCooldownMs: number
  /** Switches that are off and states that stop everything: nothing leaves until they change. */
  readonly holds: readonly GuardReason[]
}

export const readPreviewAccount = async (
  tx: TenantTx,
  accountId: number,
  at: number,
): Promise<PreviewAccount | null> => {
  const { rows } = await sql<{
    time_zone: string
    holds: GuardReason[]
    linked_at: Date
    per_minute_max: number | null
    outreach_hourly_max: number | null
    outreach_daily_max: number | null
    daily_messages_max: number | null
    monthly_messages_max: number | null
    warm_up: boolean
    group_post_cooldown_seconds: number
    quiet_from_hour: number
    quiet_to_hour: number
    outreach_today: number
    commercial_today: number
    messages_today: number
    messages_this_month: number
  }>`
    select t.time_zone, a.linked_at, least(l.per_minute_max, l.own_per_minute_max) as per_minute_max,
      least(l.outreach_hourly_max, l.own_outreach_hourly_max) as outreach_hourly_max,
      least(l.outreach_daily_max, l.own_outreach_daily_max) as outreach_daily_max, l.daily_messages_max,
      l.monthly_messages_max, l.warm_up,
      greatest(l.group_post_cooldown_seconds, l.own_group_post_cooldown_seconds) as group_post_cooldown_seconds, l.quiet_from_hour, l.quiet_to_hour,
      array_remove(array[
        case when t.state <> 'active' or l.automated_until <= ${toDate(at)} then 'tenant_inactive' end,
        case when i.sending_stopped_at is not null then 'kill_switch_global' end,
        case when t.sending_stopped_at is not null then 'kill_switch_tenant' end,
        case when a.sending_stopped_at is not null then 'kill_switch_account' end,
        case when a.state <> 'active' then 'account_unusable' end,
        case when a.health = 'stopped' then 'account_paused_by_health' end], null) as holds,
      own.outreach_today, own.commercial_today, used.messages_today, used.messages_this_month
    from tenant t join tenant_limits l on l.tenant_id = t.id join account a on a.tenant_id = t.id and a.id = ${accountId}
    cross join installation i
    cross join lateral (
      select count(*) filter (where d.is_outreach)::integer as outreach_today,
        count(*) filter (where d.message_class = 'commercial')::integer as commercial_today
      from delivery d where d.tenant_id = t.id and d.account_id = a.id and d.reserved_at > ${toDate(at - DAY_MS)}
    ) own
    cross join lateral (
      select count(*) filter (where d.reserved_at > ${toDate(at - DAY_MS)})::integer as messages_today,
        count(*)::integer as messages_this_month
      from delivery d where d.tenant_id = t.id and d.reserved_at > ${toDate(at - 30 * DAY_MS)}
        and d.message_class <> 'reply' and not d.is_human
    ) used
    where t.id = ${tx.tenantId}`.execute(tx)
  const row = rows[0]
  if (!row) return null
  return {
    timeZone: row.time_zone,
    holds: row.holds,
    accountLinkedAt: row.linked_at.getTime(),
    perMinuteMax: row.per_minute_max,
    outreachHourlyMax: row.outreach_hourly_max,
    outreachDailyMax: row.outreach_daily_max,
    dailyMessagesMax: row.daily_messages_max,
    monthlyMessagesMax: row.monthly_messages_max,
    warmUp: row.warm_up,
    groupPostCooldownMs: row.group_post_cooldown_seconds * SECOND_MS,
    quietFromHour: row.quiet_from_hour,
    quietToHour: row.quiet_to_hour,
    usedToday: { outreach: row.outreach_today, commercial: row.commercial_today, messages: row.messages_today },
    usedThisMonth: row.messages_this_month,
  }
}

/** Contacts of the audience nothing stands against, the first by id: whom the preview shows as samples. */
export const listSampleContacts = async (
  tx: TenantTx,
  campaign: Campaign,
  limit: number,
  at: number,
): Promise<readonly number[]> => {
  const audience = await audienceSql(tx, campaign, at)
  const { rows } = await sql<{ contact_id: number }>`
    select ca.contact_id from ${audience} and ca.reachability = 'reachable' and c.suppressed_at is null
      and coalesce((select m.granted from contact_consent m where m.tenant_id = ca.tenant_id and m.contact_id = ca.contact_id
        and m.purpose = 'marketing'), false)
    order by ca.contact_id limit ${limit}`.execute(tx)
  return rows.map((row) => row.contact_id)
}
