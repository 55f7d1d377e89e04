-- Connections that owners of business accounts made with our bots, as Telegram told of them last. Kept beside the
-- accounts, since one may fit no tenant yet, and a bot may serve several: no tenant reads or writes this table.
create table business_connection (
  via_account_id bigint not null references account (id) on delete cascade,
  owner_telegram_id bigint not null check (owner_telegram_id > 0),
  -- Changes when the owner changes a setting.
  connection_id text not null unique check (connection_id <> ''),
  -- The owner's private chat with the bot.
  user_chat_id bigint not null,
  display_name text not null,
  username text,
  rights text[] not null,
  is_enabled boolean not null,
  -- The update that said so: an older one, applied late, changes nothing.
  update_id bigint not null,
  changed_at timestamptz not null,
  -- Why it became no account; null once it is one.
  unlinked_reason text check (unlinked_reason in ('owner_unknown', 'several_tenants', 'linked_elsewhere')),
  primary key (via_account_id, owner_telegram_id)
);
