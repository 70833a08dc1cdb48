-- Commands may come over a bus: a row says how far that bus is taken in once the row is, so that whoever owns the shard
-- next goes on from there, and nothing is applied twice. `source` names the cluster, the topic and the partition.
alter table journal add column source text;
alter table journal add column source_offset bigint check (source_offset >= 0);
alter table journal add check ((source is null) = (source_offset is null));

-- The newest of each shard, moved by the same statement that moves its head.
alter table shards add column source text;
alter table shards add column source_offset bigint;

-- The newest event format that has been written: a program that cannot read it must not own the shard.
alter table shards add column format integer not null default 1;

-- The writer that claimed last, by a name it makes up at its start: one that was cut off renews its claim after an
-- outage only while nobody else has claimed.
alter table shards add column owner uuid;
