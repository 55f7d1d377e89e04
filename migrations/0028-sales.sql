-- Selling: what a product takes to be sold, how people go from a question to what they bought, and their orders.

-- How an account sells. Prices are not here: they are those of the persona's catalogue.
create table selling_setting (
  tenant_id bigint not null,
  account_id bigint not null,
  -- Offers by itself what somebody asked for. Off until somebody switches it on.
  sells_by_itself boolean not null default false,
  -- The funnel new people begin in: `standard`, or one of the tenant's own.
  funnel text not null default 'standard',
  -- What one Star is worth in minor units of the catalogue's currency, for products without a price in Stars.
  minor_per_star double precision check (minor_per_star > 0),
  -- Shown where something is sold and on /terms; ours when null.
  terms text check (length(terms) between 1 and 1000),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, account_id),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade
);
select isolate_by_tenant('selling_setting');

-- What it takes to sell one item of an account's catalogue; the name is the catalogue's.
create table product (
  tenant_id bigint not null,
  account_id bigint not null,
  name text not null check (length(name) between 1 and 100),
  -- Inside Telegram digital goods are sold for Stars and physical ones never are.
  kind text not null check (kind in ('digital', 'physical')),
  -- The price in Stars; null asks the account's rate.
  stars integer check (stars between 1 and 100000),
  payment_link text check (payment_link ~ '^https://' and length(payment_link) <= 1000),
  transfer_text text check (length(transfer_text) between 1 and 1000),
  -- What is handed over once paid, and how; by hand when nobody said.
  fulfilment text not null default 'hand' check (fulfilment in ('text', 'file', 'link', 'hand')),
  fulfilment_content text check (length(fulfilment_content) between 1 and 3000),
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, account_id, name),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  check ((fulfilment = 'hand') = (fulfilment_content is null))
);
select isolate_by_tenant('product');

-- Funnels of the tenant's own making, and its version of the standard one. Every version stays: whoever began in one
-- ends in it.
create table funnel_version (
  tenant_id bigint not null references tenant (id) on delete cascade,
  name text not null check (name ~ '^[a-z][a-z0-9_-]{0,39}$'),
  version integer not null check (version > 0),
  is_current boolean not null,
  definition jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (tenant_id, name, version)
);
create unique index funnel_version_current on funnel_version (tenant_id, name) where is_current;
select isolate_by_tenant('funnel_version');

-- Where somebody stands with an account. A run begins with a question and ends with what was bought, or with nothing.
create table funnel_run (
  tenant_id bigint not null,
  id bigint generated always as identity,
  account_id bigint not null,
  -- Null once the person is erased: what happened is still counted.
  contact_id bigint,
  funnel text not null,
  -- 0 is the standard funnel as it ships.
  version integer not null check (version >= 0),
  stage text not null,
  since_at timestamptz not null,
  why text not null,
  has_intent boolean not null default false,
  -- What was asked about last; a name of the catalogue.
  product text,
  reminders integer not null default 0 check (reminders between 0 and 2),
  last_inbound_at timestamptz,
  -- When silence has lasted long enough for something to happen; null while nothing would.
  wake_at timestamptz,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create unique index funnel_run_open on funnel_run (tenant_id, account_id, contact_id) where ended_at is null and contact_id is not null;
create index funnel_run_contact on funnel_run (tenant_id, contact_id);
create index funnel_run_stage on funnel_run (tenant_id, funnel, stage, since_at desc);
create index funnel_run_wake on funnel_run (wake_at) where wake_at is not null and ended_at is null;
select isolate_by_tenant('funnel_run');

-- Each move of a run, and why; the first has no stage before it.
create table funnel_step (
  tenant_id bigint not null,
  id bigint generated always as identity,
  run_id bigint not null,
  contact_id bigint,
  from_stage text,
  to_stage text not null,
  -- What kind of stage that is, whatever the tenant calls it.
  kind text not null check (kind in ('none', 'interested', 'offered', 'payment_pending', 'paid', 'delivered', 'lost')),
  why text not null,
  at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, run_id) references funnel_run (tenant_id, id) on delete cascade
);
create index funnel_step_contact on funnel_step (tenant_id, contact_id);
create index funnel_step_run on funnel_step (tenant_id, run_id, id);
create index funnel_step_at on funnel_step (tenant_id, at);
select isolate_by_tenant('funnel_step');

-- What was offered to whom: the same is not offered twice within a day.
create table product_offer (
  tenant_id bigint not null,
  account_id bigint not null,
  contact_id bigint not null,
  product text not null,
  offered_at timestamptz not null,
  primary key (tenant_id, contact_id, account_id, product),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
select isolate_by_tenant('product_offer');

-- `order` is a word of SQL.
create table sales_order (
  tenant_id bigint not null,
  id bigint generated always as identity,
  -- Names the order to people and in invoices; says nothing about who or how many.
  reference text not null unique check (reference ~ '^SO[A-Z2-7]{16}$'),
  account_id bigint not null,
  -- Null once the person is erased: amounts stay, as those of payments do.
  contact_id bigint,
  run_id bigint,
  -- The press that made it: pressed twice, it is the same order.
  press_key text not null,
  product text not null check (length(product) between 1 and 100),
  -- The catalogue's price as the person saw it, in minor units.
  price_minor bigint not null check (price_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  way text not null check (way in ('stars', 'link', 'transfer')),
  -- What is asked for: whole Stars as XTR, otherwise the price.
  asked_minor bigint not null check (asked_minor > 0),
  asked_currency text not null check (asked_currency ~ '^[A-Z]{3}$'),
  state text not null default 'created'
    check (state in ('created', 'payment_pending', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded')),
  -- Why a member has to look.
  review_reason text check (review_reason in
    ('by_hand', 'paid_twice', 'paid_late', 'amount_mismatch', 'foreign_payer', 'delivery_failed', 'refund_failed')),
  -- What is handed over, as it was when it was bought.
  fulfilment text not null check (fulfilment in ('text', 'file', 'link', 'hand')),
  fulfilment_content text,
  fulfilment_delivery_id bigint,
  -- The delivery that bears the conversion.
  credited_delivery_id bigint,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  paid_at timestamptz,
  paid_by text,
  fulfilled_at timestamptz,
  closed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, press_key),
  foreign key (tenant_id, account_id) references account (tenant_id, id) on delete cascade,
  foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade,
  foreign key (tenant_id, run_id) references funnel_run (tenant_id, id) on delete cascade,
  check ((way = 'stars') = (asked_currency = 'XTR')),
  check (state not in ('paid', 'fulfilled', 'refunded') or paid_at is not null),
  check ((paid_at is null) = (paid_by is null)),
  check (state <> 'fulfilled' or fulfilled_at is not null)
);
create index sales_order_newest on sales_order (tenant_id, id desc);
create index sales_order_contact on sales_order (tenant_id, contact_id);
-- Expiry, and what waits to be handed over, are looked for across tenants.
create index sales_order_open on sales_order (expires_at) where state in ('created', 'payment_pending');
create index sales_order_undelivered on sales_order (paid_at) where state = 'paid' and fulfilment_delivery_id is not null;
select isolate_by_tenant('sales_order');

-- Every charge in Stars, once by its id, whatever became of it.
create table order_charge (
  tenant_id bigint not null,
  id bigint generated always as identity,
  order_id bigint not null,
  account_id bigint not null,
  charge_id text not null check (length(charge_id) between 1 and 300),
  stars bigint not null check (stars > 0),
  contact_id bigint,
  -- Null once the person is erased: nobody is left to send it back to.
  payer_telegram_id bigint,
  outcome text not null check (outcome in ('settled', 'paid_twice', 'paid_late', 'amount_mismatch', 'foreign_payer')),
  received_at timestamptz not null,
  -- It is to be sent back by itself.
  refund_wanted boolean not null default false,
  refund_failed text,
  refunded_at timestamptz,
  primary key (tenant_id, id),
  unique (account_id, charge_id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id) on delete cascade
);
create index order_charge_contact on order_charge (tenant_id, contact_id);
create index order_charge_order on order_charge (tenant_id, order_id);
create index order_charge_refund on order_charge (received_at) where refund_wanted and refunded_at is null and refund_failed is null;
select isolate_by_tenant('order_charge');
