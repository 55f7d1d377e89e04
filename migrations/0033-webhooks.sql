-- What is told to programs of a tenant by itself, and what was answered to calls that name themselves.

create table webhook_endpoint (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  url text not null check (length(url) between 1 and 2000),
  -- What people call it.
  name text not null check (length(name) between 1 and 100),
  kinds text[] not null check (cardinality(kinds) > 0),
  -- disabled: the server gave up on it; a person says when it is tried again.
  state text not null check (state in ('active', 'paused', 'disabled')),
  disabled_reason text check (disabled_reason in ('gone', 'failing')),
  secret_sealed bytea not null,
  -- Signs beside the new one until receivers know that.
  old_secret_sealed bytea,
  old_secret_until timestamptz,
  -- What happened before is not told.
  active_since timestamptz not null,
  -- The first failure after the last success.
  failing_since timestamptz,
  last_success_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant_id, id),
  check ((state = 'disabled') = (disabled_reason is not null)),
  check ((old_secret_sealed is null) = (old_secret_until is null))
);
select isolate_by_tenant('webhook_endpoint');

create table webhook_delivery (
  tenant_id bigint not null,
  id bigint generated always as identity,
  endpoint_id bigint not null,
  -- The header `webhook-id`: the same in every attempt, so that a receiver drops repeats.
  message_id text not null,
  -- What happened, once for each endpoint.
  dedupe_key text not null,
  kind text not null,
  -- Byte by byte what is sent and signed, in every attempt.
  payload text not null,
  state text not null check (state in ('waiting', 'delivered', 'failed')),
  attempts integer not null default 0,
  -- Attempts since it was written or asked for again; the schedule counts by it.
  tries integer not null default 0,
  next_at timestamptz not null,
  -- Somebody is calling; when this is over they died.
  claimed_until timestamptz,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, endpoint_id, dedupe_key),
  foreign key (tenant_id, endpoint_id) references webhook_endpoint (tenant_id, id) on delete cascade,
  check ((state = 'waiting') = (ended_at is null))
);
create index webhook_delivery_due on webhook_delivery (tenant_id, endpoint_id, next_at, id) where state = 'waiting';
create index webhook_delivery_any_due on webhook_delivery (next_at) where state = 'waiting';
create index webhook_delivery_newest on webhook_delivery (tenant_id, endpoint_id, id desc);
create index webhook_delivery_old on webhook_delivery (created_at);
select isolate_by_tenant('webhook_delivery');

create table webhook_attempt (
  tenant_id bigint not null,
  delivery_id bigint not null,
  -- From 1.
  number integer not null check (number > 0),
  at timestamptz not null,
  -- Neither an answer nor a fault: under way, or cut off when the process died.
  status integer check (status between 100 and 999),
  fault text check (fault in ('timeout', 'unreachable', 'private_address', 'certificate')),
  latency_ms integer,
  primary key (tenant_id, delivery_id, number),
  foreign key (tenant_id, delivery_id) references webhook_delivery (tenant_id, id) on delete cascade,
  check (status is null or fault is null)
);
select isolate_by_tenant('webhook_attempt');

-- Calls of the API that came with an `Idempotency-Key`, and what was answered.
create table api_call (
  tenant_id bigint not null references tenant (id) on delete cascade,
  -- `key:7` or `member:12`: keys of different callers have nothing to do with each other.
  caller text not null,
  key text not null check (length(key) between 1 and 255),
  -- Of method, path and body.
  fingerprint bytea not null,
  -- running: nobody has answered yet; unknown: whoever was answering failed in the midst of it.
  state text not null check (state in ('running', 'done', 'unknown')),
  status integer,
  answer_sealed bytea,
  begun_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, caller, key),
  check ((state = 'done') = (answer_sealed is not null)),
  check ((state = 'done') = (status is not null))
);
create index api_call_old on api_call (expires_at);
select isolate_by_tenant('api_call');
