-- The people of a campaign in the order of their messages: a page of them is found without walking over other
-- campaigns' messages, or over all of the campaign's.
drop index delivery_campaign;
create index delivery_campaign on delivery (tenant_id, campaign_id, id) where campaign_id is not null;
