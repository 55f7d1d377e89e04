-- How far the messages of each campaign came, summed by everything a report divides them by, so that a list of campaigns
-- and a report cost the same to look at however many people a campaign reached. Kept as `activity_quarter` is.
create table campaign_figure (
  tenant_id bigint not null references tenant (id) on delete cascade,
  campaign_id bigint not null,
  campaign_step smallint not null,
  arm text not null,
  -- '-' for none.
  segment text not null,
  state text not null,
  -- Why it did not arrive; '' for what waits or arrived.
  reason text not null,
  is_holdout boolean not null,
  -- The quarter of an hour in which it left; '-infinity' for what did not.
  sent_quarter timestamptz not null,
  deliveries integer not null default 0,
  clicked integer not null default 0,
  responded integer not null default 0,
  converted integer not null default 0,
  opted_out integer not null default 0,
  blocked integer not null default 0,
  primary key (tenant_id, campaign_id, campaign_step, arm, segment, state, reason, is_holdout, sent_quarter)
);
select isolate_by_tenant('campaign_figure');

create table campaign_figure_change (
  tenant_id bigint not null,
  id bigint generated always as identity,
  campaign_id bigint not null,
  campaign_step smallint not null,
  arm text not null,
  segment text not null,
  state text not null,
  reason text not null,
  is_holdout boolean not null,
  sent_quarter timestamptz not null,
  deliveries integer not null,
  clicked integer not null,
  responded integer not null,
  converted integer not null,
  opted_out integer not null,
  blocked integer not null,
  primary key (tenant_id, id)
);
select isolate_by_tenant('campaign_figure_change');
revoke update, delete on campaign_figure_change from gavatcore_tenant;

-- Under which row of the figures a delivery is counted, and as what.
create function campaign_reason_of(state text, reason text) returns text
  language sql immutable parallel safe
  as $$ select case when state in ('refused', 'failed', 'unknown', 'cancelled') then coalesce(reason, '') else '' end $$;
create function campaign_quarter_of(state text, reserved_at timestamptz) returns timestamptz
  language sql immutable parallel safe
  as $$ select case when state = 'sent' then activity_quarter_of(reserved_at) else timestamptz '-infinity' end $$;

create function note_campaign_changes() returns trigger
  language plpgsql
  as $$
begin
  -- Answers and posts are of no campaign: asking first costs less than summing nothing.
  if not exists (select from rows_now where campaign_id is not null)
    and not exists (select from rows_before where campaign_id is not null) then return null; end if;
  insert into campaign_figure_change (tenant_id, campaign_id, campaign_step, arm, segment, state, reason, is_holdout,
    sent_quarter, deliveries, clicked, responded, converted, opted_out, blocked)
  select r.tenant_id, r.campaign_id, r.campaign_step, r.arm, coalesce(r.segment, '-'), r.state,
    campaign_reason_of(r.state, r.reason), r.is_holdout, campaign_quarter_of(r.state, r.reserved_at), sum(r.sign),
    sum(case when r.clicked_at is not null then r.sign else 0 end),
    sum(case when r.responded_at is not null then r.sign else 0 end),
    sum(case when r.converted_at is not null then r.sign else 0 end),
    sum(case when r.opted_out_at is not null then r.sign else 0 end),
    sum(case when r.blocked_at is not null then r.sign else 0 end)
  from (select 1 as sign, n.* from rows_now n union all select -1, b.* from rows_before b) r
  where r.campaign_id is not null
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9
  having sum(r.sign) <> 0
    or sum(case when r.clicked_at is not null then r.sign else 0 end) <> 0
    or sum(case when r.responded_at is not null then r.sign else 0 end) <> 0
    or sum(case when r.converted_at is not null then r.sign else 0 end) <> 0
    or sum(case when r.opted_out_at is not null then r.sign else 0 end) <> 0
    or sum(case when r.blocked_at is not null then r.sign else 0 end) <> 0;
  return null;
end
$$;

create function note_campaign_plans() returns trigger
  language plpgsql
  as $$
begin
  if not exists (select from rows_now where campaign_id is not null) then return null; end if;
  insert into campaign_figure_change (tenant_id, campaign_id, campaign_step, arm, segment, state, reason, is_holdout,
    sent_quarter, deliveries, clicked, responded, converted, opted_out, blocked)
  select tenant_id, campaign_id, campaign_step, arm, coalesce(segment, '-'), state, campaign_reason_of(state, reason),
    is_holdout, campaign_quarter_of(state, reserved_at), count(*), count(clicked_at), count(responded_at),
    count(converted_at), count(opted_out_at), count(blocked_at)
  from rows_now where campaign_id is not null
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9;
  return null;
end
$$;

create function note_campaign_removal() returns trigger
  language plpgsql
  as $$
begin
  insert into campaign_figure_change (tenant_id, campaign_id, campaign_step, arm, segment, state, reason, is_holdout,
    sent_quarter, deliveries, clicked, responded, converted, opted_out, blocked)
  select tenant_id, campaign_id, campaign_step, arm, coalesce(segment, '-'), state, campaign_reason_of(state, reason),
    is_holdout, campaign_quarter_of(state, reserved_at), -count(*), -count(clicked_at), -count(responded_at),
    -count(converted_at), -count(opted_out_at), -count(blocked_at)
  from rows_before where campaign_id is not null
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9;
  return null;
end
$$;

create trigger campaign_changes_noted after update on delivery
  referencing old table as rows_before new table as rows_now
  for each statement execute function note_campaign_changes();
create trigger campaign_plans_noted after insert on delivery
  referencing new table as rows_now for each statement execute function note_campaign_plans();
create trigger campaign_removal_noted after delete on delivery
  referencing old table as rows_before for each statement execute function note_campaign_removal();

insert into campaign_figure
select tenant_id, campaign_id, campaign_step, arm, coalesce(segment, '-'), state, campaign_reason_of(state, reason),
  is_holdout, campaign_quarter_of(state, reserved_at), count(*), count(clicked_at), count(responded_at),
  count(converted_at), count(opted_out_at), count(blocked_at)
from delivery where campaign_id is not null
group by 1, 2, 3, 4, 5, 6, 7, 8, 9;

-- The people of a campaign in the order of their messages: a page of them is found without walking over other
-- campaigns' messages, and how many they are without reading the messages.
drop index delivery_campaign;
create index delivery_campaign on delivery (tenant_id, campaign_id, id) include (contact_id) where campaign_id is not null;

-- Who bought, and gave back: a campaign's effect begins with the few who did.
create index contact_event_orders on contact_event (tenant_id, contact_id, at) where kind = 'ordered';
