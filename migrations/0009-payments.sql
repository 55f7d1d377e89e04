-- What tenants pay, how it went, and where the money stands. A payment is decided once; the ledger only grows.
create table payment (
  tenant_id bigint not null references tenant (id) on delete cascade,
  id bigint generated always as identity,
  -- Names the order to people and to providers; letters and digits only, as one provider takes nothing else.
  reference text not null unique check (reference ~ '^[A-Z0-9]{8,64}$'),
  provider text not null check (provider in ('transfer', 'stars', 'stripe', 'paytr', 'papara')),
  package text not null,
  add_ons jsonb not null default '{}',
  period_days integer not null check (period_days between 1 and 3660),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- The same price in the catalogue's currency: what the subscription is worth, however it was paid.
  price_minor bigint not null check (price_minor >= 0),
  state text not null default 'created'
    check (state in ('created', 'claimed', 'pending', 'approved', 'paid', 'rejected', 'expired', 'refunded')),
  -- Why a person has to look before anything else happens.
  review_reason text check (review_reason in ('amount_mismatch', 'currency_mismatch', 'paid_after_rejection', 'paid_twice', 'refund_mismatch')),
  -- What has come in; null while nothing has.
  received_minor bigint check (received_minor > 0),
  received_currency text check (received_currency ~ '^[A-Z]{3}$'),
  -- The provider's own name of the payment: what a refund needs.
  provider_payment_id text,
  -- The provider's name of the checkout page, to ask how it went when nobody tells.
  checkout_id text,
  checkout_url text,
  -- The account whose bot sold for Stars; an update of any other account is not believed.
  seller_account_id bigint,
  payer_telegram_id bigint,
  claimed_by text,
  claimed_at timestamptz,
  evidence_text text check (length(evidence_text) <= 2000),
  evidence_file_id text check (length(evidence_file_id) <= 300),
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  decision_note text check (length(decision_note) <= 500),
  activated_at timestamptz,
  refunded_at timestamptz,
  primary key (tenant_id, id),
  check ((claimed_by is null) = (claimed_at is null)),
  check ((received_minor is null) = (received_currency is null)),
  -- Nothing is active that was not believed, and everything that was believed is.
  check (state not in ('approved', 'paid') or activated_at is not null)
);
create unique index payment_provider_payment on payment (provider, provider_payment_id) where provider_payment_id is not null;
create index payment_of_tenant on payment (tenant_id, created_at desc, id desc);
-- The operator's queue and the expiry look across tenants.
create index payment_open on payment (expires_at) where state in ('created', 'claimed', 'pending');
select isolate_by_tenant('payment');

-- What providers told, each thing once, whatever became of it.
create table payment_event (
  tenant_id bigint not null,
  payment_id bigint not null,
  provider text not null,
  event_id text not null check (length(event_id) between 1 and 300),
  kind text not null check (kind in ('paid', 'failed', 'refunded')),
  amount_minor bigint,
  currency text,
  outcome text not null,
  received_at timestamptz not null,
  primary key (tenant_id, provider, event_id),
  unique (provider, event_id),
  foreign key (tenant_id, payment_id) references payment (tenant_id, id) on delete cascade
);
create index payment_event_of_payment on payment_event (tenant_id, payment_id);
select isolate_by_tenant('payment_event');
revoke update, delete on payment_event from gavatcore_tenant;

-- Double entry in minor units: the rows of one posting add up to zero. Positive is what an account gains.
create table ledger_entry (
  tenant_id bigint not null,
  id bigint generated always as identity,
  payment_id bigint not null,
  posting text not null check (posting in ('received', 'recognised', 'returned', 'reversed')),
  -- cash: what is with us or the provider; held: received, not yet anybody's; revenue: earned, negative as a debt is.
  account text not null check (account in ('cash', 'held', 'revenue')),
  amount_minor bigint not null check (amount_minor <> 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  at timestamptz not null,
  primary key (tenant_id, id),
  -- A posting is made once for a payment, however often its cause repeats.
  unique (tenant_id, payment_id, posting, account),
  foreign key (tenant_id, payment_id) references payment (tenant_id, id) on delete cascade
);
create index ledger_entry_at on ledger_entry (account, at);
select isolate_by_tenant('ledger_entry');
revoke update, delete on ledger_entry from gavatcore_tenant;

create function check_ledger_balance() returns trigger
  language plpgsql
  as $$
begin
  if (select sum(amount_minor) from ledger_entry
      where tenant_id = new.tenant_id and payment_id = new.payment_id and posting = new.posting and currency = new.currency) <> 0
  then
    raise exception 'posting % of payment % does not balance', new.posting, new.payment_id;
  end if;
  return null;
end
$$;
create constraint trigger ledger_entry_balances after insert on ledger_entry
  deferrable initially deferred for each row execute function check_ledger_balance();
