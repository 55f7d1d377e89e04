-- The delivery table is the queue, the ledger and the outbox in one: a message that is meant to reach somebody
-- exists here from plan to outcome, and every cap is counted from these rows alone.
create table delivery (
  tenant_id bigint not null,
  id bigint generated always as identity,
  account_id bigint not null,
  -- Null only for a post into a group or channel.
  contact_id bigint,
  -- Telegram's chat id: the person's id in a private chat.
  chat_id bigint not null,
  source text not null check (source in ('campaign', 'strategy', 'reply', 'system')),
  message_class text not null check (message_class in ('reply', 'transactional', 'commercial')),
  campaign_id bigint,
  campaign_step smallint not null default 0,
  template_id bigint,
  variant text,
  -- Content of a reply or a system message, when no template gives it: {"text": "…", "buttons": […]}.
  content jsonb,
  -- What was chosen among what, with which chance, by which strategy: the learner's evidence.
  segment text,
  strategy_version integer,
  -- The strategy's caps at planning time, so that the ledger alone can be audited.
  strategy_cooldown_hours integer,
  strategy_max_per_day smallint,
  arm text not null default 'default',
  propensity double precision not null default 1 check (propensity > 0 and propensity <= 1),
  is_holdout boolean not null default false,
  expected_response_ratio double precision check (expected_response_ratio between 0 and 1),
  -- First contacts and commercial sends outside a broadcast to opted-in subscribers.
  is_outreach boolean not null,
  -- Typed by a person: not counted in a quota.
  is_human boolean not null default false,
  state text not null default 'planned'
    check (state in ('planned', 'deferred', 'reserved', 'sent', 'failed', 'unknown', 'refused', 'cancelled')),
  reason text,
  priority smallint not null default 0,
  due_at timestamptz not null,
  expires_at timestamptz,
  dedupe_key text not null,
  content_hash bigint,
  -- Set when the message invites the contact into a chat: the 30-day invite cap counts it.
  invite_chat_id bigint,
  planned_at timestamptz not null,
  reserved_at timestamptz,
  finished_at timestamptz,
  attempt_count smallint not null default 0,
  telegram_message_id bigint,
  responded_at timestamptz,
  clicked_at timestamptz,
  converted_at timestamptz,
  opted_out_at timestamptz,
  blocked_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, dedupe_key),
  foreign key (tenant_id, account_id) references account (tenant_id, id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id),
  check (state not in ('deferred', 'refused', 'failed', 'unknown', 'cancelled') or reason is not null),
  check (state not in ('reserved', 'sent', 'unknown') or reserved_at is not null),
  check (state <> 'sent' or telegram_message_id is not null),
  check ((state in ('sent', 'failed', 'unknown', 'refused', 'cancelled')) = (finished_at is not null)),
  check (template_id is not null or content is not null)
) with (fillfactor = 85);
-- Claiming walks priorities from the top and, inside one, due times from the oldest.
create index delivery_queue on delivery (tenant_id, account_id, priority desc, due_at) where state in ('planned', 'deferred');
create index delivery_reserved on delivery (tenant_id, account_id) where state = 'reserved';
-- Caps count reservations; a released slot has no reserved_at.
create index delivery_account_slots on delivery (tenant_id, account_id, reserved_at) where reserved_at is not null;
create index delivery_contact_slots on delivery (tenant_id, contact_id, reserved_at desc) where reserved_at is not null;
-- Posts into groups and channels, for the caps of a chat.
create index delivery_chat_slots on delivery (tenant_id, chat_id, reserved_at) where reserved_at is not null and contact_id is null;
create index delivery_campaign on delivery (tenant_id, campaign_id, campaign_step) where campaign_id is not null;
create index delivery_contact on delivery (tenant_id, contact_id, planned_at desc);
select isolate_by_tenant('delivery');

-- One call to Telegram. The row exists before the call: one without an end is a send nobody can vouch for.
create table attempt (
  tenant_id bigint not null,
  id bigint generated always as identity,
  delivery_id bigint not null,
  account_id bigint not null,
  number smallint not null check (number > 0),
  started_at timestamptz not null,
  finished_at timestamptz,
  result text check (result in ('sent', 'retry', 'rejected', 'migrated', 'account_lost', 'unknown')),
  failure text,
  error_code integer,
  retry_after_ms integer,
  primary key (tenant_id, id),
  unique (tenant_id, delivery_id, number),
  check ((finished_at is null) = (result is null))
);
create index attempt_open on attempt (tenant_id, account_id) where finished_at is null;
create index attempt_recent on attempt (tenant_id, account_id, started_at desc);
select isolate_by_tenant('attempt');

-- A contact said no to a chat: never invited there again, by any account of the tenant.
create table invite_refusal (
  tenant_id bigint not null,
  contact_id bigint not null,
  chat_id bigint not null,
  refused_at timestamptz not null,
  primary key (tenant_id, contact_id, chat_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
select isolate_by_tenant('invite_refusal');
