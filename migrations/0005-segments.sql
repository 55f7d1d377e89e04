-- The twelve segments: their rules as versioned rows, who holds them, and who held them before.
create table segment_rule (
  tenant_id bigint not null references tenant (id) on delete cascade,
  segment text not null,
  version integer not null check (version > 0),
  -- Counts the changes of all rules of the tenant: an assignment names one revision, and with it twelve versions.
  revision integer not null check (revision > 0),
  is_current boolean not null,
  enabled boolean not null default true,
  -- [{"feature": "engagement", "op": ">=", "value": 70}, {"without": "HOT_LEAD"}, …]: all must hold.
  conditions jsonb not null,
  base_confidence smallint not null check (base_confidence between 0 and 100),
  changed_by text not null,
  created_at timestamptz not null,
  primary key (tenant_id, segment, version)
);
create unique index segment_rule_current on segment_rule (tenant_id, segment) where is_current;
create index segment_rule_revision on segment_rule (tenant_id, segment, revision);
select isolate_by_tenant('segment_rule');

-- What each contact holds now: one row with twelve confidences (null: not held), as narrow as it can be, because a
-- full pass writes a million of them. Segments that rules gave can be told from pinned ones by the mask. There are
-- no foreign keys: their checks would cost more than the whole pass; the triggers below do their work in sets.
create table segment_assignment (
  tenant_id bigint not null,
  contact_id bigint not null,
  -- The held segment of highest strategy priority among those of confidence 60 and more.
  primary_segment text,
  hot_lead smallint,
  warm_lead smallint,
  cold_lead smallint,
  engaged smallint,
  bot_lover smallint,
  night_owl smallint,
  new_user smallint,
  premium_potential smallint,
  social_butterfly smallint,
  lurker smallint,
  price_sensitive smallint,
  loyal_customer smallint,
  -- Since when.
  hot_lead_since timestamptz,
  warm_lead_since timestamptz,
  cold_lead_since timestamptz,
  engaged_since timestamptz,
  bot_lover_since timestamptz,
  night_owl_since timestamptz,
  new_user_since timestamptz,
  premium_potential_since timestamptz,
  social_butterfly_since timestamptz,
  lurker_since timestamptz,
  price_sensitive_since timestamptz,
  loyal_customer_since timestamptz,
  -- Bit n: the n-th segment of contract/words.ts is held; is held because a person said so.
  held integer not null generated always as (
    case when hot_lead is null then 0 else 1 end |
    case when warm_lead is null then 0 else 2 end |
    case when cold_lead is null then 0 else 4 end |
    case when engaged is null then 0 else 8 end |
    case when bot_lover is null then 0 else 16 end |
    case when night_owl is null then 0 else 32 end |
    case when new_user is null then 0 else 64 end |
    case when premium_potential is null then 0 else 128 end |
    case when social_butterfly is null then 0 else 256 end |
    case when lurker is null then 0 else 512 end |
    case when price_sensitive is null then 0 else 1024 end |
    case when loyal_customer is null then 0 else 2048 end
  ) stored,
  pinned integer not null default 0,
  rule_revision integer not null,
  -- What the rules read when this row was last written, in the order of feature.rules.ts.
  inputs real[] not null,
  assessed_at timestamptz not null,
  primary key (tenant_id, contact_id),
  check (
    (hot_lead is null) = (hot_lead_since is null) and
    (warm_lead is null) = (warm_lead_since is null) and
    (cold_lead is null) = (cold_lead_since is null) and
    (engaged is null) = (engaged_since is null) and
    (bot_lover is null) = (bot_lover_since is null) and
    (night_owl is null) = (night_owl_since is null) and
    (new_user is null) = (new_user_since is null) and
    (premium_potential is null) = (premium_potential_since is null) and
    (social_butterfly is null) = (social_butterfly_since is null) and
    (lurker is null) = (lurker_since is null) and
    (price_sensitive is null) = (price_sensitive_since is null) and
    (loyal_customer is null) = (loyal_customer_since is null)
  )
) with (fillfactor = 90);
-- Leads to the holders of any one segment by hopping over the few masks that occur.
create index segment_assignment_held on segment_assignment (tenant_id, held, contact_id);
select isolate_by_tenant('segment_assignment');

-- Segments given by hand; they hold whatever the rules say until taken back.
create table segment_pin (
  tenant_id bigint not null,
  contact_id bigint not null,
  segment text not null,
  note text not null default '' check (length(note) <= 500),
  pinned_by text not null,
  since timestamptz not null,
  primary key (tenant_id, contact_id, segment)
);
select isolate_by_tenant('segment_pin');

-- Assignments that ended; the open ones are in segment_assignment.
create table segment_history (
  tenant_id bigint not null,
  id bigint generated always as identity,
  contact_id bigint not null,
  segment text not null,
  source text not null check (source in ('rule', 'ai', 'manual')),
  confidence smallint not null check (confidence between 0 and 100),
  rule_revision integer not null,
  inputs real[] not null,
  since timestamptz not null,
  until timestamptz not null,
  primary key (tenant_id, id),
  check (until >= since)
);
create index segment_history_contact on segment_history (tenant_id, contact_id, until desc);
select isolate_by_tenant('segment_history');

-- Whoever writes assignments of a tenant holds this lock until the end of the transaction; a full pass instead holds
-- the lock of a lane, which excludes other passes in the lane and everybody who holds the whole.
create function lock_segments(tenant bigint) returns void
  language sql volatile
  as $$ select pg_advisory_xact_lock(hashtextextended('segment_assignment', tenant)) $$;
create function lock_segments_lane(tenant bigint, lane integer) returns void
  language sql volatile
  as $$
    select pg_advisory_xact_lock_shared(hashtextextended('segment_assignment', tenant));
    select pg_advisory_xact_lock(hashtextextended('segment_assignment lane ' || lane, tenant))
  $$;

-- Segments live as long as the features they were computed from: they go with the contact, with its erasure and with
-- the losing side of a merge. The lock lets a pass that still sees the contact finish first.
create function remove_segments_of_deleted() returns trigger
  language plpgsql
  as $$
begin
  perform lock_segments(t.tenant_id) from (select distinct tenant_id from gone order by tenant_id) t;
  delete from segment_assignment a using gone g where a.tenant_id = g.tenant_id and a.contact_id = g.contact_id;
  delete from segment_pin p using gone g where p.tenant_id = g.tenant_id and p.contact_id = g.contact_id;
  delete from segment_history h using gone g where h.tenant_id = g.tenant_id and h.contact_id = g.contact_id;
  return null;
end
$$;
create trigger remove_segments after delete on contact_feature
  referencing old table as gone for each statement execute function remove_segments_of_deleted();
