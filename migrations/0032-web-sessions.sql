-- How people come into the web panel: a link that is used once, and a session on each device it was used on. A person is
-- known by their Telegram number and may belong to several tenants or to none, so no tenant role reads these tables.

-- Of a link's token, and of a session's cookie, only hashes are kept.
create table sign_in_link (
  id bigint generated always as identity primary key,
  token_hash bytea not null unique,
  -- Null for whoever has the console of the server: the first who runs the installation.
  telegram_id bigint check (telegram_id > 0),
  -- Which tenant it opens first; the person's rights decide what they see of it.
  tenant_id bigint references tenant (id) on delete cascade,
  locale text check (locale in ('tr', 'en', 'ru', 'ar')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index sign_in_link_person on sign_in_link (telegram_id, created_at desc);
create index sign_in_link_old on sign_in_link (expires_at);
alter table sign_in_link enable row level security;

create table web_session (
  id bigint generated always as identity primary key,
  token_hash bytea not null unique,
  telegram_id bigint check (telegram_id > 0),
  -- What the browser calls itself, shortened: a person tells their devices apart by it.
  device text not null check (length(device) <= 200),
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- Moves with use.
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index web_session_person on web_session (telegram_id, last_seen_at desc) where ended_at is null;
create index web_session_old on web_session (expires_at);
alter table web_session enable row level security;
