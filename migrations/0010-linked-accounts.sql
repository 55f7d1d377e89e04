-- Accounts that are linked in other ways than by a pasted token: bots made by a manager, business connections, people's
-- own accounts; and the bot through which customers and operators use the product.
alter table account
  -- `panel`: speaks with customers and operators; its updates go to the panel, not into the tenant's contacts.
  add column purpose text not null default 'contacts' check (purpose in ('contacts', 'panel')),
  add column linked_by text not null default 'token' check (linked_by in ('token', 'managed', 'business', 'session')),
  -- The person who linked it: whom the first test message goes to.
  add column owner_telegram_id bigint check (owner_telegram_id > 0),
  -- The bot through which a business account speaks, or the manager that gives out a managed bot's token. May belong to
  -- another tenant: the panel's bot serves all.
  add column via_account_id bigint references account (id),
  -- Changes when its owner changes a setting, so it is looked up by, never kept elsewhere.
  add column business_connection_id text unique,
  add column business_rights text[],
  -- The MTProto session of a person's own account.
  add column session_id bigint unique,
  alter column token_sealed drop not null,
  add check (kind <> 'bot' or token_sealed is not null),
  add check (kind <> 'business' or (via_account_id is not null and business_connection_id is not null)),
  add check (kind <> 'user' or session_id is not null or state = 'disconnected');
create unique index account_panel on account (purpose) where purpose = 'panel';
create index account_via on account (via_account_id) where via_account_id is not null;
