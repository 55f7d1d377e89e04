-- People's own accounts: what it takes to resume their sessions with Telegram, sealed; and the keys that seal it.

-- One data key a tenant, itself sealed by the installation's key (APP_KEK). Whoever seals with it holds the row for
-- share, whoever replaces it for update, so nothing is left behind under a key that is gone.
create table tenant_key (
  tenant_id bigint primary key references tenant (id) on delete cascade,
  version integer not null default 1 check (version > 0),
  key_sealed bytea not null,
  rotated_at timestamptz not null
);
select isolate_by_tenant('tenant_key');

-- A session is there before its account: from the first question of the login on.
create table user_session (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  -- Telegram's own servers when null.
  api_root text,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (id)
);
select isolate_by_tenant('user_session');

create table user_session_value (
  tenant_id bigint not null,
  session_id bigint not null,
  name text not null,
  value_sealed bytea not null,
  primary key (tenant_id, session_id, name),
  foreign key (tenant_id, session_id) references user_session (tenant_id, id) on delete cascade
);
select isolate_by_tenant('user_session_value');

-- Keys agreed on with data centres: each is as good as the account.
create table user_session_key (
  tenant_id bigint not null,
  session_id bigint not null,
  dc integer not null,
  -- -1 for the permanent key.
  slot integer not null check (slot >= -1),
  key_sealed bytea not null,
  -- Epoch seconds, 0 for never.
  expires_at bigint not null,
  primary key (tenant_id, session_id, dc, slot),
  foreign key (tenant_id, session_id) references user_session (tenant_id, id) on delete cascade
);
select isolate_by_tenant('user_session_key');

-- Whom a session can address. An access hash opens nothing without the session's key.
create table user_session_peer (
  tenant_id bigint not null,
  session_id bigint not null,
  -- As bots number chats: negative for groups and channels.
  peer_id bigint not null,
  access_hash text not null,
  usernames text[] not null,
  primary key (tenant_id, session_id, peer_id),
  foreign key (tenant_id, session_id) references user_session (tenant_id, id) on delete cascade
);
create index user_session_peer_name on user_session_peer using gin (usernames);
select isolate_by_tenant('user_session_peer');

alter table account add foreign key (tenant_id, session_id) references user_session (tenant_id, id);

-- The number under which Telegram knows this send of a user account: the same number is the same message.
alter table attempt add column random_id bigint;

-- Names an update that Telegram does not number (a person's own account): the pair with the account drops repeats.
alter table update_inbox add column source_key text;
create unique index update_inbox_source on update_inbox (account_id, source_key) where source_key is not null;
