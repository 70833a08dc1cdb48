-- How far each shard's journal is told on the bus. Moved only when the brokers hold everything up to there.
create table publisher_positions (
  shard    varchar     not null primary key,
  position bigint      not null,
  moved_at timestamptz not null default now()
) with (fillfactor = 50);

-- What the publisher knew at some position before that one: which orders were working, what was held. It spares reading
-- the journal from its beginning, and may be lost at any time.
create table publisher_checkpoints (
  shard    varchar not null primary key,
  position bigint  not null,
  digest   bytea   not null,                            -- SHA-256 of the body
  body     bytea   not null
);
