-- Which version of the state a snapshot's hash is of: a program that has another one cannot compare the two. Null: written by
-- a program that did not say.
alter table snapshots add column state_version integer;
