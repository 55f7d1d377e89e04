-- Invitations that are taken back, and faults that somebody resolved, with how often they were seen on which day.

alter table invitation
  add column revoked_at timestamptz,
  add constraint invitation_one_end check (accepted_at is null or revoked_at is null);

alter table fault_alert
  add column first_seen_at timestamptz,
  -- Looks in which it was seen, of all its episodes.
  add column seen_count bigint not null default 1 check (seen_count > 0),
  add column resolved_at timestamptz,
  add column resolved_by text,
  -- What was done about it, in the words of whoever resolved it; kept when it comes back.
  add column resolution_note text check (length(resolution_note) between 1 and 500),
  add constraint fault_alert_resolution
    check ((resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (resolution_note is null));
update fault_alert set first_seen_at = opened_at;
alter table fault_alert alter column first_seen_at set not null;

-- In how many looks a cause was seen on a day (UTC).
create table fault_day (
  cause text not null references fault_alert (cause) on delete cascade,
  seen_on date not null,
  seen_count integer not null check (seen_count > 0),
  primary key (cause, seen_on)
);
alter table fault_day enable row level security;
