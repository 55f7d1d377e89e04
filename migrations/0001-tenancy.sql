-- Tenants own everything. Every other table leads its keys with tenant_id and is closed by row-level security,
-- so a query that forgets its tenant sees nothing instead of everything.
do $$
begin
  if not exists (select from pg_roles where rolname = 'gavatcore_tenant') then
    create role gavatcore_tenant nologin;
  end if;
exception
  when duplicate_object or unique_violation then null; -- another database of the same server made it meanwhile
end
$$;

do $$
begin
  execute format('grant gavatcore_tenant to %I', current_user);
exception
  when unique_violation then null;
  when insufficient_privilege then
    -- Who may not grant it is content with an administrator having done so beforehand.
    if not pg_has_role(current_user, 'gavatcore_tenant', 'member') then raise; end if;
end
$$;

grant usage on schema public to gavatcore_tenant;

-- The tenant of the running transaction; null outside one, which matches no row.
create function current_tenant_id() returns bigint
  language sql stable parallel safe
  as $$ select nullif(current_setting('app.tenant_id', true), '')::bigint $$;

-- Called for each tenant-owned table: the tenant role sees and writes only rows of the current tenant.
create function isolate_by_tenant(table_name regclass, tenant_column text default 'tenant_id') returns void
  language plpgsql
  as $$
begin
  execute format('alter table %s enable row level security', table_name);
  execute format(
    'create policy tenant_isolation on %s to gavatcore_tenant using (%I = (select current_tenant_id())) with check (%I = (select current_tenant_id()))',
    table_name, tenant_column, tenant_column);
  execute format('grant select, insert, update, delete on %s to gavatcore_tenant', table_name);
end
$$;

-- One row for the whole installation: the global kill switch.
create table installation (
  singleton boolean primary key default true check (singleton),
  sending_stopped_at timestamptz,
  sending_stopped_reason text,
  check ((sending_stopped_at is null) = (sending_stopped_reason is null))
);
insert into installation default values;
alter table installation enable row level security;
create policy readable_by_all on installation for select to gavatcore_tenant using (true);
grant select on installation to gavatcore_tenant;

create table tenant (
  id bigint generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  -- Commercial messages must say who sends them.
  sender_name text not null check (length(sender_name) between 1 and 100),
  locale text not null default 'tr' check (locale in ('tr', 'en', 'ru', 'ar')),
  time_zone text not null default 'Europe/Istanbul',
  state text not null default 'active' check (state in ('active', 'suspended')),
  sending_stopped_at timestamptz,
  sending_stopped_reason text,
  -- Until then strategies only observe: they plan nothing by themselves.
  observe_until timestamptz not null,
  created_at timestamptz not null,
  check ((sending_stopped_at is null) = (sending_stopped_reason is null))
);
select isolate_by_tenant('tenant', 'id');

-- What the tenant's package and the operator allow; null means no limit from this side. Hard ceilings live in code.
create table tenant_limits (
  tenant_id bigint primary key references tenant (id) on delete cascade,
  package text not null check (package in ('trial', 'starter', 'professional', 'enterprise', 'custom')),
  daily_messages_max integer check (daily_messages_max >= 0),
  monthly_messages_max integer check (monthly_messages_max >= 0),
  per_minute_max integer check (per_minute_max >= 0),
  outreach_hourly_max integer check (outreach_hourly_max >= 0),
  outreach_daily_max integer check (outreach_daily_max >= 0),
  outreach_cooldown_minutes integer not null default 60 check (outreach_cooldown_minutes >= 0),
  group_post_cooldown_seconds integer not null default 300 check (group_post_cooldown_seconds >= 0),
  quiet_from_hour smallint not null default 21 check (quiet_from_hour between 0 and 24),
  quiet_to_hour smallint not null default 9 check (quiet_to_hour between 0 and 24),
  warm_up boolean not null default true,
  changed_at timestamptz not null default '1970-01-01T00:00:00Z'
);
select isolate_by_tenant('tenant_limits');

-- What the limits were at any instant, so that the ledger can be audited against the limits of its own time.
create table tenant_limits_history (
  tenant_id bigint not null references tenant (id) on delete cascade,
  valid_from timestamptz not null,
  limits jsonb not null,
  primary key (tenant_id, valid_from)
);
select isolate_by_tenant('tenant_limits_history');

create function record_tenant_limits() returns trigger
  language plpgsql
  as $$
begin
  insert into tenant_limits_history (tenant_id, valid_from, limits)
  values (new.tenant_id, new.changed_at, to_jsonb(new))
  on conflict (tenant_id, valid_from) do update set limits = excluded.limits;
  return new;
end
$$;
create trigger tenant_limits_recorded after insert or update on tenant_limits
  for each row execute function record_tenant_limits();

-- Who did what to whom; append-only.
create table audit_log (
  id bigint generated always as identity primary key,
  tenant_id bigint references tenant (id) on delete cascade,
  actor text not null,
  action text not null,
  target text,
  detail jsonb not null default '{}',
  at timestamptz not null
);
create index audit_log_tenant on audit_log (tenant_id, at desc);
select isolate_by_tenant('audit_log');
revoke update, delete on audit_log from gavatcore_tenant;
