-- Protection against spam in both directions: what comes into the tenant's groups is looked at, and what leaves may be held
-- tighter than the package does. What a tenant sets is only ever stricter: the code takes the strictest of all.
create table protection (
  tenant_id bigint not null references tenant (id) on delete cascade,
  version integer not null check (version > 0),
  is_current boolean not null,
  -- What was chosen, not what the package lets come of it.
  level text not null check (level in ('basic', 'advanced', 'custom')),
  -- Stricter than the level's: {"burstMessages": 3, …}.
  parameters jsonb not null,
  -- Words beyond those of the product.
  words text[] not null,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, version)
);
create unique index protection_current on protection (tenant_id) where is_current;
select isolate_by_tenant('protection');

create table chat_protection (
  tenant_id bigint not null,
  chat_id bigint not null,
  parameters jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, chat_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade
);
select isolate_by_tenant('chat_protection');

-- What was seen in a group, never what was written. One burst of a person is one finding, whatever its length.
create table spam_finding (
  tenant_id bigint not null,
  chat_id bigint not null,
  contact_id bigint not null,
  pattern text not null,
  message_id bigint not null,
  account_id bigint not null,
  update_id bigint not null,
  -- How much of it: messages in the window, characters in the run, emoji; 1 for a word with a link.
  measure integer not null,
  at timestamptz not null,
  primary key (tenant_id, chat_id, contact_id, pattern, message_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
create index spam_finding_at on spam_finding (tenant_id, at);
create index spam_finding_contact on spam_finding (tenant_id, contact_id);
select isolate_by_tenant('spam_finding');

-- The tenant's own, stricter than the package's; the smaller of the two holds. The history keeps both.
alter table tenant_limits
  add column own_per_minute_max integer check (own_per_minute_max >= 0),
  add column own_outreach_hourly_max integer check (own_outreach_hourly_max >= 0),
  add column own_outreach_daily_max integer check (own_outreach_daily_max >= 0),
  add column own_outreach_cooldown_minutes integer check (own_outreach_cooldown_minutes >= 0),
  add column own_group_post_cooldown_seconds integer check (own_group_post_cooldown_seconds >= 0);

-- Groups beyond the package's number: known, and nothing is posted there until there is room.
alter table chat add column over_package_since timestamptz;

-- Whether one installation serves many tenants or exactly one; written at every start from the settings.
alter table installation add column tenancy text not null default 'pooled' check (tenancy in ('pooled', 'single'));
