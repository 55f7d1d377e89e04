-- Personal slots: places in a template that a model may fill for one contact. Without an approved text the fallback that
-- stands in the template is sent.

alter table template
  -- What to write into each slot: {"greeting": "one warm sentence …"}. A slot without a brief is never written.
  add column slot_briefs jsonb not null default '{}',
  -- The model that wrote the first draft; null for what people wrote.
  add column drafted_by text check (length(drafted_by) between 1 and 200);

-- Whether a member reads each text before it may leave.
create table slot_setting (
  tenant_id bigint primary key references tenant (id) on delete cascade,
  review text not null check (review in ('required', 'checks')),
  updated_by text not null,
  updated_at timestamptz not null
);
select isolate_by_tenant('slot_setting');

-- What a model wrote into a slot of one delivery.
create table delivery_slot (
  tenant_id bigint not null,
  id bigint generated always as identity,
  delivery_id bigint not null,
  contact_id bigint not null,
  slot text not null check (slot ~ '^[a-z][a-z0-9_]{0,39}$'),
  -- failed: a check found something; it is kept to be looked at and never leaves.
  state text not null check (state in ('proposed', 'approved', 'rejected', 'failed')),
  -- As it is read, without markup; null once its retention is over.
  text text check (length(text) <= 500),
  -- What the checks had against it: ["price", …].
  findings jsonb not null,
  -- What it was written for: another wording or another catalogue, and it does not leave.
  wording_hash bigint not null,
  persona_version integer not null,
  model text not null,
  prompt_version integer not null,
  created_at timestamptz not null,
  decided_at timestamptz,
  -- `member:12`, or `checks` where the tenant lets them decide.
  decided_by text,
  primary key (tenant_id, id),
  unique (tenant_id, delivery_id, slot),
  foreign key (tenant_id, delivery_id) references delivery (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  check ((state in ('approved', 'rejected')) = (decided_at is not null)),
  check ((decided_at is null) = (decided_by is null)),
  check (state <> 'approved' or (findings = '[]' and (text is null or length(text) between 1 and 120)))
);
create index delivery_slot_contact on delivery_slot (tenant_id, contact_id);
create index delivery_slot_old on delivery_slot (created_at) where text is not null;
select isolate_by_tenant('delivery_slot');
