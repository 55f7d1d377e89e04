-- Groups: what an account may do there, what it says by itself, how order is kept, who is let in.

-- False while privacy mode hides ordinary group messages from a bot; null while nobody asked.
alter table account add column reads_all_messages boolean;

alter table chat
  add column administrator_count integer,
  -- When Telegram was asked about the chat last, and why it gave no answer.
  add column profile_checked_at timestamptz,
  add column profile_fault text;

alter table chat_account
  -- Telegram id of who added the account, until it is known what that person is there; then it is forgotten.
  add column added_by bigint,
  -- Whether an administrator of the chat added it, or made it one; null while nobody knows.
  add column is_installed boolean;

-- What follows when spam is found in a group; without a row it is logged and that is all.
create table moderation_setting (
  tenant_id bigint not null,
  chat_id bigint not null,
  action text not null check (action in ('log', 'hold', 'delete', 'restrict')),
  restrict_minutes integer not null check (restrict_minutes between 1 and 525600),
  -- So many findings of one person within a day before anything follows.
  after_findings smallint not null check (after_findings between 1 and 20),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, chat_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade
);
select isolate_by_tenant('moderation_setting');

-- Nothing is ever done to them by itself.
create table trusted_member (
  tenant_id bigint not null,
  chat_id bigint not null,
  contact_id bigint not null,
  added_by text not null,
  added_at timestamptz not null,
  primary key (tenant_id, chat_id, contact_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index trusted_member_contact on trusted_member (tenant_id, contact_id);
select isolate_by_tenant('trusted_member');

-- Who asked to join, and what came of it.
create table join_request (
  tenant_id bigint not null,
  id bigint generated always as identity,
  chat_id bigint not null,
  contact_id bigint not null,
  account_id bigint not null,
  -- Came by a link that this product made.
  is_via_own_link boolean not null,
  requested_at timestamptz not null,
  -- elsewhere: another administrator decided.
  state text not null default 'waiting'
    check (state in ('waiting', 'approving', 'declining', 'approved', 'declined', 'elsewhere', 'failed')),
  -- Why it waits for a person, why it was decided so, or why it could not be.
  reason text not null,
  decided_by text,
  decided_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, chat_id, contact_id, requested_at),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  check ((state = 'waiting') = (decided_at is null))
);
create index join_request_waiting on join_request (tenant_id, chat_id, requested_at) where state = 'waiting';
create index join_request_contact on join_request (tenant_id, contact_id);
select isolate_by_tenant('join_request');

-- How requests are answered; without a row all of them wait for a person.
create table join_setting (
  tenant_id bigint not null,
  chat_id bigint not null,
  admit text not null check (admit in ('nobody', 'all', 'contacts', 'own_link', 'premium')),
  otherwise text not null check (otherwise in ('leave', 'decline')),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, chat_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade
);
select isolate_by_tenant('join_setting');

-- What is to be done in a chat besides writing into it, and what came of it: the moderation log and the queue in one.
create table group_act (
  tenant_id bigint not null,
  id bigint generated always as identity,
  chat_id bigint not null,
  account_id bigint not null,
  -- Null for what concerns our own messages.
  contact_id bigint,
  kind text not null
    check (kind in ('delete', 'restrict', 'hold', 'lift', 'ban', 'unban', 'approve', 'decline', 'delete_own', 'pin')),
  -- Each thing is wanted once.
  dedupe_key text not null,
  -- The spam pattern, where that is why.
  pattern text,
  message_ids bigint[] not null default '{}',
  -- The end of a restriction; null for none.
  until_at timestamptz,
  request_id bigint,
  state text not null default 'wanted' check (state in ('wanted', 'done', 'spared', 'failed')),
  reason text,
  wanted_by text not null,
  wanted_at timestamptz not null,
  -- Not before then; a worker that took it puts it off, so that it comes back should the worker die.
  next_at timestamptz not null,
  attempt_count smallint not null default 0,
  finished_at timestamptz,
  -- Who took it back or, of a hold, decided about it.
  settled_by text,
  settled_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, dedupe_key),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, request_id) references join_request (tenant_id, id) on delete cascade,
  check ((state = 'wanted') = (finished_at is null)),
  check (state not in ('spared', 'failed') or reason is not null)
);
create index group_act_due on group_act (next_at) where state = 'wanted';
create index group_act_chat on group_act (tenant_id, chat_id, id desc);
create index group_act_contact on group_act (tenant_id, contact_id) where contact_id is not null;
select isolate_by_tenant('group_act');

-- Public groups and channels a tenant wrote down for itself. Nothing is joined because of it.
create table chat_listing (
  tenant_id bigint not null references tenant (id) on delete cascade,
  username text not null check (username ~ '^[a-z][a-z0-9_]{3,31}$'),
  note text not null,
  -- As Telegram says, where one of the accounts could ask; null before, or when it could not.
  title text,
  kind text check (kind in ('group', 'supergroup', 'channel')),
  added_by text not null,
  added_at timestamptz not null,
  primary key (tenant_id, username)
);
select isolate_by_tenant('chat_listing');

-- Where the tenant's own addresses were written: which and how often, never by whom or in what words.
create table link_sighting (
  tenant_id bigint not null,
  chat_id bigint not null,
  -- The public name of an account or chat of the tenant, in lower case.
  username text not null,
  count integer not null check (count > 0),
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (tenant_id, chat_id, username),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade
);
select isolate_by_tenant('link_sighting');

-- What an account says in a group by itself. Everything is off until somebody turns it on.
create table chat_voice (
  tenant_id bigint not null,
  chat_id bigint not null,
  -- The account that speaks.
  account_id bigint not null,
  -- With {{names}} and {{chat}}; Telegram HTML. Null: nobody is welcomed.
  welcome_text text,
  -- Who joins within so long is welcomed in one message.
  welcome_gather_seconds smallint not null default 60 check (welcome_gather_seconds between 5 and 3600),
  welcome_replaces boolean not null default true,
  last_welcome_id bigint,
  rules_text text,
  -- The seed's `autospam`: posts by schedule.
  is_posting_on boolean not null default false,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, chat_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
select isolate_by_tenant('chat_voice');

-- Who was welcomed last and in which message, so that nobody is welcomed twice and an erased name goes from the text.
create table welcomed_member (
  tenant_id bigint not null,
  chat_id bigint not null,
  contact_id bigint not null,
  delivery_id bigint not null,
  at timestamptz not null,
  primary key (tenant_id, chat_id, contact_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index welcomed_member_contact on welcomed_member (tenant_id, contact_id);
create index welcomed_member_delivery on welcomed_member (tenant_id, delivery_id);
select isolate_by_tenant('welcomed_member');

-- When somebody who spoke to an account in a group was last shown the way to its private chat.
create table group_pointer (
  tenant_id bigint not null,
  contact_id bigint not null,
  pointed_at timestamptz not null,
  primary key (tenant_id, contact_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
select isolate_by_tenant('group_pointer');

-- Posts by schedule.
create table group_post (
  tenant_id bigint not null,
  id bigint generated always as identity,
  chat_id bigint not null,
  account_id bigint not null,
  name text not null check (length(name) between 1 and 100),
  -- One of the two says what is posted.
  template_id bigint,
  text text,
  -- {"kind": "every", "hours": 6} | {"kind": "daily", "times": ["09:00"]} | {"kind": "weekly", "weekdays": [1], "times": […]}
  schedule jsonb not null,
  -- Days of the tenant's time zone, both included.
  starts_on date not null,
  ends_on date,
  -- Fixes the hours of `every`.
  anchor_at timestamptz not null,
  pins boolean not null,
  state text not null default 'active' check (state in ('active', 'paused', 'ended')),
  pause_reason text,
  next_slot_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, chat_id, name),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  foreign key (tenant_id, template_id) references template (tenant_id, id),
  check ((template_id is null) <> (text is null)),
  check ((state = 'paused') = (pause_reason is not null)),
  check ((state = 'active') = (next_slot_at is not null))
);
create index group_post_due on group_post (next_slot_at) where state = 'active';
select isolate_by_tenant('group_post');

-- What happened at each slot. The key is what makes a slot happen once.
create table group_post_run (
  tenant_id bigint not null,
  post_id bigint not null,
  slot_at timestamptz not null,
  -- Null when nothing was posted; the reason says why. What became of a delivery is in the delivery.
  delivery_id bigint,
  reason text,
  -- Slots before this one that passed while nobody worked; they are not made up for.
  skipped integer not null default 0,
  at timestamptz not null,
  -- What follows from its end was seen to.
  is_settled boolean not null default false,
  primary key (tenant_id, post_id, slot_at),
  foreign key (tenant_id, post_id) references group_post (tenant_id, id) on delete cascade,
  check ((delivery_id is null) = (reason is not null))
);
create index group_post_run_open on group_post_run (tenant_id) where not is_settled;
select isolate_by_tenant('group_post_run');
