-- Where polling of an account goes on stands beside the account and no longer in it: whoever sends for an account holds
-- its row until what the guard decided is on the disk, and what comes in must not wait for that, nor hold it up.
create table poll_position (
  account_id bigint primary key references account (id) on delete cascade,
  next_update_id bigint not null check (next_update_id >= 0)
) with (fillfactor = 50);
alter table poll_position enable row level security;
insert into poll_position (account_id, next_update_id) select id, next_update_id from account where next_update_id > 0;
comment on column account.next_update_id is 'Of versions before poll_position; read and written by nobody.';
