-- The beginning of the quarter that an instant is in.
create function activity_quarter_of(at timestamptz) returns timestamptz
  language sql immutable parallel safe
  as $$ select to_timestamp(floor(date_part('epoch', at at time zone 'UTC') / 900) * 900) $$;

-- What happened to a tenant, summed by quarters of an hour, so that its days cost the same to look at however much was
-- sent. A quarter of an hour, because days of every time zone begin at one: a tenant that moves to another zone needs no new sums.
create table activity_quarter (
  tenant_id bigint not null references tenant (id) on delete cascade,
  starts_at timestamptz not null check (starts_at = activity_quarter_of(starts_at)),
  -- Messages that left, answers to them, people seen for the first time, withdrawals after a message.
  sent integer not null default 0,
  answered integer not null default 0,
  joined integer not null default 0,
  stopped integer not null default 0,
  -- Messages that took a place in the tenant's quota.
  metered integer not null default 0,
  primary key (tenant_id, starts_at)
);
select isolate_by_tenant('activity_quarter');

-- What was added to and taken from the sums since they were written, by the transaction that changed the rows they count:
-- sums and changes together are exact at every instant. Only appended to, so that nobody waits for a sum; a duty folds it
-- into the sums. No reference to tenant: proving it would write to the tenant's row whenever something is sent.
create table activity_change (
  tenant_id bigint not null,
  id bigint generated always as identity,
  starts_at timestamptz not null,
  sent integer not null,
  answered integer not null,
  joined integer not null,
  stopped integer not null,
  metered integer not null default 0,
  primary key (tenant_id, id)
);
select isolate_by_tenant('activity_change');
revoke update, delete on activity_change from gavatcore_tenant;

-- For a statement, whatever the number of its rows: what they count for now, less what they counted for before.
create function note_delivery_changes() returns trigger
  language plpgsql
  as $$
begin
  insert into activity_change (tenant_id, starts_at, sent, answered, joined, stopped, metered)
  select r.tenant_id, activity_quarter_of(e.at), sum(r.sign * e.sent), sum(r.sign * e.answered), 0, sum(r.sign * e.stopped),
    sum(r.sign * e.metered)
  from (
    select 1 as sign, tenant_id, state, reserved_at, responded_at, opted_out_at, message_class, is_human from rows_now
    union all
    select -1, tenant_id, state, reserved_at, responded_at, opted_out_at, message_class, is_human from rows_before
  ) r
  cross join lateral (values
    (r.reserved_at, (r.state = 'sent')::integer, 0, 0, (r.message_class <> 'reply' and not r.is_human)::integer),
    (r.responded_at, 0, 1, 0, 0), (r.opted_out_at, 0, 0, 1, 0)
  ) as e (at, sent, answered, stopped, metered)
  where e.at is not null
  group by 1, 2
  having sum(r.sign * e.sent) <> 0 or sum(r.sign * e.answered) <> 0 or sum(r.sign * e.stopped) <> 0
    or sum(r.sign * e.metered) <> 0;
  return null;
end
$$;

-- For one row that appears or disappears with a history.
create function note_delivery_row() returns trigger
  language plpgsql
  as $$
declare
  r delivery := case tg_op when 'DELETE' then old else new end;
  sign integer := case tg_op when 'DELETE' then -1 else 1 end;
begin
  insert into activity_change (tenant_id, starts_at, sent, answered, joined, stopped, metered)
  select r.tenant_id, activity_quarter_of(e.at), sum(sign * e.sent), sum(sign * e.answered), 0, sum(sign * e.stopped),
    sum(sign * e.metered)
  from (values
    (r.reserved_at, (r.state = 'sent')::integer, 0, 0, (r.message_class <> 'reply' and not r.is_human)::integer),
    (r.responded_at, 0, 1, 0, 0), (r.opted_out_at, 0, 0, 1, 0)
  ) as e (at, sent, answered, stopped, metered)
  where e.at is not null
  group by 1, 2;
  return null;
end
$$;

create trigger delivery_changes_noted after update on delivery
  referencing old table as rows_before new table as rows_now
  for each statement execute function note_delivery_changes();
-- Planning writes very many rows with no history.
create trigger delivery_insert_noted after insert on delivery for each row
  when (new.reserved_at is not null or new.responded_at is not null or new.opted_out_at is not null)
  execute function note_delivery_row();
create trigger delivery_delete_noted after delete on delivery for each row
  when (old.reserved_at is not null or old.responded_at is not null or old.opted_out_at is not null)
  execute function note_delivery_row();

-- An import brings very many people at once.
create function note_new_contacts() returns trigger
  language plpgsql
  as $$
begin
  insert into activity_change (tenant_id, starts_at, sent, answered, joined, stopped)
  select tenant_id, activity_quarter_of(first_seen_at), 0, 0, count(*), 0 from rows_now group by 1, 2;
  return null;
end
$$;

-- Somebody turns out to have been seen earlier, or is no longer there.
create function note_contact_row() returns trigger
  language plpgsql
  as $$
begin
  insert into activity_change (tenant_id, starts_at, sent, answered, joined, stopped)
  values (old.tenant_id, activity_quarter_of(old.first_seen_at), 0, 0, -1, 0);
  if tg_op = 'UPDATE' then
    insert into activity_change (tenant_id, starts_at, sent, answered, joined, stopped)
    values (new.tenant_id, activity_quarter_of(new.first_seen_at), 0, 0, 1, 0);
  end if;
  return null;
end
$$;

create trigger contact_insert_noted after insert on contact
  referencing new table as rows_now for each statement execute function note_new_contacts();
create trigger contact_change_noted after update of first_seen_at on contact for each row
  when (activity_quarter_of(old.first_seen_at) <> activity_quarter_of(new.first_seen_at))
  execute function note_contact_row();
create trigger contact_delete_noted after delete on contact for each row execute function note_contact_row();

-- What is there already; the triggers above keep everybody else from writing until this is committed.
insert into activity_quarter (tenant_id, starts_at, sent, answered, joined, stopped, metered)
select tenant_id, activity_quarter_of(at), sum(sent), sum(answered), sum(joined), sum(stopped), sum(metered)
from (
  select d.tenant_id, e.at, e.sent, e.answered, 0 as joined, e.stopped, e.metered
  from delivery d
  cross join lateral (values
    (d.reserved_at, (d.state = 'sent')::integer, 0, 0, (d.message_class <> 'reply' and not d.is_human)::integer),
    (d.responded_at, 0, 1, 0, 0), (d.opted_out_at, 0, 0, 1, 0)
  ) as e (at, sent, answered, stopped, metered)
  where e.at is not null
  union all
  select tenant_id, first_seen_at, 0, 0, 1, 0, 0 from contact
) past
group by 1, 2;
