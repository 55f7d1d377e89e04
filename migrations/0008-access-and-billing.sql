-- Who may act for a tenant or for the installation, and what a tenant has paid for.
create table member (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  telegram_id bigint not null check (telegram_id > 0),
  role text not null check (role in ('owner', 'admin', 'agent', 'analyst', 'billing')),
  name text not null check (length(name) between 1 and 100),
  -- Who let them in, as the audit log names people; `system` for the first owner.
  invited_by text not null,
  joined_at timestamptz not null,
  -- Kept after leaving: the audit log names members by their number.
  removed_at timestamptz,
  primary key (tenant_id, id)
);
create unique index member_person on member (tenant_id, telegram_id) where removed_at is null;
create index member_telegram on member (telegram_id) where removed_at is null;
select isolate_by_tenant('member');

-- Who runs the installation; no tenant reads or writes it.
create table operator (
  telegram_id bigint primary key check (telegram_id > 0),
  role text not null check (role in ('operator', 'support')),
  name text not null check (length(name) between 1 and 100),
  added_at timestamptz not null,
  removed_at timestamptz
);
alter table operator enable row level security;

-- A link that lets one person in, once; of the token only its hash is kept.
create table invitation (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  token_hash bytea not null unique,
  role text not null check (role in ('owner', 'admin', 'agent', 'analyst', 'billing')),
  invited_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by bigint,
  primary key (tenant_id, id),
  check ((accepted_at is null) = (accepted_by is null))
);
select isolate_by_tenant('invitation');

create table api_key (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  name text not null check (length(name) between 1 and 100),
  -- Shown in lists and found by; the secret behind it is kept as a hash.
  prefix text not null unique,
  secret_hash bytea not null,
  scopes text[] not null check (cardinality(scopes) > 0),
  created_by text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
select isolate_by_tenant('api_key');

-- One row a tenant, locked by whoever takes something that the package limits: the last place goes to one alone.
create table subscription (
  tenant_id bigint primary key references tenant (id) on delete cascade,
  package text not null check (package in ('trial', 'starter', 'professional', 'enterprise', 'custom')),
  state text not null check (state in ('trial', 'active', 'grace', 'expired', 'cancelled')),
  extra_bots integer not null default 0 check (extra_bots >= 0),
  -- The terms the limits were last taken from.
  catalogue_version integer not null,
  period_starts_at timestamptz not null,
  -- Null where the operator lets a tenant work without an end.
  period_ends_at timestamptz,
  -- What the running period is worth: money paid for it and credit carried into it.
  period_value_minor bigint not null default 0 check (period_value_minor >= 0),
  changed_at timestamptz not null,
  check (period_ends_at is null or period_ends_at > period_starts_at),
  check (period_ends_at is not null or state = 'active')
);
create index subscription_due on subscription (period_ends_at) where state <> 'expired';
select isolate_by_tenant('subscription');

-- Every period that began, append-only: revenue and churn are read from here.
create table subscription_period (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  kind text not null check (kind in ('trial', 'grant', 'purchase', 'renewal', 'change')),
  package text not null,
  extra_bots integer not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  paid_minor bigint not null check (paid_minor >= 0),
  -- What was left of the period before and is worked off in this one.
  credit_minor bigint not null default 0 check (credit_minor >= 0),
  currency text not null,
  -- What the payment is worth in the catalogue's currency; Stars, for one, are paid in another.
  value_minor bigint not null check (value_minor >= 0),
  -- What paid for it; the same payment never counts twice.
  reference text unique,
  catalogue_version integer not null,
  recorded_at timestamptz not null,
  primary key (tenant_id, id)
);
create index subscription_period_recorded on subscription_period (recorded_at);
select isolate_by_tenant('subscription_period');
revoke update, delete on subscription_period from gavatcore_tenant;

-- A word about a limit that comes near is said once a period.
create table usage_notice (
  tenant_id bigint not null references tenant (id) on delete cascade,
  entitlement text not null,
  percent smallint not null check (percent in (80, 100)),
  period_starts_at timestamptz not null,
  noticed_at timestamptz not null,
  primary key (tenant_id, entitlement, percent, period_starts_at)
);
select isolate_by_tenant('usage_notice');

-- From then on only what people type leaves; null while there is no end. Known to the guard by its instant, so that
-- sending stops on time whether or not anything else runs.
alter table tenant_limits add column automated_until timestamptz;

-- Templates that came with the product do not count as the tenant's own.
alter table template add column is_seed boolean not null default false;
update template t set is_seed = true from tenant o where o.id = t.tenant_id and t.created_at = o.created_at;

insert into subscription (tenant_id, package, state, catalogue_version, period_starts_at, changed_at)
select l.tenant_id, l.package, 'active', 1, t.created_at, t.created_at
from tenant_limits l join tenant t on t.id = l.tenant_id;
