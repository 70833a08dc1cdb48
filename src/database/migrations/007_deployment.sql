-- Whose database this is: one row, written at the first start and held against what every node says at each later one.
create table deployment (
  is_only    boolean     not null primary key default true check (is_only),
  name       text        not null,
  cluster    text,                               -- the command bus; null: one process does everything
  shards     text[],                             -- in the order of the bus's partitions; only ever longer
  created_at timestamptz not null default now(),
  check ((cluster is null) = (shards is null))
);
