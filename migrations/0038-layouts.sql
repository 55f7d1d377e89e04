-- How somebody arranged a screen of the panel: which parts it shows, in which order and how wide. A row appears with the
-- first change; an empty list is the product's own order.
create table panel_layout (
  tenant_id bigint not null references tenant (id) on delete cascade,
  -- Whoever looks, as the audit log names them (`member:12`), so that an operator's order is nobody else's.
  owner text not null check (length(owner) between 1 and 100),
  screen text not null check (length(screen) between 1 and 40),
  widgets jsonb not null check (jsonb_typeof(widgets) = 'array'),
  -- Counts changes: whoever saves over one they have not seen is told.
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null,
  primary key (tenant_id, owner, screen)
);
select isolate_by_tenant('panel_layout');

-- Who came into groups and who went, by time: the timeline itself is kept by person.
create index contact_event_membership on contact_event (tenant_id, at)
  where kind in ('joined_chat', 'left_chat', 'removed_from_chat');

-- New people by day.
create index contact_first_seen on contact (tenant_id, first_seen_at);
