-- Segments that a tenant makes for itself, beside the twelve: a name and conditions that must all hold. Nobody is assigned
-- to them: who belongs is looked up whenever it is asked, so there is nothing here that grows with people.
create table own_segment (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  name text not null check (length(name) between 1 and 60),
  -- The name as it is compared, in Turkish small letters: "KIŞ" and "kış" are one.
  name_key text not null,
  -- [{"feature": "orders", "op": ">=", "value": 2}, {"tag": "vip", "is": true}, …]
  conditions jsonb not null check (jsonb_typeof(conditions) = 'array'),
  -- Counts changes: whoever saves over one they have not seen is told.
  version integer not null default 1 check (version > 0),
  changed_by text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant_id, id)
);
create unique index own_segment_name on own_segment (tenant_id, name_key);
select isolate_by_tenant('own_segment');
