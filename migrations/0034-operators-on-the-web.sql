-- A second factor for those who run the installation, and what they look at in the web panel. No tenant role reads these.

create table second_factor (
  -- An operator's Telegram number; 0 for whoever has the console of the server.
  person bigint primary key check (person >= 0),
  secret_sealed bytea not null,
  created_at timestamptz not null,
  -- Null until the first code was right: nothing is asked before.
  confirmed_at timestamptz,
  -- The newest time step a code was accepted for: neither it nor an older one is accepted again.
  last_step bigint,
  -- In a row, and until when no code is looked at.
  wrong_codes integer not null default 0 check (wrong_codes >= 0),
  locked_until timestamptz
);
alter table second_factor enable row level security;

-- For who has lost the device; each works once. Only hashes are kept.
create table second_factor_recovery (
  person bigint not null references second_factor (person) on delete cascade,
  code_hash bytea not null,
  used_at timestamptz,
  primary key (person, code_hash)
);
alter table second_factor_recovery enable row level security;

-- When the session's person gave a code; what was given before the factor was set up does not count.
alter table web_session add column second_factor_at timestamptz;

-- When an operator looked into a tenant last, by session: the audit log has a line for each visit, not for each call.
create table operator_visit (
  session_id bigint not null references web_session (id) on delete cascade,
  tenant_id bigint not null references tenant (id) on delete cascade,
  last_at timestamptz not null,
  primary key (session_id, tenant_id)
);
create index operator_visit_tenant on operator_visit (tenant_id);
alter table operator_visit enable row level security;
