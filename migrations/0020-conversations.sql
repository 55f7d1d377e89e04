-- Talking with people: one conversation for each contact on each account. It is the row that everybody who may answer
-- looks at and locks: a member of the tenant, a rule, a model.
create table conversation (
  tenant_id bigint not null,
  id bigint generated always as identity,
  account_id bigint not null,
  contact_id bigint not null,
  -- open: somebody has to answer; waiting: the contact has the word; snoozed: open again at snoozed_until.
  state text not null default 'open' check (state in ('open', 'waiting', 'snoozed', 'closed')),
  -- A member of the tenant; null while it is nobody's.
  assigned_to bigint,
  -- Of the stretch that began with the first message after the last close.
  opened_at timestamptz not null,
  last_inbound_at timestamptz not null,
  -- Telegram's number of the contact's newest message: who answers says which one they have read.
  last_inbound_message_id bigint,
  last_outbound_at timestamptz,
  -- Until when somebody should have answered; null when nobody has to.
  answer_due_at timestamptz,
  snoozed_until timestamptz,
  closed_at timestamptz,
  -- Until then the model says nothing here, since a person took over; the reason tells why.
  ai_paused_until timestamptz,
  ai_paused_reason text,
  -- The contact, or the model itself, asked for a person: the model is silent until somebody gives it back.
  handed_over_at timestamptz,
  hand_over_reason text,
  -- When the contact was told that a model writes; null before.
  ai_disclosed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, account_id, contact_id),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  check ((state = 'snoozed') = (snoozed_until is not null)),
  check ((state = 'closed') = (closed_at is not null)),
  check ((ai_paused_until is null) = (ai_paused_reason is null)),
  check ((handed_over_at is null) = (hand_over_reason is null))
);
create index conversation_inbox on conversation (tenant_id, state, last_inbound_at desc, id);
create index conversation_contact on conversation (tenant_id, contact_id);
select isolate_by_tenant('conversation');

-- Written by a model: held back the moment a person takes the conversation over.
alter table delivery add column is_ai boolean not null default false;

-- What else brings a message into being: a rule, a post into a group, an order.
alter table delivery drop constraint delivery_source_check;
alter table delivery add constraint delivery_source_check
  check (source in ('campaign', 'strategy', 'reply', 'system', 'rule', 'post', 'order'));
