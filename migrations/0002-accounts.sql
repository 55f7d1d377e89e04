-- Telegram identities of a tenant, and who currently runs each of them.
create table account (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  kind text not null check (kind in ('bot', 'business', 'user')),
  state text not null default 'active' check (state in ('active', 'paused', 'disconnected')),
  state_reason text,
  telegram_id bigint not null,
  display_name text not null,
  username text,
  -- Sealed with the installation's key; bound to tenant and account, so it opens nowhere else.
  token_sealed bytea not null,
  api_root text,
  update_mode text not null default 'polling' check (update_mode in ('polling', 'webhook', 'off')),
  webhook_key text not null unique,
  webhook_secret_sealed bytea not null,
  next_update_id bigint not null default 0,
  sending_stopped_at timestamptz,
  sending_stopped_reason text,
  -- A 429 for the whole account: nothing leaves before this instant.
  waiting_until timestamptz,
  health text not null default 'normal' check (health in ('normal', 'slowed', 'stopped')),
  health_reason text,
  health_changed_at timestamptz,
  linked_at timestamptz not null,
  primary key (tenant_id, id),
  unique (id),
  unique (telegram_id),
  check ((sending_stopped_at is null) = (sending_stopped_reason is null))
);
select isolate_by_tenant('account');

-- One process works an account at a time: order, pacing and user sessions demand it. The fence rises with each owner.
create table account_lease (
  tenant_id bigint not null,
  account_id bigint not null,
  purpose text not null check (purpose in ('sending', 'updates', 'polling')),
  holder text not null,
  fence bigint not null default 1,
  expires_at timestamptz not null,
  primary key (account_id, purpose),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
select isolate_by_tenant('account_lease');

-- A 429 for one chat: sends to it wait, the rest of the account goes on. Scope of the whole account is on account.
create table chat_wait (
  tenant_id bigint not null,
  account_id bigint not null,
  chat_id bigint not null,
  waiting_until timestamptz not null,
  primary key (tenant_id, account_id, chat_id),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
select isolate_by_tenant('chat_wait');

-- Updates as Telegram sent them, stored before they are acknowledged; the key drops redeliveries.
create table update_inbox (
  tenant_id bigint not null,
  account_id bigint not null,
  update_id bigint not null,
  -- Updates of one queue are applied in order of update_id; queues are independent (chat, member, callback …).
  queue_key text not null,
  kind text not null,
  payload jsonb,
  state text not null default 'new' check (state in ('new', 'done', 'ignored', 'parked')),
  attempts smallint not null default 0,
  error text,
  received_at timestamptz not null,
  finished_at timestamptz,
  primary key (account_id, update_id),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
create index update_inbox_new on update_inbox (account_id, update_id) where state = 'new';
-- Who has said something that is not applied yet: nothing commercial passes it.
create index update_inbox_unread on update_inbox (tenant_id, queue_key) where state = 'new';
create index update_inbox_parked on update_inbox (tenant_id, received_at desc) where state = 'parked';
create index update_inbox_finished on update_inbox (finished_at) where state in ('done', 'ignored');
select isolate_by_tenant('update_inbox');
