import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

import { moveInbox } from './inbox-history.store.ts'

import { forgetModelAnswers } from './erase.store.ts'

/** Locks two contacts, lowest id first, and returns those that exist. */
export const lockPair = (tx: TenantTx, a: number, b: number) =>
  tx
    .selectFrom('contact')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('id', 'in', [a, b])
    .orderBy('id')
    .forUpdate()
    .execute()

/** Moves what happened with `goneId` to `keepId`: messages, timeline, deliveries, memberships, reach, refusals, groups. */
export const moveHistory = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const tenant = tx.tenantId
  for (const table of ['message', 'contact_event', 'delivery', 'delivery_slot', 'model_use', 'rule_fired'] as const) {
    await sql`update ${sql.table(table)} set contact_id = ${keepId} where tenant_id = ${tenant} and contact_id = ${goneId}`.execute(
      tx,
    )
  }
  await forgetModelAnswers(tx, goneId)
  await moveSales(tx, keepId, goneId)
  await moveInbox(tx, keepId, goneId)
  await sql`
    with gone as (delete from contact_account where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into contact_account as a (tenant_id, contact_id, account_id, reachability, started_at, start_payload,
      last_inbound_at, changed_at)
    select tenant_id, ${keepId}::bigint, account_id, reachability, started_at, start_payload, last_inbound_at, changed_at
    from gone
    on conflict (tenant_id, contact_id, account_id) do update set
      reachability = case when excluded.changed_at > a.changed_at then excluded.reachability else a.reachability end,
      started_at = least(a.started_at, excluded.started_at),
      start_payload = coalesce(a.start_payload, excluded.start_payload),
      last_inbound_at = greatest(a.last_inbound_at, excluded.last_inbound_at),
      changed_at = greatest(a.changed_at, excluded.changed_at)`.execute(tx)
  await sql`
    with gone as (delete from contact_chat where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into contact_chat as m (tenant_id, contact_id, chat_id, status, checked_at, joined_at, left_at,
      last_active_at, message_count)
    select tenant_id, ${keepId}::bigint, chat_id, status, checked_at, joined_at, left_at, last_active_at, message_count
    from gone
    on conflict (tenant_id, contact_id, chat_id) do update set
      status = case when excluded.checked_at > m.checked_at then excluded.status else m.status end,
      left_at = case when excluded.checked_at > m.checked_at then excluded.left_at else m.left_at end,
      checked_at = greatest(m.checked_at, excluded.checked_at),
      joined_at = least(m.joined_at, excluded.joined_at),
      last_active_at = greatest(m.last_active_at, excluded.last_active_at),
      message_count = m.message_count + excluded.message_count`.execute(tx)
  await sql`
    with gone as (delete from invite_refusal where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into invite_refusal (tenant_id, contact_id, chat_id, refused_at)
    select tenant_id, ${keepId}::bigint, chat_id, refused_at from gone
    on conflict do nothing`.execute(tx)
  await moveGroups(tx, keepId, goneId)
  await moveCampaigns(tx, keepId, goneId)
}

/** What was found, done and asked for in groups. */
const moveGroups = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`
    with gone as (delete from spam_finding where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into spam_finding (tenant_id, chat_id, contact_id, pattern, message_id, account_id, update_id, measure, at)
    select tenant_id, chat_id, ${keepId}::bigint, pattern, message_id, account_id, update_id, measure, at from gone
    on conflict do nothing`.execute(tx)
  await sql`update group_act set contact_id = ${keepId} where tenant_id = ${tenant} and contact_id = ${goneId}`.execute(
    tx,
  )
  await sql`
    update join_request r set contact_id = ${keepId}
    where r.tenant_id = ${tenant} and r.contact_id = ${goneId} and not exists (
      select from join_request k where k.tenant_id = r.tenant_id and k.chat_id = r.chat_id and k.contact_id = ${keepId}
        and k.requested_at = r.requested_at)`.execute(tx)
  await sql`
    with gone as (delete from trusted_member where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into trusted_member (tenant_id, chat_id, contact_id, added_by, added_at)
    select tenant_id, chat_id, ${keepId}::bigint, added_by, added_at from gone
    on conflict do nothing`.execute(tx)
  await sql`
    with gone as (delete from welcomed_member where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into welcomed_member (tenant_id, chat_id, contact_id, delivery_id, at)
    select tenant_id, chat_id, ${keepId}::bigint, delivery_id, at from gone
    on conflict do nothing`.execute(tx)
  await sql`
    with gone as (delete from group_pointer where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into group_pointer as p (tenant_id, contact_id, pointed_at)
    select tenant_id, ${keepId}::bigint, pointed_at from gone
    on conflict (tenant_id, contact_id) do update set pointed_at = greatest(p.pointed_at, excluded.pointed_at)`.execute(
    tx,
  )
}

/** Where somebody is in a drip, and how they answered posts. */
const moveCampaigns = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const tenant = tx.tenantId
  // Whoever walked further keeps their place: nobody gets a step twice.
  await sql`
    with gone as (delete from drip_position where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into drip_position as p (tenant_id, campaign_id, contact_id, step, state, reason, happened, entered_at, check_at, changed_at)
    select tenant_id, campaign_id, ${keepId}::bigint, step, state, reason, happened, entered_at, check_at, changed_at from gone
    on conflict (tenant_id, campaign_id, contact_id) do update set
      step = greatest(p.step, excluded.step),
      state = case when excluded.step > p.step then excluded.state else p.state end,
      reason = case when excluded.step > p.step then excluded.reason else p.reason end,
      happened = array(select distinct unnest(p.happened || excluded.happened))`.execute(tx)
  await sql`
    with gone as (delete from post_response where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into post_response (tenant_id, delivery_id, contact_id, kind, at)
    select tenant_id, delivery_id, ${keepId}::bigint, kind, at from gone
    on conflict do nothing`.execute(tx)
}

/** Orders and funnels go along; of two open runs on one account the one that is kept goes on. */
const moveSales = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`
    update funnel_run g set ended_at = since_at, wake_at = null
    where tenant_id = ${tenant} and contact_id = ${goneId} and ended_at is null and exists (
      select from funnel_run k where k.tenant_id = g.tenant_id and k.account_id = g.account_id
        and k.contact_id = ${keepId} and k.ended_at is null)`.execute(tx)
  for (const table of ['funnel_run', 'funnel_step', 'sales_order', 'order_charge'] as const)
    await sql`update ${sql.table(table)} set contact_id = ${keepId} where tenant_id = ${tenant} and contact_id = ${goneId}`.execute(
      tx,
    )
  await sql`
    with gone as (delete from product_offer where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into product_offer as o (tenant_id, account_id, contact_id, product, offered_at)
    select tenant_id, account_id, ${keepId}::bigint, product, offered_at from gone
    on conflict (tenant_id, contact_id, account_id, product) do update
      set offered_at = greatest(o.offered_at, excluded.offered_at)`.execute(tx)
}

/**
 * Copies the ledger of `goneId` to `keepId` (the ledger is append-only: the originals stay) and makes each purpose's
 * newest word the current one.
 */
export const copyConsents = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`
    insert into consent_ledger (tenant_id, contact_id, purpose, granted, text_version, source, account_id,
      evidence_update_id, at, recorded_at)
    select tenant_id, ${keepId}::bigint, purpose, granted, text_version, source, account_id, evidence_update_id, at, recorded_at
    from consent_ledger where tenant_id = ${tenant} and contact_id = ${goneId} order by at, id`.execute(tx)
  await sql`delete from contact_consent where tenant_id = ${tenant} and contact_id = ${goneId}`.execute(tx)
  await sql`
    insert into contact_consent as c (tenant_id, contact_id, purpose, granted, ledger_id, changed_at)
    select distinct on (purpose) tenant_id, contact_id, purpose, granted, id, at
    from consent_ledger where tenant_id = ${tenant} and contact_id = ${keepId}
    -- Of two words of the same instant, the no is taken.
    order by purpose, at desc, granted, id desc
    on conflict (tenant_id, contact_id, purpose) do update
      set granted = excluded.granted, ledger_id = excluded.ledger_id, changed_at = excluded.changed_at`.execute(tx)
}

/** Adds the counters of `goneId` that its own activities do not move, and removes its feature row. */
export const takeCounters = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  await sql`
    update contact_feature k set
      outbound_count = k.outbound_count + g.outbound_count,
      response_count = k.response_count + g.response_count,
      order_count = k.order_count + g.order_count,
      revenue_minor = k.revenue_minor + g.revenue_minor,
      last_paid_at = greatest(k.last_paid_at, g.last_paid_at)
    from contact_feature g
    where k.tenant_id = ${tx.tenantId} and k.contact_id = ${keepId}
      and g.tenant_id = ${tx.tenantId} and g.contact_id = ${goneId}`.execute(tx)
  await tx.deleteFrom('contact_feature').where('tenant_id', '=', tx.tenantId).where('contact_id', '=', goneId).execute()
}

/** Unites the two contact rows: the kept one fills its gaps, the other keeps nothing but the pointer. */
export const uniteContacts = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`update contact set merged_into_id = ${keepId} where tenant_id = ${tenant} and merged_into_id = ${goneId}`.execute(
    tx,
  )
  const gone = await tx
    .selectFrom('contact')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', goneId)
    .executeTakeFirstOrThrow()
  await tx
    .updateTable('contact')
    .set({
      merged_into_id: keepId,
      telegram_id: null,
      username: null,
      first_name: '',
      last_name: '',
      language_code: null,
      time_zone: null,
      tags: [],
      attributes: '{}',
      source: null,
    })
    .where('tenant_id', '=', tenant)
    .where('id', '=', goneId)
    .execute()
  await sql`
    update contact set
      telegram_id = coalesce(telegram_id, ${gone.telegram_id}),
      username = coalesce(username, ${gone.username}),
      first_name = case when first_name = '' then ${gone.first_name} else first_name end,
      last_name = case when first_name = '' and last_name = '' then ${gone.last_name} else last_name end,
      language_code = coalesce(language_code, ${gone.language_code}),
      time_zone = coalesce(time_zone, ${gone.time_zone}),
      tags = array(select distinct t from unnest(tags || ${gone.tags}::text[]) as t order by t),
      attributes = ${JSON.stringify(gone.attributes)}::jsonb || attributes,
      source = case when ${gone.first_seen_at} < first_seen_at then coalesce(${gone.source}, source) else coalesce(source, ${gone.source}) end,
      suppressed_at = least(suppressed_at, ${gone.suppressed_at}),
      suppressed_reason = coalesce(suppressed_reason, ${gone.suppressed_reason}),
      first_seen_at = least(first_seen_at, ${gone.first_seen_at}),
      last_seen_at = greatest(last_seen_at, ${gone.last_seen_at})
    where tenant_id = ${tenant} and id = ${keepId}`.execute(tx)
}

/** Contacts that are probably one person. */
export interface DuplicateGroup {
  readonly username: string
  /** Of living contacts, the one with a Telegram id first, then by id. */
  readonly contactIds: readonly number[]
}

/** Living contacts that share a user name and at most one Telegram id, by user name, at most `limit` groups after `after`. */
export const selectDuplicates = async (tx: TenantTx, after: string, limit: number): Promise<DuplicateGroup[]> => {
  const { rows } = await sql<{ username: string; ids: number[] }>`
    select username_key as username, array_agg(id::float8 order by telegram_id nulls last, id) as ids
    from contact
    where tenant_id = ${tx.tenantId} and username_key ~>~ ${after} and merged_into_id is null and erased_at is null
    group by username_key
    having count(*) > 1 and count(telegram_id) <= 1
    order by username_key using ~<~ limit ${limit}`.execute(tx)
  return rows.map((row) => ({ username: row.username, contactIds: row.ids }))
}
