-- The twelve segments: their rules as versioned rows, who holds them, and who held them before.
create table segment_rule (
  tenant_id bigint not null references tenant (id) on delete cascade,
  segment text not null,
  version integer not null check (version > 0),
  is_current boolean not null,
  enabled boolean not null default true,
  -- [{"feature": "engagement", "op": ">=", "value": 70}, …]: all must hold.
  conditions jsonb not null,
  base_confidence smallint not null check (base_confidence between 0 and 100),
  changed_by text not null,
  created_at timestamptz not null,
  primary key (tenant_id, segment, version)
);
create unique index segment_rule_current on segment_rule (tenant_id, segment) where is_current;
select isolate_by_tenant('segment_rule');
