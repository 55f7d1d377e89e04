-- Domain events are written in the transaction that causes them. A listener follows them with a cursor over
-- (xid, id): only transactions older than every running one are read, so a late commit is never skipped.
create table domain_event (
  id bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  tenant_id bigint not null references tenant (id) on delete cascade,
  type text not null,
  payload jsonb not null,
  at timestamptz not null,
  primary key (id)
);
create index domain_event_order on domain_event (xid, id);
create index domain_event_tenant on domain_event (tenant_id, at desc);
select isolate_by_tenant('domain_event');

create table event_cursor (
  listener text primary key,
  xid xid8 not null default '0',
  event_id bigint not null default 0
);

-- An event that its listener refused: tried again with growing waits, parked after the last try, replayable.
create table event_retry (
  listener text not null,
  event_id bigint not null references domain_event (id) on delete cascade,
  attempts smallint not null,
  next_at timestamptz not null,
  parked_at timestamptz,
  error text not null,
  primary key (listener, event_id)
);
create index event_retry_due on event_retry (listener, next_at) where parked_at is null;

-- When each periodic duty last ran; taken by an atomic update, so replicas never run one twice.
create table schedule_run (
  name text primary key,
  last_run_at timestamptz not null
);

-- Partitions by month: a table is created with its name and its time column, partitions are added ahead of time.
create function ensure_month_partition(parent regclass, month date) returns void
  language plpgsql
  as $$
declare
  first_day date := date_trunc('month', month)::date;
  child text := format('%s_%s', parent::text, to_char(first_day, 'YYYYMM'));
begin
  if to_regclass(child) is null then
    execute format('create table if not exists %I partition of %s for values from (%L) to (%L)',
      child, parent, first_day::timestamptz, (first_day + interval '1 month')::timestamptz);
  end if;
end
$$;
