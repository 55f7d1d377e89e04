-- Invitations that fit a person, the links they are given, what came of them, and people who bring people.

-- Words by which a tenant tells what somebody is interested in. One document a version; none at all is the product's own.
create table interest_set (
  tenant_id bigint not null references tenant (id) on delete cascade,
  version integer not null check (version > 0),
  is_current boolean not null,
  -- [{"name", "words": ["…"]}]; a word that ends with * stands for all that begin so.
  groups jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, version)
);
create unique index interest_set_current on interest_set (tenant_id) where is_current;
select isolate_by_tenant('interest_set');

-- How many messages of a day spoke of an interest: counts, never a text. Only of people who allowed marketing.
create table contact_interest (
  tenant_id bigint not null,
  contact_id bigint not null,
  interest text not null,
  day date not null,
  count integer not null check (count > 0),
  primary key (tenant_id, contact_id, interest, day),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
select isolate_by_tenant('contact_interest');

-- When, and by which version of the words, somebody's messages were read last.
create table contact_interest_reading (
  tenant_id bigint not null,
  contact_id bigint not null,
  version integer not null,
  -- The contact's count of messages then: another count means that there is more to read.
  inbound_count integer not null,
  read_at timestamptz not null,
  primary key (tenant_id, contact_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
select isolate_by_tenant('contact_interest_reading');

-- What a chat is for. A chat without a row is proposed to nobody.
create table chat_interest (
  tenant_id bigint not null,
  chat_id bigint not null,
  interests text[] not null check (cardinality(interests) > 0),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, chat_id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade
);
select isolate_by_tenant('chat_interest');

create table invite_setting (
  tenant_id bigint not null references tenant (id) on delete cascade,
  propose_every_hours smallint not null check (propose_every_hours between 1 and 168),
  -- At most so many proposals in 24 hours, whatever the package allows.
  daily_max smallint not null check (daily_max between 0 and 1000),
  -- Sends what it proposes without anybody's yes.
  is_auto boolean not null,
  -- limited: one person may enter by a link; request: whoever comes asks, and the one it was made for is let in.
  admission text not null check (admission in ('limited', 'request')),
  link_life_days smallint not null check (link_life_days between 1 and 90),
  -- An approved template with both buttons; null for the product's own words.
  template_id bigint,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id),
  foreign key (tenant_id, template_id) references template (tenant_id, id)
);
select isolate_by_tenant('invite_setting');

-- Who could be invited where, and why. A batch waits for a person's yes as a whole.
create table invite_batch (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  state text not null default 'proposed' check (state in ('proposed', 'approved', 'rejected', 'expired')),
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  primary key (tenant_id, id),
  check ((state = 'proposed') = (decided_at is null))
);
create index invite_batch_open on invite_batch (tenant_id, id) where state = 'proposed';
select isolate_by_tenant('invite_batch');

create table invite_proposal (
  tenant_id bigint not null,
  batch_id bigint not null,
  contact_id bigint not null,
  chat_id bigint not null,
  account_id bigint not null,
  score double precision not null check (score >= 0),
  -- [{"interest", "count", "days"}]
  reasons jsonb not null,
  engagement smallint not null check (engagement between 0 and 100),
  -- waiting for the batch, then for its turn; invited, or skipped with the reason.
  state text not null default 'waiting' check (state in ('waiting', 'invited', 'skipped')),
  skip_reason text,
  delivery_id bigint,
  primary key (tenant_id, batch_id, contact_id),
  foreign key (tenant_id, batch_id) references invite_batch (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  check ((state = 'skipped') = (skip_reason is not null)),
  check ((state = 'invited') = (delivery_id is not null))
);
create index invite_proposal_waiting on invite_proposal (tenant_id, batch_id) where state = 'waiting';
select isolate_by_tenant('invite_proposal');

-- Ways into a chat that this product made. A personal one is made once its person said yes to the invitation.
create table invite_link (
  tenant_id bigint not null,
  id bigint generated always as identity,
  -- Shown to the chat's administrators alone, and told with every join: says nothing of anybody.
  name text not null generated always as ('gc-' || id::text) stored,
  chat_id bigint not null,
  -- The administrator that makes it, and the account that hands it over.
  maker_account_id bigint not null,
  giver_account_id bigint,
  -- The invitation that was said yes to; null for a link that is open to all.
  delivery_id bigint,
  -- Whom it was made for; null for an open one, and after that person's erasure.
  contact_id bigint,
  campaign_id bigint,
  admission text not null check (admission in ('limited', 'request', 'open')),
  life_days smallint not null,
  -- wanted → making → made → ending → revoked; failed when Telegram would not.
  state text not null default 'wanted' check (state in ('wanted', 'making', 'made', 'failed', 'ending', 'revoked')),
  reason text,
  url text,
  -- Who makes it holds it until then; a link whose maker died is made again.
  held_until timestamptz,
  hold_number integer not null default 0,
  attempt_count smallint not null default 0,
  wanted_at timestamptz not null,
  made_at timestamptz,
  expires_at timestamptz,
  ended_at timestamptz,
  created_by text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, maker_account_id) references account (tenant_id, id) on delete cascade,
  foreign key (tenant_id, giver_account_id) references account (tenant_id, id) on delete cascade,
  foreign key (tenant_id, delivery_id) references delivery (tenant_id, id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, campaign_id) references campaign (tenant_id, id) on delete cascade,
  check (state <> 'making' or held_until is not null),
  check (state <> 'made' or (url is not null and expires_at is not null)),
  check (state <> 'failed' or reason is not null)
);
create unique index invite_link_invitation on invite_link (tenant_id, delivery_id) where delivery_id is not null;
create unique index invite_link_name on invite_link (tenant_id, name);
create index invite_link_contact on invite_link (tenant_id, contact_id) where contact_id is not null;
create index invite_link_todo on invite_link (tenant_id, id) where state in ('wanted', 'making', 'ending');
select isolate_by_tenant('invite_link');

-- What people said to invitations.
create table invite_answer (
  tenant_id bigint not null,
  delivery_id bigint not null,
  contact_id bigint not null,
  chat_id bigint not null,
  yes_at timestamptz not null,
  primary key (tenant_id, delivery_id),
  foreign key (tenant_id, delivery_id) references delivery (tenant_id, id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade
);
create index invite_answer_contact on invite_answer (tenant_id, contact_id);
select isolate_by_tenant('invite_answer');

-- Who came: by one of our links, or, invited, by the chat's own address.
create table invite_join (
  tenant_id bigint not null,
  id bigint generated always as identity,
  chat_id bigint not null,
  contact_id bigint not null,
  link_id bigint,
  -- The invitation that led here; null for somebody who came by another's link or an open one.
  delivery_id bigint,
  requested_at timestamptz,
  approved_at timestamptz,
  joined_at timestamptz,
  left_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, chat_id) references chat (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, link_id) references invite_link (tenant_id, id) on delete cascade,
  foreign key (tenant_id, delivery_id) references delivery (tenant_id, id),
  check (link_id is not null or delivery_id is not null),
  check (requested_at is not null or joined_at is not null)
);
create unique index invite_join_link on invite_join (tenant_id, link_id, contact_id) where link_id is not null;
create unique index invite_join_invitation on invite_join (tenant_id, delivery_id) where link_id is null;
create index invite_join_contact on invite_join (tenant_id, contact_id, chat_id);
select isolate_by_tenant('invite_join');

-- Reports count invitations by chat and instant.
create index delivery_invitations on delivery (tenant_id, invite_chat_id, planned_at) where invite_chat_id is not null;

-- People who bring people. Points are worth what the tenant gives for them, and nothing else.
create table referral_setting (
  tenant_id bigint not null references tenant (id) on delete cascade,
  is_on boolean not null,
  points_per_person integer not null check (points_per_person between 1 and 1000000),
  -- Newcomers of one person that count in 24 hours; those beyond never do.
  daily_max smallint not null check (daily_max between 1 and 1000),
  -- How long a newcomer has to stay and act before they count for nothing.
  wait_days smallint not null check (wait_days between 1 and 90),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id)
);
select isolate_by_tenant('referral_setting');

create table referral_code (
  tenant_id bigint not null,
  code text not null check (code ~ '^[A-Za-z0-9_-]{8,32}$'),
  contact_id bigint not null,
  created_at timestamptz not null,
  primary key (tenant_id, code),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index referral_code_contact on referral_code (tenant_id, contact_id);
select isolate_by_tenant('referral_code');

-- By whom somebody came first: one row for a newcomer, for good.
create table referral (
  tenant_id bigint not null,
  newcomer_id bigint not null,
  referrer_id bigint not null,
  account_id bigint not null,
  state text not null check (state in ('waiting', 'counted', 'refused', 'lapsed')),
  reason text,
  started_at timestamptz not null,
  decided_at timestamptz,
  primary key (tenant_id, newcomer_id),
  foreign key (tenant_id, newcomer_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, referrer_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  check (newcomer_id <> referrer_id),
  check ((state = 'waiting') = (decided_at is null)),
  check ((state = 'refused') = (reason is not null))
);
create index referral_referrer on referral (tenant_id, referrer_id, started_at);
create index referral_waiting on referral (tenant_id, started_at) where state = 'waiting';
select isolate_by_tenant('referral');

-- Append-only, like money: what somebody has is the sum of it, kept in point_balance.
create table point_entry (
  tenant_id bigint not null,
  id bigint generated always as identity,
  contact_id bigint not null,
  kind text not null check (kind in ('referral', 'redeemed', 'merged', 'erased')),
  points integer not null check (points <> 0),
  newcomer_id bigint,
  coupon text,
  recorded_by text not null,
  at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  check ((kind = 'referral') = (newcomer_id is not null)),
  check ((kind = 'redeemed') = (coupon is not null)),
  check (kind <> 'referral' or points > 0),
  check (kind <> 'redeemed' or points < 0)
);
-- A newcomer is worth points once, to one person, whoever asks and however often.
create unique index point_entry_newcomer on point_entry (tenant_id, newcomer_id) where newcomer_id is not null;
create unique index point_entry_coupon on point_entry (tenant_id, coupon) where coupon is not null;
create index point_entry_contact on point_entry (tenant_id, contact_id, id);
select isolate_by_tenant('point_entry');
revoke update, delete on point_entry from gavatcore_tenant;

create table point_balance (
  tenant_id bigint not null,
  contact_id bigint not null,
  points integer not null check (points >= 0),
  primary key (tenant_id, contact_id),
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index point_balance_leaders on point_balance (tenant_id, points desc, contact_id) where points > 0;
select isolate_by_tenant('point_balance');
