-- Language models: whose answers for a tenant, how much of it may be used, and what was used. Nothing here holds a text
-- that somebody wrote but model_answer, which keeps answers for a day.

-- No row: off.
create table model_setting (
  tenant_id bigint primary key references tenant (id) on delete cascade,
  mode text not null check (mode in ('off', 'installation', 'own')),
  base_url text,
  -- Under the tenant's data key; null for a server that asks for none.
  api_key_sealed bytea,
  model text,
  -- Calendar months of the tenant's time zone. The package's allowance holds beside it for the installation's model.
  tokens_per_month bigint not null check (tokens_per_month >= 0),
  per_minute_max integer not null check (per_minute_max > 0),
  -- Raised with every change: what was learned of an endpoint before it says nothing of the one after it.
  version integer not null default 1,
  changed_by text not null,
  changed_at timestamptz not null,
  check ((mode = 'own') <= (base_url is not null and model is not null))
);
select isolate_by_tenant('model_setting');

-- The one row that every question of a tenant passes: what the month and the minute have taken, and whether the endpoint
-- is given a rest. A question takes the most it can cost before it is asked and gives back what it did not use.
create table model_meter (
  tenant_id bigint primary key references model_setting (tenant_id) on delete cascade,
  month date not null,
  tokens_taken bigint not null default 0 check (tokens_taken >= 0),
  minute_at timestamptz not null,
  minute_count integer not null default 0 check (minute_count >= 0),
  failure_count integer not null default 0,
  failing_since timestamptz,
  resting_until timestamptz,
  resting_reason text check (resting_reason in ('circuit_open', 'rate_limited')),
  -- One question tries whether the endpoint works again; until then nobody else does.
  probe_until timestamptz,
  check ((resting_until is null) = (resting_reason is null))
);
select isolate_by_tenant('model_meter');

-- Every question that was put, or would have been; append-only. Never a text.
create table model_use (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  at timestamptz not null,
  purpose text not null,
  prompt text not null,
  prompt_version integer not null,
  model text not null,
  is_own boolean not null,
  -- answered, cached, cancelled, or why there was no answer.
  outcome text not null,
  format text,
  input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  latency_ms integer not null default 0,
  -- The contact it was about, where it was about one; gone when they are erased.
  contact_id bigint,
  primary key (tenant_id, id)
);
create index model_use_at on model_use (tenant_id, at);
create index model_use_contact on model_use (tenant_id, contact_id) where contact_id is not null;
select isolate_by_tenant('model_use');
revoke update, delete on model_use from gavatcore_tenant;
-- For whom it was asked is forgotten with them, or becomes who they are known as.
grant update (contact_id) on model_use to gavatcore_tenant;

-- Answers that may be given again: names in them are placeholders still.
create table model_answer (
  tenant_id bigint not null references tenant (id) on delete cascade,
  key bytea not null,
  contact_ids bigint[] not null,
  value jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, key)
);
create index model_answer_expires on model_answer (expires_at);
create index model_answer_contacts on model_answer using gin (contact_ids);
select isolate_by_tenant('model_answer');
