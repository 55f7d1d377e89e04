-- Sessions that Telegram's Mini App opened: one for each launch. What Telegram says at a launch can be sent to us again,
-- so the launch is kept as the hash that Telegram made of it.
alter table web_session add column launch_hash bytea unique check (octet_length(launch_hash) = 32);
