-- People a tenant knows, what they allowed, and what they did.

-- A name as it is searched: lower case without Turkish marks, so that IŞIL, ışıl and isil meet.
create function fold_name(name text) returns text
  language sql immutable parallel safe
  as $$ select lower(translate(name, 'İIıŞşĞğÜüÖöÇçÂâÎîÛû', 'iiissgguuooccaaiiuu')) $$;

create table contact (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  -- Null for a person imported without an id (username only) until Telegram names them.
  telegram_id bigint check (telegram_id <> 0),
  username text,
  first_name text not null default '',
  last_name text not null default '',
  -- What people are found by, as columns: under row-level security an index on an expression is never used, since
  -- lower() might tell of rows that are not the tenant's.
  username_key text generated always as (lower(username)) stored,
  first_name_key text generated always as (fold_name(first_name)) stored,
  last_name_key text generated always as (fold_name(last_name)) stored,
  language_code text,
  is_premium boolean not null default false,
  is_bot boolean not null default false,
  is_official boolean not null default false,
  time_zone text,
  tags text[] not null default '{}',
  attributes jsonb not null default '{}',
  -- Where the person came from: a deep link's payload, an import, a group.
  source text,
  suppressed_at timestamptz,
  suppressed_reason text,
  merged_into_id bigint,
  erased_at timestamptz,
  first_seen_at timestamptz not null,
  -- For lists; up to a minute behind contact_feature.last_seen_at, so that a busy group does not rewrite this row.
  last_seen_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, merged_into_id) references contact (tenant_id, id),
  check ((suppressed_at is null) = (suppressed_reason is null))
);
create unique index contact_telegram_id on contact (tenant_id, telegram_id) where merged_into_id is null;
-- Search is by the beginning of a first name, last name or user name; byte order makes a beginning a range.
create index contact_username on contact (tenant_id, username_key text_pattern_ops)
  where username_key is not null and merged_into_id is null;
create index contact_first_name on contact (tenant_id, first_name_key text_pattern_ops) where merged_into_id is null;
create index contact_last_name on contact (tenant_id, last_name_key text_pattern_ops)
  where last_name_key <> '' and merged_into_id is null;
create index contact_merged on contact (tenant_id, merged_into_id) where merged_into_id is not null;
create index contact_last_seen on contact (tenant_id, last_seen_at desc nulls last, id);
select isolate_by_tenant('contact');

-- How far each of the tenant's accounts can reach the person. A bot may write only to those who started it.
create table contact_account (
  tenant_id bigint not null,
  contact_id bigint not null,
  account_id bigint not null,
  reachability text not null default 'not_started'
    check (reachability in ('reachable', 'not_started', 'blocked', 'deactivated', 'unknown')),
  started_at timestamptz,
  start_payload text,
  last_inbound_at timestamptz,
  changed_at timestamptz not null,
  primary key (tenant_id, contact_id, account_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
create index contact_account_reach on contact_account (tenant_id, account_id, contact_id) where reachability = 'reachable';
select isolate_by_tenant('contact_account');

-- Inputs of segmentation, kept by events. Arrays of instants hold the newest eight, newest first: "at least n in
-- the last 30 days" is then one comparison, x[n] > cutoff.
create table contact_feature (
  tenant_id bigint not null,
  contact_id bigint not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz,
  is_premium boolean not null default false,
  inbound_count integer not null default 0,
  outbound_count integer not null default 0,
  response_count integer not null default 0,
  click_count integer not null default 0,
  reaction_count integer not null default 0,
  order_count integer not null default 0,
  revenue_minor bigint not null default 0,
  last_paid_at timestamptz,
  account_count smallint not null default 0,
  -- Decaying sum of weighted events, valid at engagement_at; half-life seven days.
  engagement_mass double precision not null default 0,
  engagement_at timestamptz,
  last_click_at timestamptz,
  member_since timestamptz,
  price_intent_at timestamptz[] not null default '{}',
  group_message_at timestamptz[] not null default '{}',
  chat_active_at timestamptz[] not null default '{}',
  -- Counts per local hour 0–23 and per ISO weekday 1–7 (index 1 is hour 0 and Monday).
  hour_counts integer[] not null default array_fill(0, array[24]),
  weekday_counts integer[] not null default array_fill(0, array[7]),
  primary key (tenant_id, contact_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  check (cardinality(hour_counts) = 24 and cardinality(weekday_counts) = 7)
) with (fillfactor = 80);
select isolate_by_tenant('contact_feature');

-- Consent is proved by its ledger: append-only, never edited. contact_consent holds the newest word per purpose.
create table consent_ledger (
  tenant_id bigint not null,
  id bigint generated always as identity,
  contact_id bigint not null,
  purpose text not null check (purpose in ('marketing', 'night_hours', 'ai_processing')),
  granted boolean not null,
  text_version text not null,
  source text not null,
  account_id bigint,
  evidence_update_id bigint,
  -- When it was said, and when it was written here: a word binds every reservation made after it was written.
  at timestamptz not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index consent_ledger_contact on consent_ledger (tenant_id, contact_id, purpose, at);
select isolate_by_tenant('consent_ledger');
revoke update, delete on consent_ledger from gavatcore_tenant;

create table contact_consent (
  tenant_id bigint not null,
  contact_id bigint not null,
  purpose text not null check (purpose in ('marketing', 'night_hours', 'ai_processing')),
  granted boolean not null,
  ledger_id bigint not null,
  changed_at timestamptz not null,
  primary key (tenant_id, contact_id, purpose),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, ledger_id) references consent_ledger (tenant_id, id)
);
select isolate_by_tenant('contact_consent');

-- People never to be contacted again; the hash outlives the erasure of the person.
create table suppression (
  tenant_id bigint not null references tenant (id) on delete cascade,
  person_hash bytea not null check (length(person_hash) = 32),
  reason text not null,
  source text not null,
  since timestamptz not null,
  lifted_at timestamptz,
  primary key (tenant_id, person_hash)
);
select isolate_by_tenant('suppression');

-- Groups and channels the tenant's accounts were added to, and who is where.
create table chat (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  telegram_id bigint not null,
  kind text not null check (kind in ('group', 'supergroup', 'channel')),
  title text not null,
  username text,
  migrated_to_id bigint,
  member_count integer,
  added_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, telegram_id)
);
select isolate_by_tenant('chat');

create table chat_account (
  tenant_id bigint not null,
  chat_id bigint not null,
  account_id bigint not null,
  status text not null check (status in ('administrator', 'member', 'restricted', 'left', 'kicked')),
  rights jsonb not null default '{}',
  changed_at timestamptz not null,
  primary key (tenant_id, chat_id, account_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
select isolate_by_tenant('chat_account');

create table contact_chat (
  tenant_id bigint not null,
  contact_id bigint not null,
  chat_id bigint not null,
  status text not null default 'member' check (status in ('member', 'left', 'kicked')),
  checked_at timestamptz not null,
  joined_at timestamptz,
  left_at timestamptz,
  last_active_at timestamptz,
  message_count integer not null default 0,
  primary key (tenant_id, contact_id, chat_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade
);
create index contact_chat_members on contact_chat (tenant_id, chat_id);
select isolate_by_tenant('contact_chat');

-- What was said, both ways. Text is dropped after the retention period; the row and its counts stay.
create table message (
  tenant_id bigint not null,
  id bigint generated always as identity,
  at timestamptz not null,
  contact_id bigint,
  account_id bigint,
  -- Telegram's chat id: the person's id in a private chat.
  chat_id bigint not null,
  direction text not null check (direction in ('in', 'out')),
  kind text not null default 'text',
  telegram_message_id bigint,
  delivery_id bigint,
  text text,
  primary key (tenant_id, id, at)
) partition by range (at);
create index message_contact on message (tenant_id, contact_id, at desc);
create index message_chat on message (tenant_id, chat_id, at desc);
select isolate_by_tenant('message');

-- What happened to a contact, for the timeline: started, pressed, blocked, joined, imported, merged …
create table contact_event (
  tenant_id bigint not null,
  id bigint generated always as identity,
  at timestamptz not null,
  contact_id bigint not null,
  kind text not null,
  detail jsonb not null default '{}',
  primary key (tenant_id, id, at)
) partition by range (at);
create index contact_event_contact on contact_event (tenant_id, contact_id, at desc);
select isolate_by_tenant('contact_event');

-- Rows outside every month partition land here instead of failing; the monthly duty keeps it empty.
create table message_default partition of message default;
create table contact_event_default partition of contact_event default;
