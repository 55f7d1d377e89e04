-- How a tenant calls itself and looks in the panel and on pages of ours. A row appears with the first choice; what is null
-- is the product's own.
create table brand (
  tenant_id bigint primary key references tenant (id) on delete cascade,
  name text check (length(name) between 1 and 60),
  -- As it was chosen; what is drawn is derived from it, so that text stays legible.
  accent text check (accent ~ '^#[0-9a-f]{6}$'),
  logo bytea check (octet_length(logo) between 1 and 262144),
  logo_type text check (logo_type in ('image/png', 'image/jpeg', 'image/webp')),
  -- Part of the logo's address: another logo has another address, and nobody guesses one.
  logo_hash text check (logo_hash ~ '^[0-9a-f]{32}$'),
  updated_by text not null,
  updated_at timestamptz not null,
  check ((logo is null) = (logo_type is null) and (logo is null) = (logo_hash is null))
);
select isolate_by_tenant('brand');
