-- A snapshot says which journal it is a state of: the hash of the row that it was taken after. A start goes on from no
-- snapshot of another chain, and `itirp verify` compares both hashes with what the rows come to.
alter table snapshots add column head_hash bytea check (octet_length(head_hash) = 32);
update snapshots set head_hash = journal.hash
  from journal where journal.shard = snapshots.shard and journal.last_position = snapshots.position;
delete from snapshots where head_hash is null; -- no row ends there: it was of no use
alter table snapshots alter column head_hash set not null;
