-- Somebody on their way to Telegram's own page and back, to come into the web panel. Everything that has to match when they
-- come back follows from the token in their cookie, of which only the hash is kept. Until they are back nobody knows who
-- they are, so no tenant role reads this table.
create table telegram_sign_in (
  id bigint generated always as identity primary key,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index telegram_sign_in_old on telegram_sign_in (expires_at);
alter table telegram_sign_in enable row level security;
