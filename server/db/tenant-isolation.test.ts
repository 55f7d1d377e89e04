import { type RawBuilder, sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { ensurePartitions } from './partitions.ts'
import { type Db, createDb } from './pool.ts'
import { inTenant } from './tenant-scope.ts'

interface Owned {
  readonly tenant: number
  readonly account: number
  readonly contact: number
  readonly chat: number
  readonly template: number
}

const at = sql`timestamptz '2026-06-01 09:00+00'`

/** Tables that belong to the installation, not to a tenant; the tenant role may at most read them. */
const INSTALLATION_WIDE = new Set([
  'installation',
  'operator',
  'onboarding',
  'onboarding_step',
  'onboarding_event',
  'event_cursor',
  'event_retry',
  'schedule_run',
  'business_connection',
  'panel_person',
  'panel_notice',
  'announcement',
  'fault_alert',
  'kysely_migration',
  'kysely_migration_lock',
])

/** Name a tenant and are keyed by a person who may not have one yet: no tenant reads or writes them. */
const KEYED_BY_PERSON = new Set(['onboarding'])

/** Filled by {@link ownedBy} or by triggers for every tenant. */
const FILLED = new Set([
  'tenant',
  'tenant_limits',
  'tenant_limits_history',
  'subscription',
  'account',
  'contact',
  'contact_feature',
  'contact_account',
  'consent_ledger',
  'contact_consent',
  'chat',
  'template',
  'delivery',
])

/** One row of each other table. A table without a row here fails the test that counts them. */
const ROWS: Readonly<Record<string, (o: Owned) => RawBuilder<unknown>>> = {
  audit_log: (o) =>
    sql`insert into audit_log (tenant_id, actor, action, at) values (${o.tenant}, 'member:1', 'test', ${at})`,
  account_lease: (o) => sql`insert into account_lease (tenant_id, account_id, purpose, holder, expires_at)
    values (${o.tenant}, ${o.account}, 'sending', 'a', ${at})`,
  chat_wait: (o) => sql`insert into chat_wait (tenant_id, account_id, chat_id, waiting_until)
    values (${o.tenant}, ${o.account}, 5, ${at})`,
  update_inbox: (o) => sql`insert into update_inbox (tenant_id, account_id, update_id, queue_key, kind, received_at)
    values (${o.tenant}, ${o.account}, 1, 'chat:1', 'message', ${at})`,
  domain_event: (o) => sql`insert into domain_event (tenant_id, type, payload, at)
    values (${o.tenant}, 'contact.changed', '{}', ${at})`,
  suppression: (o) => sql`insert into suppression (tenant_id, person_hash, reason, source, since)
    values (${o.tenant}, sha256('x'), 'opted_out', 'test', ${at})`,
  chat_account: (o) => sql`insert into chat_account (tenant_id, chat_id, account_id, status, changed_at)
    values (${o.tenant}, ${o.chat}, ${o.account}, 'member', ${at})`,
  contact_chat: (o) => sql`insert into contact_chat (tenant_id, contact_id, chat_id, checked_at)
    values (${o.tenant}, ${o.contact}, ${o.chat}, ${at})`,
  message: (o) => sql`insert into message (tenant_id, at, contact_id, chat_id, direction, text)
    values (${o.tenant}, ${at}, ${o.contact}, 1, 'in', 'gizli'), (${o.tenant}, '2001-01-01', ${o.contact}, 1, 'in', 'eski')`,
  contact_event: (o) => sql`insert into contact_event (tenant_id, at, contact_id, kind)
    values (${o.tenant}, ${at}, ${o.contact}, 'started'), (${o.tenant}, '2001-01-01', ${o.contact}, 'started')`,
  segment_rule: (o) => sql`insert into segment_rule
    (tenant_id, segment, version, revision, is_current, conditions, base_confidence, changed_by, created_at)
    values (${o.tenant}, 'NEW_USER', 1, 1, true, '[]', 90, 'test', ${at})`,
  segment_assignment: (o) => sql`insert into segment_assignment
    (tenant_id, contact_id, rule_revision, inputs, assessed_at) values (${o.tenant}, ${o.contact}, 1, '{}', ${at})`,
  segment_pin: (o) => sql`insert into segment_pin (tenant_id, contact_id, segment, pinned_by, since)
    values (${o.tenant}, ${o.contact}, 'NEW_USER', 'test', ${at})`,
  segment_history: (o) => sql`insert into segment_history
    (tenant_id, contact_id, segment, source, confidence, rule_revision, inputs, since, until)
    values (${o.tenant}, ${o.contact}, 'NEW_USER', 'rule', 90, 1, '{}', ${at}, ${at})`,
  template_variant: (o) => sql`insert into template_variant (tenant_id, template_id, name, locale, text)
    values (${o.tenant}, ${o.template}, 'a', 'tr', 'Merhaba')`,
  strategy: (
    o,
  ) => sql`insert into strategy (tenant_id, segment, version, is_current, priority, every_hours, max_per_day,
      cooldown_hours, hours, style, changed_by, created_at)
    values (${o.tenant}, 'NEW_USER', 1, true, 6, 48, 1, 24, '{11}', 'welcome', 'test', ${at})`,
  campaign: (o) => sql`insert into campaign (tenant_id, name, kind, account_id, steps, created_at)
    values (${o.tenant}, 'Yaz', 'broadcast', ${o.account}, '[]', ${at})`,
  attempt: (o) => sql`insert into attempt (tenant_id, delivery_id, account_id, number, started_at)
    values (${o.tenant}, 1, ${o.account}, 1, ${at})`,
  payment: (o) => sql`insert into payment
    (tenant_id, reference, provider, package, period_days, amount_minor, currency, price_minor, created_by, created_at, expires_at)
    values (${o.tenant}, 'GC' || lpad(${o.tenant}::text, 10, '2'), 'transfer', 'starter', 30, 1, 'TRY', 1, 'test', ${at}, ${at})`,
  payment_event: (o) => sql`insert into payment_event
    (tenant_id, payment_id, provider, event_id, kind, outcome, received_at)
    select tenant_id, id, 'paytr', reference, 'paid', 'paid', ${at} from payment where tenant_id = ${o.tenant}`,
  ledger_entry: (o) => sql`insert into ledger_entry
    (tenant_id, payment_id, posting, account, amount_minor, currency, at)
    select tenant_id, id, 'received', account, amount, 'TRY', ${at}
    from payment, (values ('cash', 1), ('held', -1)) v(account, amount) where tenant_id = ${o.tenant}`,
  member: (o) => sql`insert into member (tenant_id, telegram_id, role, name, invited_by, joined_at)
    values (${o.tenant}, 77, 'owner', 'Ayşe', 'system', ${at})`,
  invitation: (o) => sql`insert into invitation (tenant_id, token_hash, role, invited_by, created_at, expires_at)
    values (${o.tenant}, sha256(${String(o.tenant)}::bytea), 'agent', 'member:1', ${at}, ${at})`,
  api_key: (o) => sql`insert into api_key (tenant_id, name, prefix, secret_hash, scopes, created_by, created_at)
    values (${o.tenant}, 'Depo', ${`p${o.tenant}`}, sha256('x'), '{contacts.view}', 'member:1', ${at})`,
  subscription_period: (o) => sql`insert into subscription_period (tenant_id, kind, package, extra_bots, starts_at,
      paid_minor, currency, value_minor, catalogue_version, recorded_at)
    values (${o.tenant}, 'grant', 'starter', 0, ${at}, 0, 'TRY', 0, 1, ${at})`,
  usage_notice: (o) => sql`insert into usage_notice (tenant_id, entitlement, percent, period_starts_at, noticed_at)
    values (${o.tenant}, 'templates', 80, ${at}, ${at})`,
  ticket: (o) => sql`insert into ticket
      (tenant_id, telegram_id, kind, subject, opened_at, first_response_due_at, reference)
    values (${o.tenant}, 77, 'support', 'Soru', ${at}, ${at}, ${`ticket-${o.tenant}`})`,
  ticket_message: (o) => sql`insert into ticket_message (tenant_id, ticket_id, author, text, at, reference)
    select tenant_id, id, 'telegram:77', 'gizli', ${at}, reference from ticket where tenant_id = ${o.tenant}`,
  tenant_key: (o) => sql`insert into tenant_key (tenant_id, key_sealed, rotated_at) values (${o.tenant}, 'x', ${at})`,
  user_session: (o) => sql`insert into user_session (tenant_id, created_at) values (${o.tenant}, ${at})`,
  user_session_value: (o) => sql`insert into user_session_value (tenant_id, session_id, name, value_sealed)
    select tenant_id, id, 'self', 'x' from user_session where tenant_id = ${o.tenant}`,
  user_session_key: (o) => sql`insert into user_session_key (tenant_id, session_id, dc, slot, key_sealed, expires_at)
    select tenant_id, id, 2, -1, 'x', 0 from user_session where tenant_id = ${o.tenant}`,
  user_session_peer: (o) => sql`insert into user_session_peer (tenant_id, session_id, peer_id, access_hash, usernames)
    select tenant_id, id, 7, '1', '{}' from user_session where tenant_id = ${o.tenant}`,
  page_link: (o) => sql`insert into page_link (tenant_id, token_hash, purpose, telegram_id, created_at, expires_at)
    values (${o.tenant}, sha256(${`link ${o.tenant}`}::bytea), 'login', 77, ${at}, ${at})`,
  login_attempt: (o) => sql`insert into login_attempt
    (tenant_id, telegram_id, kind, state, ended_at, consent_version, created_at, expires_at)
    values (${o.tenant}, 77, 'qr', 'ended', ${at}, '1', ${at}, ${at})`,
  invite_refusal: (o) => sql`insert into invite_refusal (tenant_id, contact_id, chat_id, refused_at)
    values (${o.tenant}, ${o.contact}, ${o.chat}, ${at})`,
  persona: (o) => sql`insert into persona (tenant_id, account_id, version, is_current, display_name, tone, style,
      language, facts, do_nots, greeting, menu, sample_replies, updated_by, updated_at)
    values (${o.tenant}, ${o.account}, 1, true, 'Ayşe', '', '', 'tr', '{}', '[]', '', '[]', '[]', 'test', ${at})`,
  account_setting: (o) => sql`insert into account_setting (tenant_id, account_id, version, is_current, reply_mode,
      invite_ratio, group_placements, product_price_minor, product_currency, updated_by, updated_at)
    values (${o.tenant}, ${o.account}, 1, true, 'manual', 0.3, 1, 25000, 'TRY', 'test', ${at})`,
  protection: (o) => sql`insert into protection (tenant_id, version, is_current, level, parameters, words, updated_by,
      updated_at) values (${o.tenant}, 1, true, 'basic', '{}', '{}', 'test', ${at})`,
  chat_protection: (o) => sql`insert into chat_protection (tenant_id, chat_id, parameters, updated_by, updated_at)
    values (${o.tenant}, ${o.chat}, '{}', 'test', ${at})`,
  spam_finding: (o) => sql`insert into spam_finding (tenant_id, chat_id, contact_id, pattern, message_id, account_id,
      update_id, measure, at)
    values (${o.tenant}, ${o.chat}, ${o.contact}, 'burst', 1, ${o.account}, 1, 5, ${at})`,
}

/** Past words are proof: not even their own tenant changes or removes them. */
const APPEND_ONLY = new Set(['audit_log', 'subscription_period', 'consent_ledger', 'payment_event', 'ledger_entry'])

const RLS_ERROR = /row-level security/
const NO_GRANT = /permission denied/

const ownedBy = async (db: Db): Promise<Owned> => {
  const tenant = await createTenant(db)
  const account = await createAccount(db, tenant)
  const contact = await createContact(db, tenant, { accountId: account, consents: ['marketing'] })
  await createDelivery(db, tenant, { accountId: account, contactId: contact, chatId: contact })
  const one = async (query: RawBuilder<{ id: number }>) => (await query.execute(db)).rows[0]?.id ?? 0
  return {
    tenant,
    account,
    contact,
    chat: await one(sql`insert into chat (tenant_id, telegram_id, kind, title, added_at)
      values (${tenant}, -100, 'supergroup', 'Müşteriler', ${at}) returning id`),
    template: await one(sql`insert into template (tenant_id, name, message_class, created_at)
      values (${tenant}, 'selam', 'commercial', ${at}) returning id`),
  }
}

const database = await createTestDatabase()
const db = createDb(database.pool)
await ensurePartitions(db, NOON)

const relations = await sql<{ name: string; is_partition: boolean; is_owned: boolean }>`
  select c.relname as name, c.relispartition as is_partition,
    c.relname = 'tenant' or exists (
      select from information_schema.columns k
      where k.table_schema = 'public' and k.table_name = c.relname and k.column_name = 'tenant_id'
    ) as is_owned
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  order by 1`.execute(db)
const isOwned = (row: { readonly name: string; readonly is_owned: boolean }) =>
  row.is_owned && !KEYED_BY_PERSON.has(row.name)
const TABLES = relations.rows.filter((r) => isOwned(r) && !r.is_partition).map((r) => r.name)
const PARTITIONS = relations.rows.filter((r) => r.is_partition).map((r) => r.name)
const SHARED = relations.rows.filter((r) => !isOwned(r) && !r.is_partition).map((r) => r.name)

let mine: Owned
let theirs: Owned

beforeAll(async () => {
  mine = await ownedBy(db)
  theirs = await ownedBy(db)
  for (const owner of [mine, theirs]) for (const row of Object.values(ROWS)) await row(owner).execute(db)
})

const asThem = <T>(query: RawBuilder<T>) => inTenant(db, theirs.tenant, (tx) => query.execute(tx))
const keyOf = (table: string) => sql.ref(table === 'tenant' ? 'id' : 'tenant_id')

/** The row of the first tenant, column by column, without those that the database computes. */
const copyOfMine = async (table: string) => {
  const { rows: columns } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER' order by ordinal_position`.execute(
    db,
  )
  const { rows } = await sql<{ row: object }>`
    select to_jsonb(t) as row from ${sql.table(table)} t where ${keyOf(table)} = ${mine.tenant} limit 1`.execute(db)
  const names = sql.join(columns.map((c) => sql.ref(c.name)))
  const given = JSON.stringify(rows[0]?.row)
  return sql`insert into ${sql.table(table)} (${names}) overriding system value
    select ${names} from jsonb_populate_record(null::${sql.table(table)}, ${given}::jsonb)`
}

describe('inTenant', () => {
  it('has a case here for every table that belongs to a tenant, and knows every other table', () => {
    expect(TABLES.filter((name) => !FILLED.has(name) && !(name in ROWS))).toEqual([])
    expect(SHARED.filter((name) => !INSTALLATION_WIDE.has(name))).toEqual([])
    expect(TABLES.length).toBeGreaterThan(25)
    expect(PARTITIONS.length).toBeGreaterThan(8)
  })

  it.each(TABLES)('shows nothing of another tenant in %s, not even to a query that names no tenant', async (table) => {
    const count = sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`
    const own = sql`where ${keyOf(table)} = ${theirs.tenant}`
    const { rows: owned } = await sql<{ count: number }>`${count} ${own}`.execute(db)
    expect(owned[0]?.count).toBeGreaterThan(0)
    expect((await asThem(count)).rows[0]?.count).toBe(owned[0]?.count)
    expect((await asThem(sql<{ count: number }>`${count} where ${keyOf(table)} = ${mine.tenant}`)).rows[0]?.count).toBe(
      0,
    )
    const outside = await inTenant(db, 0, (tx) => count.execute(tx))
    expect(outside.rows[0]?.count).toBe(0)
  })

  it.each(TABLES)('lets no other tenant change or remove rows of %s', async (table) => {
    const before = await sql`select * from ${sql.table(table)} where ${keyOf(table)} = ${mine.tenant}`.execute(db)
    const column = sql.ref(table === 'tenant' ? 'name' : 'tenant_id')
    const change = sql`update ${sql.table(table)} set ${column} = ${column} where ${keyOf(table)} = ${mine.tenant}`
    const remove = sql`delete from ${sql.table(table)} where ${keyOf(table)} = ${mine.tenant}`
    if (APPEND_ONLY.has(table)) {
      await expect(asThem(change)).rejects.toThrow(NO_GRANT)
      await expect(asThem(remove)).rejects.toThrow(NO_GRANT)
    } else {
      expect((await asThem(change)).numAffectedRows).toBe(0n)
      expect((await asThem(remove)).numAffectedRows).toBe(0n)
    }
    const after = await sql`select * from ${sql.table(table)} where ${keyOf(table)} = ${mine.tenant}`.execute(db)
    expect(after.rows).toEqual(before.rows)
    expect(after.rows.length).toBeGreaterThan(0)
  })

  it.each(TABLES)('lets no other tenant write rows of ours into %s or give us theirs', async (table) => {
    await expect(asThem(await copyOfMine(table))).rejects.toThrow(RLS_ERROR)
    if (APPEND_ONLY.has(table) || table === 'tenant') return
    const give = sql`update ${sql.table(table)} set tenant_id = ${mine.tenant}`
    await expect(asThem(give)).rejects.toThrow(RLS_ERROR)
  })

  it.each(PARTITIONS)(
    'keeps the partition %s closed: a tenant reaches its rows through the parent alone',
    async (table) => {
      const name = sql.table(table)
      await expect(asThem(sql`select * from ${name}`)).rejects.toThrow(NO_GRANT)
      await expect(asThem(sql`delete from ${name}`)).rejects.toThrow(NO_GRANT)
      await expect(asThem(sql`update ${name} set tenant_id = tenant_id`)).rejects.toThrow(NO_GRANT)
      await expect(asThem(sql`insert into ${name} (tenant_id, at) values (${theirs.tenant}, ${at})`)).rejects.toThrow(
        NO_GRANT,
      )
    },
  )

  it.each(SHARED)('lets a tenant at most read %s, which belongs to the installation', async (table) => {
    const name = sql.table(table)
    if (table !== 'installation') await expect(asThem(sql`select * from ${name}`)).rejects.toThrow(NO_GRANT)
    await expect(asThem(sql`delete from ${name}`)).rejects.toThrow(NO_GRANT)
  })

  it('leaves nothing of its scope behind on the connection', async () => {
    await asThem(sql`select 1`)
    const { rows } = await sql<{ role: string; tenant: string | null }>`
      select current_user as role, nullif(current_setting('app.tenant_id', true), '') as tenant`.execute(db)
    expect(rows[0]?.tenant).toBeNull()
    expect(rows[0]?.role).not.toBe('gavatcore_tenant')
  })
})
