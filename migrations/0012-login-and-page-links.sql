-- Pages of ours that a person reaches from Telegram without a password, and the logins of people's own accounts there.

-- A link that opens a page for one person, once; of its token, and of the cookie it is exchanged for, only hashes are kept.
create table page_link (
  -- Null before there is a tenant: somebody who is only about to order.
  tenant_id bigint references tenant (id) on delete cascade,
  id bigint generated always as identity primary key,
  token_hash bytea not null unique,
  purpose text not null check (purpose in ('login', 'pay')),
  telegram_id bigint not null check (telegram_id > 0),
  onboarding_id bigint,
  locale text check (locale in ('tr', 'en', 'ru', 'ar')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  opened_at timestamptz,
  visit_hash bytea unique,
  visit_ends_at timestamptz,
  check ((opened_at is null) = (visit_hash is null)),
  check ((opened_at is null) = (visit_ends_at is null))
);
create index page_link_person on page_link (telegram_id, created_at desc);
select isolate_by_tenant('page_link');

-- One try to log a person's own account in. Codes and passwords pass through and are never stored.
create table login_attempt (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  -- Who links, by Telegram id: not necessarily the account that is linked.
  telegram_id bigint not null check (telegram_id > 0),
  kind text not null check (kind in ('qr', 'phone')),
  state text not null check (state in ('code', 'password', 'scan', 'linked', 'ended')),
  -- Why it ended: `cancelled`, `expired`, a refusal of Telegram's …; null while it goes on.
  ended_why text,
  -- Null once its keys are gone; what has ended and still has one waits for being logged out.
  session_id bigint,
  account_id bigint,
  -- Which text the person agreed to.
  consent_version text not null,
  phone_masked text,
  -- Needed to go on until the attempt is over.
  phone_sealed bytea,
  -- Three bytes of the number's hash: enough to count codes by, too little to find a number by.
  phone_bucket integer,
  codes_sent smallint not null default 0,
  code_hash_sealed bytea,
  code_length smallint,
  code_via text,
  wrong_codes smallint not null default 0,
  wrong_passwords smallint not null default 0,
  hint_sealed bytea,
  qr_url_sealed bytea,
  qr_expires_at timestamptz,
  -- Somebody asks Telegram about it right now; two at once could cost the session its key.
  busy_until timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  check ((state in ('linked', 'ended')) = (ended_at is not null)),
  check (ended_at is null or (phone_sealed is null and code_hash_sealed is null and hint_sealed is null and qr_url_sealed is null)),
  check (kind <> 'phone' or phone_bucket is not null)
);
create unique index login_attempt_open on login_attempt (telegram_id) where state in ('code', 'password', 'scan');
create index login_attempt_recent on login_attempt (tenant_id, created_at desc);
create index login_attempt_phone on login_attempt (phone_bucket, created_at desc) where phone_bucket is not null;
create index login_attempt_left on login_attempt (expires_at) where session_id is not null and state <> 'linked';
select isolate_by_tenant('login_attempt');
