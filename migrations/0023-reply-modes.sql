-- How an account answers by itself: what it owes whom, what it proposed and who decided, and how it is set.

-- One answer that is owed. Messages that come before it is given are answered by it, too.
create table answer_turn (
  tenant_id bigint not null,
  id bigint generated always as identity,
  conversation_id bigint not null,
  account_id bigint not null,
  contact_id bigint not null,
  -- answer: the contact asked; follow_up: the contact went silent, and is reminded twice at most.
  kind text not null check (kind in ('answer', 'follow_up')),
  follow_up_number smallint not null default 0 check (follow_up_number between 0 and 2),
  -- consent: the contact was asked whether a model may read what they write, and has not said yet.
  state text not null default 'pending' check (state in ('pending', 'consent', 'done')),
  -- Grows with each message: what was thought out for fewer messages is thrown away.
  revision integer not null default 1,
  -- By Telegram's clock, which tells seconds: what the contact wrote from then on is what the turn answers.
  opened_at timestamptz not null,
  -- When the contact wrote last; the same for all follow-ups after it.
  asked_at timestamptz not null,
  due_at timestamptz not null,
  attempts smallint not null default 0,
  -- In real time: until then a process works on it, and afterwards any may.
  leased_until timestamptz,
  consent_asked_at timestamptz,
  finished_at timestamptz,
  outcome text,
  -- What was answered, to notice going round in circles.
  answer_hash bigint,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  check ((kind = 'follow_up') = (follow_up_number > 0)),
  check ((state = 'done') = (finished_at is not null)),
  check ((state = 'done') = (outcome is not null))
) with (fillfactor = 80);
create unique index answer_turn_open on answer_turn (tenant_id, conversation_id) where state <> 'done';
-- Claimed across tenants, oldest due first.
create index answer_turn_due on answer_turn (due_at) where state = 'pending';
create index answer_turn_recent on answer_turn (tenant_id, conversation_id, finished_at desc);
create index answer_turn_finished on answer_turn (finished_at) where finished_at is not null;
create index answer_turn_contact on answer_turn (tenant_id, contact_id);
select isolate_by_tenant('answer_turn');

-- What a model would answer; a member decides, or its time runs out.
create table reply_draft (
  tenant_id bigint not null,
  id bigint generated always as identity,
  turn_id bigint not null,
  conversation_id bigint not null,
  account_id bigint not null,
  contact_id bigint not null,
  state text not null default 'proposed'
    check (state in ('proposed', 'approved', 'edited', 'rejected', 'expired', 'superseded')),
  -- As the model wrote it, as Telegram HTML; null once its retention is over.
  text text,
  -- What a member made of it.
  edited_text text,
  language text not null,
  confidence_ratio double precision not null check (confidence_ratio between 0 and 1),
  intent text not null,
  -- What a check had against it, for whoever decides: ["price", …].
  findings jsonb not null,
  -- The contact's newest message that the model had read.
  seen_message_id bigint,
  model text not null,
  prompt_version integer not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz,
  -- `member:12`, `expiry`, `newer message` …
  decided_by text,
  delivery_id bigint,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversation (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  check ((state = 'proposed') = (decided_at is null)),
  check ((decided_at is null) = (decided_by is null)),
  check (delivery_id is null or state in ('approved', 'edited'))
);
create unique index reply_draft_proposed on reply_draft (tenant_id, conversation_id) where state = 'proposed';
create index reply_draft_expiry on reply_draft (expires_at) where state = 'proposed';
create index reply_draft_contact on reply_draft (tenant_id, contact_id);
create index reply_draft_old on reply_draft (created_at) where text is not null;
select isolate_by_tenant('reply_draft');

-- How the modes are set, version by version like the rest.
alter table account_setting
  add column draft_life_minutes integer not null default 60 check (draft_life_minutes between 1 and 10080),
  -- Said once, while a draft waits for somebody to decide; null for nothing.
  add column holding_message text check (length(holding_message) between 1 and 1000),
  -- A model less sure than this hands over to a person.
  add column confidence_min double precision not null default 0.6 check (confidence_min between 0 and 1),
  add column sends_follow_ups boolean not null default false;
