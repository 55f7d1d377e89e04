-- What is said, how each segment may be contacted, and to whom a campaign goes.
create table template (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  name text not null check (length(name) between 1 and 100),
  message_class text not null check (message_class in ('reply', 'transactional', 'commercial')),
  style text,
  state text not null default 'draft' check (state in ('draft', 'approved', 'archived')),
  approved_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  -- A draft that is thrown away was never approved.
  check (state <> 'draft' or approved_at is null),
  check (state <> 'approved' or approved_at is not null)
);
-- The planner looks for what may be said in one style.
create index template_style on template (tenant_id, style) where state = 'approved';
select isolate_by_tenant('template');

create table template_variant (
  tenant_id bigint not null,
  template_id bigint not null,
  name text not null check (length(name) between 1 and 40),
  locale text not null check (locale in ('tr', 'en', 'ru', 'ar')),
  -- Telegram HTML with {{variables}}.
  text text not null,
  -- {"kind": "photo", "source": "https://…" or a file id} or null.
  media jsonb,
  -- Rows of inline buttons: [[{"text": "…", "url": "…"} | {"text": "…", "action": "…"}]].
  buttons jsonb not null default '[]',
  weight smallint not null default 1 check (weight between 0 and 100),
  primary key (tenant_id, template_id, name, locale),
  foreign key (tenant_id, template_id) references template (tenant_id, id) on delete cascade
);
select isolate_by_tenant('template_variant');

create table strategy (
  tenant_id bigint not null references tenant (id) on delete cascade,
  segment text not null,
  version integer not null check (version > 0),
  is_current boolean not null,
  enabled boolean not null default true,
  priority smallint not null check (priority between 1 and 10),
  every_hours integer not null check (every_hours >= 1),
  max_per_day smallint not null check (max_per_day between 0 and 5),
  cooldown_hours integer not null check (cooldown_hours >= 2),
  hours smallint[] not null check (cardinality(hours) between 1 and 24),
  style text not null,
  preset text,
  changed_by text not null,
  created_at timestamptz not null,
  primary key (tenant_id, segment, version)
);
create unique index strategy_current on strategy (tenant_id, segment) where is_current;
select isolate_by_tenant('strategy');

create table campaign (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  name text not null check (length(name) between 1 and 100),
  kind text not null check (kind in ('announcement', 'promo', 'broadcast', 'drip')),
  state text not null default 'draft' check (state in ('draft', 'running', 'paused', 'completed', 'cancelled')),
  account_id bigint not null,
  -- {"segments": [], "tags": [], "chats": []}; empty means everybody the account can reach.
  audience jsonb not null default '{}',
  -- Drip: [{"templateId": 1, "afterHours": 0}, …]; the others have exactly one step.
  steps jsonb not null,
  starts_at timestamptz,
  ends_at timestamptz,
  holdout_ratio double precision not null default 0 check (holdout_ratio >= 0 and holdout_ratio < 1),
  planned_at timestamptz,
  started_at timestamptz,
  paused_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, account_id) references account (tenant_id, id)
);
select isolate_by_tenant('campaign');
