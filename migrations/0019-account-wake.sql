-- A linked, changed or lost account is noticed at once by every process that works accounts, whoever changed it: the
-- notice is sent by the row's own transaction, so it comes with the commit or not at all. Columns that change with
-- every update or send (next_update_id, waiting_until) say nothing here.
create function notify_account_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('gavatcore_account', '');
  return null;
end
$$;

create trigger account_added after insert or delete on account
  for each statement execute function notify_account_changed();
create trigger account_changed after update of
  state, purpose, update_mode, token_sealed, webhook_key, session_id, business_connection_id, health, via_account_id
  on account for each statement execute function notify_account_changed();
