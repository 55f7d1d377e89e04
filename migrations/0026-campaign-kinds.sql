-- Campaigns that differ by kind: goals of promos, posts of announcements, people on their way through a drip; and a
-- second pair of eyes before anything starts.
alter table campaign drop constraint campaign_state_check;
alter table campaign add constraint campaign_state_check
  check (state in ('draft', 'in_review', 'running', 'paused', 'completed', 'cancelled'));
alter table campaign
  add column goal_kind text check (goal_kind in ('response', 'click', 'order', 'join', 'revenue')),
  -- A number of people; for revenue minor units of the tenant's currency.
  add column goal_target bigint check (goal_target > 0),
  add column stops_at_goal boolean not null default false,
  add column goal_reached_at timestamptz,
  -- An announcement is pinned in each chat once it is there.
  add column pins boolean not null default false,
  -- An announcement goes to so many of its chats, those with the best measured response.
  add column best_chats smallint check (best_chats > 0),
  -- The choice with its numbers, made once: [{"chatId": 1, "isChosen": true, "ratio": 0.1, …}].
  add column chosen_chats jsonb,
  -- Who comes into the audience of a running drip enters at its first step.
  add column takes_late_joiners boolean not null default true,
  -- Who changed it since it was approved last: they do not approve it themselves.
  add column edited_by text[] not null default '{}',
  add column submitted_by text,
  add column submitted_at timestamptz,
  add column approved_by text,
  add column approved_at timestamptz,
  -- Hash of content and audience as they were approved; another one is another campaign.
  add column approved_version text,
  add constraint campaign_goal_check check ((goal_kind is null) = (goal_target is null)),
  add constraint campaign_approval_check check ((approved_at is null) = (approved_version is null));

-- How a tenant wants its campaigns handled; no row is the default.
create table campaign_policy (
  tenant_id bigint primary key references tenant (id) on delete cascade,
  needs_approval boolean not null default false,
  changed_by text not null,
  changed_at timestamptz not null
);
select isolate_by_tenant('campaign_policy');

-- Where a person stands in a drip: one row for each, from the first step to the last or to what ended it.
create table drip_position (
  tenant_id bigint not null,
  campaign_id bigint not null,
  contact_id bigint not null,
  -- The last step that was planned, from 0.
  step smallint not null default 0 check (step >= 0),
  state text not null default 'active' check (state in ('active', 'done', 'stopped')),
  reason text,
  -- What the person did since they entered: answer, order, opt_out, handed_over.
  happened text[] not null default '{}',
  -- Steps are counted from here.
  entered_at timestamptz not null,
  -- When somebody has to look whether the next step is due.
  check_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant_id, campaign_id, contact_id),
  foreign key (tenant_id, campaign_id) references campaign (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  check ((state = 'stopped') = (reason is not null))
);
create index drip_position_due on drip_position (tenant_id, campaign_id, check_at) where state = 'active';
create index drip_position_contact on drip_position (tenant_id, contact_id) where state = 'active';
select isolate_by_tenant('drip_position');

-- Who did what with a post in a group or channel within a day of it: once for each person and kind.
create table post_response (
  tenant_id bigint not null,
  delivery_id bigint not null,
  contact_id bigint not null,
  kind text not null check (kind in ('reaction', 'reply', 'click')),
  at timestamptz not null,
  primary key (tenant_id, delivery_id, contact_id, kind),
  foreign key (tenant_id, delivery_id) references delivery (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index post_response_contact on post_response (tenant_id, contact_id);
select isolate_by_tenant('post_response');

-- What an account's health was judged by, and who looked at it: a review shortens the wait, it lifts no limit.
alter table account
  -- [{"name": "block_ratio", "value": 0.06, "count": 6, "sends": 100, "slowAt": 0.02, "stopAt": 0.05}]
  add column health_evidence jsonb,
  -- Since when its figures have been clean; null while they are not.
  add column health_clean_since timestamptz,
  add column health_reviewed_at timestamptz,
  add column health_reviewed_by text;
