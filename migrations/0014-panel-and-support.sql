-- The people who use the panel bot, what it tells them by itself, and what they ask of support. A person is known by
-- their Telegram number and may belong to several tenants or to none, so no tenant role reads people or notices.
create table panel_person (
  telegram_id bigint primary key check (telegram_id > 0),
  -- Where the panel bot reaches them; their private chat.
  chat_id bigint not null,
  locale text not null default 'tr' check (locale in ('tr', 'en', 'ru', 'ar')),
  -- As Telegram last told it, in lower case and without @: operators name customers by it.
  username text check (username ~ '^[a-z0-9_]{1,64}$'),
  name text not null default '',
  -- What the next thing they write answers; ids and words, never a text of theirs and never a secret.
  awaiting jsonb,
  awaiting_until timestamptz,
  updated_at timestamptz not null,
  -- They stopped the bot; nothing is sent until they start it again.
  blocked_at timestamptz,
  -- They want no announcements of the operator; what concerns their own account is still told.
  muted_at timestamptz,
  check ((awaiting is null) = (awaiting_until is null))
);
create index panel_person_username on panel_person (username) where username is not null;
alter table panel_person enable row level security;

-- One thing one person is told, once. Claimed before the call: what was cut off in between is never said again.
create table panel_notice (
  id bigint generated always as identity primary key,
  recipient bigint not null check (recipient > 0),
  audience text not null check (audience in ('operator', 'member')),
  kind text not null check (length(kind) between 1 and 60),
  dedupe_key text not null check (length(dedupe_key) between 1 and 200),
  -- Ids, words and figures for the text of `kind`; never what somebody wrote, never a secret.
  params jsonb not null default '{}',
  -- Waiting notices of one recipient and key become one message.
  group_key text not null check (length(group_key) between 1 and 200),
  created_at timestamptz not null,
  -- A try that provably failed is repeated from then on.
  next_at timestamptz not null,
  attempts integer not null default 0 check (attempts >= 0),
  claimed_at timestamptz,
  sent_at timestamptz,
  outcome text check (outcome in ('sent', 'unknown', 'blocked', 'rejected', 'expired', 'withdrawn')),
  unique (recipient, dedupe_key),
  check ((outcome = 'sent') = (sent_at is not null))
);
create index panel_notice_due on panel_notice (next_at) where claimed_at is null and outcome is null;
create index panel_notice_open on panel_notice (claimed_at) where claimed_at is not null and outcome is null;
create index panel_notice_old on panel_notice (created_at);
alter table panel_notice enable row level security;

-- What an operator writes to customers: shown to its author first, and sent only once they have confirmed.
create table announcement (
  id bigint generated always as identity primary key,
  -- Null for the owners of all tenants.
  for_tenant_id bigint references tenant (id) on delete cascade,
  -- Dropped after 90 days, as other texts are.
  text text check (length(text) between 1 and 3000),
  created_by bigint not null,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  recipients integer,
  -- The update it came from: the same one writes one announcement.
  reference text not null unique,
  check ((confirmed_at is null) = (recipients is null))
);
alter table announcement enable row level security;

-- A fault that was told about: one alert for a cause as long as it is open, and a new one when it comes back.
create table fault_alert (
  cause text primary key check (length(cause) between 1 and 200),
  -- Rises with each relapse: names the alert.
  episode integer not null default 1 check (episode > 0),
  opened_at timestamptz not null,
  last_seen_at timestamptz not null,
  told_at timestamptz not null,
  closed_at timestamptz,
  params jsonb not null default '{}'
);
alter table fault_alert enable row level security;

create table ticket (
  -- Null for those who are no customers yet.
  tenant_id bigint references tenant (id) on delete cascade,
  id bigint generated always as identity primary key,
  telegram_id bigint not null check (telegram_id > 0),
  kind text not null check (kind in ('support', 'sales', 'deletion', 'payment')),
  subject text not null check (length(subject) between 1 and 200),
  state text not null default 'open' check (state in ('open', 'answered', 'closed')),
  priority text not null default 'normal' check (priority in ('normal', 'high')),
  opened_at timestamptz not null,
  first_response_due_at timestamptz not null,
  first_response_at timestamptz,
  closed_at timestamptz,
  -- The operator who took it, by Telegram number.
  assigned_to bigint,
  -- The update it came from: the same one opens one ticket.
  reference text not null unique,
  check ((state = 'closed') = (closed_at is not null))
);
create index ticket_of_tenant on ticket (tenant_id, opened_at desc);
create index ticket_of_person on ticket (telegram_id) where state <> 'closed';
create index ticket_waiting on ticket (first_response_due_at) where first_response_at is null and state <> 'closed';
select isolate_by_tenant('ticket');

create table ticket_message (
  tenant_id bigint references tenant (id) on delete cascade,
  id bigint generated always as identity primary key,
  ticket_id bigint not null references ticket (id) on delete cascade,
  -- `telegram:123` for who asks, `operator:777` for who answers.
  author text not null,
  -- Dropped after 90 days, as the texts of messages are; the row stays.
  text text check (length(text) between 1 and 4000),
  at timestamptz not null,
  reference text not null unique
);
create index ticket_message_of_ticket on ticket_message (ticket_id, id);
create index ticket_message_text on ticket_message (at) where text is not null;
select isolate_by_tenant('ticket_message');
