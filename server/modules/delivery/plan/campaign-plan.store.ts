import { type RawBuilder, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { Campaign } from '#server/modules/campaigns/index.ts'
import type { PostTarget } from '#server/modules/groups/index.ts'

import { audienceSql, bucketSql, holdoutSql } from './campaign-audience.store.ts'
import { type StepArm, campaignPriority } from './campaign-plan.rules.ts'

/** The arms as the SQL table `arm`. */
export const armTableSql = (campaign: Campaign, arms: readonly StepArm[]): RawBuilder<unknown> => {
  const rows = arms.map((arm) => ({
    step: arm.step,
    due_at: toDate(arm.dueAt),
    template_id: arm.templateId,
    message_class: arm.messageClass,
    variant: arm.variant,
    arm: arm.arm,
    propensity: arm.propensity,
    low: arm.from,
    high: arm.to,
    priority: campaignPriority(campaign.kind, arm.messageClass),
  }))
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as arm(step smallint, due_at timestamptz, template_id bigint,
    message_class text, variant text, arm text, propensity double precision, low double precision, high double precision,
    priority smallint)`
}

/** Chooses one arm per step and recipient: who they are decides, so a second planning chooses the same. */
export const armBucketSql = (campaign: Campaign, recipient: RawBuilder<unknown>): RawBuilder<boolean> => {
  const bucket = bucketSql(sql`'campaign arm'`, sql`${campaign.id}::bigint`, sql`arm.step`, recipient)
  return sql<boolean>`${bucket} >= arm.low and ${bucket} < arm.high`
}

/**
 * What of a campaign counts as outreach: commercial messages outside a broadcast to people who opted in, and anything
 * else that would be the first word to somebody who never wrote.
 */
const outreachSql = (campaign: Campaign): RawBuilder<boolean> =>
  campaign.kind === 'broadcast'
    ? sql<boolean>`case when arm.message_class = 'commercial' then not a.has_consent else not a.has_written end`
    : sql<boolean>`arm.message_class = 'commercial' or not a.has_written`

export interface WrittenPage {
  /** The last person of the page, null when there was none. */
  readonly lastContactId: number | null
  readonly people: number
  /** Deliveries, holdouts among them. */
  readonly written: number
  /** Of a drip: who was planned the first step by this page. */
  readonly entered: readonly number[]
}

/** Of a drip only those take part who were not planned for it before, whatever their row was called then. */
const newToDrip = (tx: TenantTx, campaign: Campaign): RawBuilder<unknown> =>
  campaign.kind === 'drip'
    ? sql`and not exists (select from delivery d where d.tenant_id = ${tx.tenantId} and d.contact_id = ca.contact_id and d.campaign_id = ${campaign.id})`
    : sql``

/**
 * Writes all steps for the next `limit` people of the audience after a contact id, in one statement. What a former
 * planning wrote stays as it is. Holdouts are written as refused. Every table is read by the keys of the page's people,
 * so the cost of a page does not grow with the tenant.
 */
export const insertCampaignPage = async (
  tx: TenantTx,
  campaign: Campaign,
  arms: readonly StepArm[],
  page: { readonly after: number; readonly limit: number; readonly at: number },
): Promise<WrittenPage> => {
  const now = toDate(page.at)
  const audience = await audienceSql(tx, campaign, page.at)
  const endsAt = campaign.endsAt === null ? null : toDate(campaign.endsAt)
  const { rows } = await sql<{ last_id: number | null; people: number; written: number; entered: number[] }>`
    with audience as materialized (
      select ca.contact_id, c.telegram_id, ${holdoutSql(campaign, sql`ca.contact_id`)} as is_holdout,
        ca.last_inbound_at is not null or ca.started_at is not null as has_written
      from ${audience} and ca.contact_id > ${page.after} ${newToDrip(tx, campaign)}
      order by ca.contact_id limit ${page.limit}
    ), known as materialized (
      select a.*, sa.primary_segment,
        coalesce((select m.granted from contact_consent m where m.tenant_id = ${tx.tenantId} and m.contact_id = a.contact_id
          and m.purpose = 'marketing'), false) as has_consent
      from audience a left join lateral (
        select primary_segment from segment_assignment held
        where held.tenant_id = ${tx.tenantId} and held.contact_id = a.contact_id limit 1
      ) sa on true
    ), written as (
      insert into delivery (tenant_id, account_id, contact_id, chat_id, source, message_class, campaign_id, campaign_step,
        template_id, variant, segment, strategy_version, strategy_cooldown_hours, strategy_max_per_day, arm, propensity,
        is_holdout, is_outreach, state, reason, priority, due_at, expires_at, dedupe_key, planned_at, finished_at)
      select ${tx.tenantId}, ${campaign.accountId}, a.contact_id, a.telegram_id, 'campaign', arm.message_class, ${campaign.id},
        arm.step, arm.template_id, arm.variant, a.primary_segment, s.version, s.cooldown_hours, s.max_per_day, arm.arm,
        arm.propensity, a.is_holdout, ${outreachSql(campaign)},
        case when a.is_holdout then 'refused' else 'planned' end, case when a.is_holdout then 'holdout' end, arm.priority,
        arm.due_at, ${endsAt}::timestamptz, 'campaign:' || ${campaign.id}::bigint || ':' || arm.step || ':' || a.contact_id, ${now},
        case when a.is_holdout then ${now}::timestamptz end
      from known a
      join ${armTableSql(campaign, arms)} on ${armBucketSql(campaign, sql`a.contact_id`)}
      left join strategy s on s.tenant_id = ${tx.tenantId} and s.segment = a.primary_segment collate "default" and s.is_current
      on conflict (tenant_id, dedupe_key) do nothing
      returning contact_id, is_holdout
    )
    select (select max(contact_id) from audience) as last_id, (select count(*)::integer from audience) as people,
      (select count(*)::integer from written) as written,
      case when ${campaign.kind === 'drip'} then array(select contact_id from written where not is_holdout) else '{}' end as entered`.execute(
    tx,
  )
  const row = rows[0]
  return {
    lastContactId: row?.last_id ?? null,
    people: row?.people ?? 0,
    written: row?.written ?? 0,
    entered: row?.entered ?? [],
  }
}

/** A step that is due for a person. `dueAt` is epoch ms. */
export interface PlannedStep {
  readonly contactId: number
  readonly step: number
  readonly dueAt: number
}

/** Writes the steps of a drip that these people have come to; what somebody was planned already stays as it is. */
export const insertDripSteps = async (
  tx: TenantTx,
  campaign: Campaign,
  arms: readonly StepArm[],
  planned: readonly PlannedStep[],
  at: number,
): Promise<void> => {
  const now = toDate(at)
  const endsAt = campaign.endsAt === null ? null : toDate(campaign.endsAt)
  const rows = planned.map(({ contactId, step, dueAt }) => ({ contact_id: contactId, step, due_at: toDate(dueAt) }))
  await sql`
    with coming as materialized (
      select p.contact_id, p.step, p.due_at, c.telegram_id, sa.primary_segment,
        ca.last_inbound_at is not null or ca.started_at is not null as has_written, true as has_consent
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p(contact_id bigint, step smallint, due_at timestamptz)
      cross join lateral (select telegram_id from contact known where known.tenant_id = ${tx.tenantId} and known.id = p.contact_id
        and known.telegram_id is not null limit 1) c
      left join contact_account ca on ca.tenant_id = ${tx.tenantId} and ca.contact_id = p.contact_id and ca.account_id = ${campaign.accountId}
      left join lateral (
        select primary_segment from segment_assignment held
        where held.tenant_id = ${tx.tenantId} and held.contact_id = p.contact_id limit 1
      ) sa on true
      where not exists (select from delivery d where d.tenant_id = ${tx.tenantId} and d.contact_id = p.contact_id
        and d.campaign_id = ${campaign.id} and d.campaign_step = p.step)
    )
    insert into delivery (tenant_id, account_id, contact_id, chat_id, source, message_class, campaign_id, campaign_step,
      template_id, variant, segment, strategy_version, strategy_cooldown_hours, strategy_max_per_day, arm, propensity,
      is_outreach, state, priority, due_at, expires_at, dedupe_key, planned_at)
    select ${tx.tenantId}, ${campaign.accountId}, a.contact_id, a.telegram_id, 'campaign', arm.message_class, ${campaign.id},
      arm.step, arm.template_id, arm.variant, a.primary_segment, s.version, s.cooldown_hours, s.max_per_day, arm.arm,
      arm.propensity, ${outreachSql(campaign)}, 'planned', arm.priority, a.due_at, ${endsAt}::timestamptz,
      'campaign:' || ${campaign.id}::bigint || ':' || arm.step || ':' || a.contact_id, ${now}
    from coming a
    join ${armTableSql(campaign, arms)} on arm.step = a.step and ${armBucketSql(campaign, sql`a.contact_id`)}
    left join strategy s on s.tenant_id = ${tx.tenantId} and s.segment = a.primary_segment collate "default" and s.is_current
    on conflict (tenant_id, dedupe_key) do nothing`.execute(tx)
}

/** Writes the posts of an announcement, one per chat; a chat the account may not write into is on record as refused. */
export const insertAnnouncement = async (
  tx: TenantTx,
  campaign: Campaign,
  arms: readonly StepArm[],
  targets: readonly PostTarget[],
  at: number,
): Promise<number> => {
  const now = toDate(at)
  const endsAt = campaign.endsAt === null ? null : toDate(campaign.endsAt)
  const rows = targets.map(({ chatId, telegramId, mayPost }) => ({
    id: chatId,
    telegram_id: telegramId,
    may_post: mayPost,
  }))
  const { numAffectedRows } = await sql`
    insert into delivery (tenant_id, account_id, contact_id, chat_id, source, message_class, campaign_id, campaign_step,
      template_id, variant, arm, propensity, is_holdout, is_outreach, state, reason, priority, due_at, expires_at,
      dedupe_key, planned_at, finished_at)
    select ${tx.tenantId}, ${campaign.accountId}, null, chats.telegram_id, 'campaign', arm.message_class, ${campaign.id}, arm.step,
      arm.template_id, arm.variant, arm.arm, arm.propensity, chats.is_holdout, false,
      case when refusal is null then 'planned' else 'refused' end, refusal,
      arm.priority, arm.due_at, ${endsAt}::timestamptz, 'campaign:' || ${campaign.id}::bigint || ':' || arm.step || ':chat:' || chats.id,
      ${now}, case when refusal is not null then ${now}::timestamptz end
    from (
      select chat.*, ${holdoutSql(campaign, sql`chat.id`)} as is_holdout
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as chat(id bigint, telegram_id bigint, may_post boolean)
    ) chats
    cross join lateral (select case when chats.is_holdout then 'holdout' when not chats.may_post then 'no_right_to_post' end as refusal) r
    join ${armTableSql(campaign, arms)} on ${armBucketSql(campaign, sql`chats.id`)}
    where not exists (select from delivery d where d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaign.id}
      and d.campaign_step = arm.step and d.chat_id = chats.telegram_id)
    on conflict (tenant_id, dedupe_key) do nothing`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
