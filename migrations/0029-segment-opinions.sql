-- A second opinion on segments: what a model thinks of a contact beside what the rules say. It ends by itself, counts only
-- while the contact agrees to AI processing and the tenant's model is on, and is taken back when the model fails.
create table segment_opinion (
  tenant_id bigint not null,
  contact_id bigint not null,
  segment text not null,
  confidence smallint not null check (confidence between 0 and 100),
  -- In the model's words, about figures alone: no text that anybody wrote was shown to it.
  reason text not null default '' check (length(reason) <= 200),
  model text not null,
  prompt_version integer not null,
  at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, contact_id, segment),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
select isolate_by_tenant('segment_opinion');

-- Whom a model was asked about last, also where it had nothing to say.
create table segment_opinion_round (
  tenant_id bigint not null,
  contact_id bigint not null,
  asked_at timestamptz not null,
  primary key (tenant_id, contact_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
select isolate_by_tenant('segment_opinion_round');

-- Bit n: the n-th segment is held because of an opinion that is surer than the rule.
alter table segment_assignment add column advised integer not null default 0;

-- What is thought of a contact goes with what it was thought from.
create or replace function remove_segments_of_deleted() returns trigger
  language plpgsql
  as $$
begin
  perform lock_segments(t.tenant_id) from (select distinct tenant_id from gone order by tenant_id) t;
  delete from segment_assignment a using gone g where a.tenant_id = g.tenant_id and a.contact_id = g.contact_id;
  delete from segment_pin p using gone g where p.tenant_id = g.tenant_id and p.contact_id = g.contact_id;
  delete from segment_opinion o using gone g where o.tenant_id = g.tenant_id and o.contact_id = g.contact_id;
  delete from segment_opinion_round r using gone g where r.tenant_id = g.tenant_id and r.contact_id = g.contact_id;
  delete from segment_history h using gone g where h.tenant_id = g.tenant_id and h.contact_id = g.contact_id;
  return null;
end
$$;
