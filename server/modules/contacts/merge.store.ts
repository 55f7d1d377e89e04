import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

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

/** Moves what happened with `goneId` to `keepId`: messages, timeline, deliveries, memberships, reach, refusals. */
export const moveHistory = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const tenant = tx.tenantId
  for (const table of ['message', 'contact_event', 'delivery'] as const) {
    await sql`update ${sql.table(table)} set contact_id = ${keepId} where tenant_id = ${tenant} and contact_id = ${goneId}`.execute(
      tx,
    )
  }
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
  await sql`
    with gone as (delete from spam_finding where tenant_id = ${tenant} and contact_id = ${goneId} returning *)
    insert into spam_finding (tenant_id, chat_id, contact_id, pattern, message_id, account_id, update_id, measure, at)
    select tenant_id, chat_id, ${keepId}::bigint, pattern, message_id, account_id, update_id, measure, at from gone
    on conflict do nothing`.execute(tx)
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
