-- From stranger to running account: where each person stands, every step they took, and what is measured of it. A row
-- belongs to a person before there is a tenant, so no tenant reads or writes these tables.
create table onboarding (
  id bigint generated always as identity primary key,
  telegram_id bigint not null check (telegram_id > 0),
  -- Forgotten when the onboarding ends without an account.
  name text check (length(name) between 1 and 100),
  locale text not null check (locale in ('tr', 'en', 'ru', 'ar')),
  -- Where it began; it goes on anywhere.
  surface text not null check (surface in ('bot', 'miniapp', 'web')),
  -- Which way of asking the person was shown, so that ways can be compared.
  variant text not null default 'standard' check (variant ~ '^[a-z0-9_-]{1,40}$'),
  state text not null check (state in ('choosing', 'package_selected', 'payment_pending', 'payment_claimed',
    'payment_approved', 'account_connecting', 'profile_created', 'active', 'cancelled', 'expired', 'failed')),
  package text check (package in ('trial', 'starter', 'professional', 'enterprise', 'custom')),
  extra_bots integer not null default 0 check (extra_bots >= 0),
  -- Made when a package is chosen; gone when it was removed again.
  tenant_id bigint references tenant (id) on delete set null,
  -- The order that is waited for, the one that was turned down last, and the linked account: all of the tenant.
  payment_id bigint,
  refused_payment_id bigint,
  account_id bigint,
  link_way text check (link_way in ('token', 'managed', 'business', 'session')),
  -- A payment of the tenant was approved, or proved by its provider.
  is_paid boolean not null default false,
  -- A person has one trial for ever, however it ended.
  trial_started_at timestamptz,
  ways_tried integer not null default 0,
  claims_made integer not null default 0,
  links_failed integer not null default 0,
  started_at timestamptz not null,
  step_entered_at timestamptz not null,
  -- Null where somebody else is waited for, and after the end.
  expires_at timestamptz,
  ended_at timestamptz,
  end_reason text check (end_reason ~ '^[a-z_]{1,40}$'),
  -- When what was half-made was taken back, or found to be none.
  cleared_at timestamptz,
  check ((state in ('active', 'cancelled', 'expired', 'failed')) = (ended_at is not null)),
  check (state <> 'active' or is_paid or trial_started_at is not null),
  check (ended_at is null or expires_at is null)
);
create unique index onboarding_open on onboarding (telegram_id) where ended_at is null;
create unique index onboarding_tenant on onboarding (tenant_id) where tenant_id is not null;
create index onboarding_person on onboarding (telegram_id, id);
create index onboarding_due on onboarding (expires_at) where ended_at is null and expires_at is not null;
create index onboarding_uncleared on onboarding (ended_at) where ended_at is not null and cleared_at is null;
create index onboarding_started on onboarding (started_at);
alter table onboarding enable row level security;

-- Every step that was taken, append-only.
create table onboarding_step (
  id bigint generated always as identity primary key,
  onboarding_id bigint not null references onboarding (id) on delete cascade,
  -- Null for the first.
  from_state text,
  to_state text not null,
  -- What led there: the command, such as `claim` or `expire`.
  cause text not null,
  -- Where the person did it; null when nobody did.
  surface text check (surface in ('bot', 'miniapp', 'web')),
  at timestamptz not null
);
create index onboarding_step_of on onboarding_step (onboarding_id, id);
alter table onboarding_step enable row level security;

-- The five things that are measured, each once, in this order; a trial has no claim.
create table onboarding_event (
  onboarding_id bigint not null references onboarding (id) on delete cascade,
  position smallint not null check (position between 1 and 5),
  name text not null check (name in ('customer_onboarding_started', 'customer_package_selected',
    'customer_payment_claimed', 'customer_onboarding_completed', 'customer_bot_activated')),
  at timestamptz not null,
  primary key (onboarding_id, position),
  unique (onboarding_id, name)
);
alter table onboarding_event enable row level security;
