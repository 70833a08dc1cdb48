-- The journal: the only source of truth. Every rule an auditor would look for is one that the database itself keeps.

-- Who may write a shard, and where it ends. An append moves it in the same statement as it inserts the row.
create table shards (
  shard         text primary key,
  epoch         bigint not null default 0 check (epoch >= 0),
  head_position bigint not null default 0 check (head_position >= 0),
  head_hash     bytea check (octet_length(head_hash) = 32),
  check ((head_hash is null) = (head_position = 0))
) with (fillfactor = 20); -- room on the page, so that the one busy row is updated in place

-- One row is one group commit: all events of `count` consecutive positions, sealed and chained to the row before.
create table journal (
  shard           text    not null,
  first_position  bigint  not null check (first_position >= 1),
  count           integer not null check (count >= 1),
  epoch           bigint  not null,
  recorded_at     bigint  not null, -- UTC microseconds
  previous_hash   bytea   check (octet_length(previous_hash) = 32),
  hash            bytea   not null check (octet_length(hash) = 32),
  body            bytea   not null,
  position_before bigint  not null generated always as (first_position - 1) stored,
  last_position   bigint  not null generated always as (first_position + count - 1) stored,
  primary key (shard, first_position),                     -- no fork, and one genesis
  check ((previous_hash is null) = (first_position = 1)),  -- only the genesis has nothing before it
  unique (shard, last_position, hash),
  foreign key (shard, position_before, previous_hash)      -- no gap, no false link, no deletion from the middle
    references journal (shard, last_position, hash)
);

-- Bodies are read whole and hardly compress: keep them out of line as they are.
alter table journal alter column body set storage external;

create function refuse_journal_change() returns trigger language plpgsql as $$
begin
  raise exception 'the journal is append-only: % refused', tg_op using errcode = 'restrict_violation';
end
$$;

create trigger journal_is_append_only before update or delete or truncate on journal
  for each statement execute function refuse_journal_change();

-- A state as of a position, kept so that a start need not fold the whole journal. May be lost at any time.
create table snapshots (
  shard       text   not null,
  position    bigint not null,
  state_hash  bytea  not null check (octet_length(state_hash) = 32), -- SHA-256 of the whole body
  taken_at    timestamptz not null default now(),
  primary key (shard, position)
);

-- The body in order, in pieces that PostgreSQL takes gladly (a value ends at 1 GB).
create table snapshot_pieces (
  shard    text    not null,
  position bigint  not null,
  piece    integer not null check (piece >= 0),
  body     bytea   not null,
  primary key (shard, position, piece),
  foreign key (shard, position) references snapshots on delete cascade
);
alter table snapshot_pieces alter column body set storage external;
