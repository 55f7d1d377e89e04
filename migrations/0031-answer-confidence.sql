-- How sure a model was of what it sent, for whoever reads the conversation; drafts have theirs of their own.
alter table answer_turn
  add column confidence_ratio double precision check (confidence_ratio between 0 and 1);
