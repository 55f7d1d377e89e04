-- The inbox: what people do with conversations, and what they remember of the people they talk with.

-- Who typed it: member:12, cli; null for what nobody typed.
alter table delivery add column written_by text;

alter table conversation
  -- Counts what was said, by whom ever: an answer names the turn it answers, so that two cannot answer unknowingly.
  add column turn integer not null default 0 check (turn >= 0),
  -- The turn with which the stretch that began at opened_at began.
  add column opened_turn integer not null default 0,
  -- Who said the newest: contact, member:12, owner (by hand, in Telegram), automatic.
  add column last_turn_by text not null default 'contact',
  -- Messages that no person of the tenant has seen or answered.
  add column unread_count integer not null default 0 check (unread_count >= 0),
  -- While it waits for the contact: closed then, should nobody say a word.
  add column closes_at timestamptz,
  -- A person's answer that has not left yet; one that never leaves opens the conversation again.
  add column pending_delivery_id bigint,
  -- The members were told that it is overdue.
  add column overdue_told_at timestamptz,
  add constraint conversation_closes check (closes_at is null or state = 'waiting'),
  add constraint conversation_due check (answer_due_at is null or (state = 'open' and answer_due_at >= opened_at));

create index conversation_newest on conversation (tenant_id, last_inbound_at desc, id desc);
create index conversation_by_state on conversation (tenant_id, state, last_inbound_at desc, id desc);
drop index conversation_inbox;
create index conversation_by_assignee on conversation (tenant_id, assigned_to, last_inbound_at desc, id desc)
  where state <> 'closed';
create index conversation_by_account on conversation (tenant_id, account_id, last_inbound_at desc, id desc);
create index conversation_due on conversation (tenant_id, answer_due_at, id) where answer_due_at is not null;
create index conversation_unread on conversation (tenant_id, last_inbound_at desc, id desc) where unread_count > 0;
-- What the duty of every minute looks for, in all tenants.
create index conversation_told on conversation (answer_due_at) where answer_due_at is not null and overdue_told_at is null;
create index conversation_snoozed on conversation (snoozed_until) where snoozed_until is not null;
create index conversation_closing on conversation (closes_at) where closes_at is not null;
create index conversation_pending on conversation (tenant_id, pending_delivery_id) where pending_delivery_id is not null;

-- What happened to a conversation besides what was said in it, and what members wrote about it.
create table conversation_event (
  tenant_id bigint not null,
  id bigint generated always as identity,
  conversation_id bigint not null,
  contact_id bigint not null,
  at timestamptz not null,
  kind text not null check (kind in
    ('opened', 'closed', 'snoozed', 'woken', 'assigned', 'handed_over', 'given_back', 'not_sent', 'note')),
  -- member:12, cli, contact, owner, automatic, system.
  by text not null,
  -- Ids and words only.
  detail jsonb not null default '{}',
  -- Of a note; dropped with the texts of messages.
  text text,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id) on delete cascade,
  check (text is null or kind = 'note')
);
create index conversation_event_of on conversation_event (tenant_id, conversation_id, at desc, id desc);
create index conversation_event_contact on conversation_event (tenant_id, contact_id);
create index conversation_event_text on conversation_event (at) where text is not null;
select isolate_by_tenant('conversation_event');

-- How a tenant answers; without a row, the defaults of setting.rules.ts.
create table inbox_setting (
  tenant_id bigint primary key references tenant (id) on delete cascade,
  answer_within_minutes integer not null check (answer_within_minutes between 1 and 43200),
  -- Null: never by itself.
  close_after_days integer check (close_after_days between 1 and 365),
  updated_by text not null,
  updated_at timestamptz not null
);
select isolate_by_tenant('inbox_setting');

create table account_inbox_setting (
  tenant_id bigint not null,
  account_id bigint not null,
  -- How long the model is silent after a person wrote.
  ai_pause_minutes integer not null check (ai_pause_minutes between 1 and 10080),
  -- What a contact is asked after a conversation.
  rating text not null check (rating in ('off', 'emoji', 'points')),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, account_id),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
select isolate_by_tenant('account_inbox_setting');

-- Answers that are written once and used often: {"tr": "…", "en": "…"}.
create table saved_reply (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  name text not null check (length(name) between 1 and 64),
  texts jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select isolate_by_tenant('saved_reply');

-- How contacts found a conversation. What stays of an erased person is the figure.
create table conversation_rating (
  tenant_id bigint not null,
  id bigint generated always as identity,
  -- Null once the person is erased.
  contact_id bigint,
  conversation_id bigint,
  account_id bigint not null,
  -- The question.
  delivery_id bigint not null,
  scale text not null check (scale in ('emoji', 'points')),
  asked_at timestamptz not null,
  -- The member who wrote last in it, or closed it; who answered: people, a model, both, nobody of them.
  member_id bigint,
  answered_by text not null check (answered_by in ('human', 'ai', 'both', 'automatic')),
  -- 1–5; the three faces are 1, 3 and 5.
  value smallint check (value between 1 and 5),
  rated_at timestamptz,
  comment text,
  -- Until then, what the contact writes is the comment.
  comment_until timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, delivery_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  check ((value is null) = (rated_at is null)),
  check (comment is null or value is not null)
);
create index conversation_rating_contact on conversation_rating (tenant_id, contact_id, asked_at desc);
create index conversation_rating_at on conversation_rating (tenant_id, rated_at) where rated_at is not null;
create index conversation_rating_comment on conversation_rating (tenant_id, contact_id, account_id)
  where comment_until is not null;
create index conversation_rating_text on conversation_rating (rated_at) where comment is not null;
select isolate_by_tenant('conversation_rating');

-- What members remember of a contact.
create table contact_note (
  tenant_id bigint not null,
  id bigint generated always as identity,
  contact_id bigint not null,
  text text not null,
  written_by text not null,
  at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index contact_note_of on contact_note (tenant_id, contact_id, at desc, id desc);
select isolate_by_tenant('contact_note');

create table contact_task (
  tenant_id bigint not null,
  id bigint generated always as identity,
  contact_id bigint not null,
  title text not null check (length(title) between 1 and 200),
  due_at timestamptz,
  -- A member; null while it is nobody's.
  assigned_to bigint,
  created_by text not null,
  created_at timestamptz not null,
  done_at timestamptz,
  done_by text,
  overdue_told_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  check ((done_at is null) = (done_by is null))
);
create index contact_task_of on contact_task (tenant_id, contact_id, id);
create index contact_task_open on contact_task (tenant_id, due_at, id) where done_at is null;
create index contact_task_told on contact_task (due_at) where done_at is null and due_at is not null and overdue_told_at is null;
select isolate_by_tenant('contact_task');

-- A tenant's own ways of getting on with a contact: stages in an order.
create table pipeline (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  name text not null check (length(name) between 1 and 64),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select isolate_by_tenant('pipeline');

create table pipeline_stage (
  tenant_id bigint not null,
  id bigint generated always as identity,
  pipeline_id bigint not null,
  name text not null check (length(name) between 1 and 64),
  position smallint not null,
  primary key (tenant_id, id),
  unique (tenant_id, pipeline_id, name),
  unique (tenant_id, pipeline_id, position) deferrable initially deferred,
  foreign key (tenant_id, pipeline_id) references pipeline (tenant_id, id) on delete cascade
);
select isolate_by_tenant('pipeline_stage');

-- Where a contact stands, and stood: the row without an end is now.
create table contact_stage (
  tenant_id bigint not null,
  id bigint generated always as identity,
  contact_id bigint not null,
  pipeline_id bigint not null,
  stage_id bigint not null,
  since timestamptz not null,
  until timestamptz check (until >= since),
  moved_by text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, pipeline_id) references pipeline (tenant_id, id) on delete cascade,
  foreign key (tenant_id, stage_id) references pipeline_stage (tenant_id, id)
);
create unique index contact_stage_now on contact_stage (tenant_id, pipeline_id, contact_id) where until is null;
create index contact_stage_board on contact_stage (tenant_id, stage_id) where until is null;
create index contact_stage_contact on contact_stage (tenant_id, contact_id, since desc);
select isolate_by_tenant('contact_stage');
