-- Who an account is when it speaks, and how it answers, invites and sells. Both are kept version by version: what was in
-- force when something was said can always be read.
create table persona (
  tenant_id bigint not null,
  account_id bigint not null,
  version integer not null check (version > 0),
  is_current boolean not null,
  display_name text not null check (length(display_name) between 1 and 64),
  tone text not null,
  style text not null,
  language text not null check (language in ('tr', 'en', 'ru', 'ar')),
  -- {"catalogue": [{"name", "priceMinor", "currency"}], "faq": [{"question", "answer"}], "notes": ["…"]}; prices and
  -- offers are told from here alone.
  facts jsonb not null,
  do_nots jsonb not null,
  greeting text not null,
  -- [{"label", "text"}], in the order they are shown.
  menu jsonb not null,
  -- [{"asked", "answered"}]
  sample_replies jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, account_id, version),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
create unique index persona_current on persona (tenant_id, account_id) where is_current;
select isolate_by_tenant('persona');

-- What was chosen, not what the package lets come of it: after a downgrade the choice waits here for the package to allow
-- it again.
create table account_setting (
  tenant_id bigint not null,
  account_id bigint not null,
  version integer not null check (version > 0),
  is_current boolean not null,
  reply_mode text not null check (reply_mode in ('manual', 'hybrid', 'ai')),
  -- Share of eligible conversations in which an opted-in contact is shown an invitation.
  invite_ratio double precision not null check (invite_ratio between 0 and 1),
  -- In how many places the way into the groups is shown.
  group_placements smallint not null check (group_placements between 0 and 3),
  product_price_minor bigint not null check (product_price_minor >= 0),
  product_currency text not null check (product_currency ~ '^[A-Z]{3}$'),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, account_id, version),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
create unique index account_setting_current on account_setting (tenant_id, account_id) where is_current;
select isolate_by_tenant('account_setting');
