-- The views: tables that are folded from the journal and may be rebuilt from it at will. Nothing here is the truth.
--
-- Every column comes from the journal (created_at is the fact's own time, not the clock of whoever projects it), so
-- that a rebuild gives the same rows to the last bit. Times are UTC with microseconds.

-- The audit trail, five rows for a plain order. event_id is UUIDv7-shaped and comes from the fact's time and journal
-- position: the same fact has the same id in every rebuild, and the primary key grows at its right edge.
--
-- As a TimescaleDB hypertable: create_hypertable('events', 'timestamp') is refused while event_id alone is the key,
-- because the partitioning column must be part of every unique index. Make the key (event_id, "timestamp") first;
-- nothing here refers to the key, and one event_id has one timestamp.
create table events (
  event_id       uuid        not null primary key,
  event_type     varchar(50) not null,
  correlation_id uuid        not null,
  order_id       uuid,
  "timestamp"    timestamptz not null,
  payload        jsonb       not null,
  user_id        varchar,
  created_at     timestamptz not null default now()
);
create index events_correlation_id on events (correlation_id);
create index events_order_id on events (order_id) where order_id is not null;
-- Rows arrive in the order of their time, so a block range is all that a time range needs: a few pages instead of a
-- fourth tree to write.
create index events_timestamp on events using brin ("timestamp") with (pages_per_range = 32, autosummarize = on);
create index events_event_type on events (event_type);

-- One row an order. order_id is a UUIDv7, so it sorts by time: pages of orders, newest first, walk the key backwards.
create table orders (
  order_id          uuid           not null primary key,
  correlation_id    uuid           not null,
  symbol            varchar(20)    not null,
  side              varchar(4)     not null,
  type              varchar(10)    not null,
  quantity          decimal(20, 8) not null,
  price             decimal(20, 8),                     -- null: a market order
  strategy          varchar        not null,
  client_order_id   varchar,
  status            varchar(20)    not null,            -- the core's words; the doors translate
  executed_quantity decimal(20, 8) not null default 0,
  executed_price    decimal(20, 8),                     -- average over the fills, rounded half to even; null: no fill
  executed_value    numeric(48, 16) not null default 0, -- sum of price * quantity over the fills, exact
  rejection_reason  varchar,
  user_id           varchar        not null,
  account           varchar        not null,
  started_at        timestamptz,                        -- the venue's first sign of it: acknowledgement or fill
  created_at        timestamptz    not null default now(),
  updated_at        timestamptz    not null
);
create index orders_user_id on orders (user_id, order_id);
create index orders_working on orders (order_id)
  where status in ('PendingNew', 'New', 'PartiallyFilled', 'PendingCancel');

-- One row a fill, with its closing and its opening leg.
create table executions (
  execution_id    varchar         not null,             -- unique at its venue, and an order has one venue
  order_id        uuid            not null,
  account         varchar         not null,
  symbol          varchar(20)     not null,
  side            varchar(4)      not null,
  quantity        decimal(20, 8)  not null,
  price           decimal(20, 8)  not null,
  closed_quantity decimal(20, 8)  not null,
  opened_quantity decimal(20, 8)  not null,
  realised        numeric(48, 16) not null,             -- profit of the closing leg, exact
  executed_at     timestamptz     not null,
  primary key (order_id, execution_id)
);
create index executions_executed_at on executions using brin (executed_at) with (autosummarize = on);

-- What each account holds. cost and realised are exact (price * quantity, undivided), so that a projector that starts
-- again goes on from the very numbers it left.
create table positions (
  account       varchar         not null,
  symbol        varchar(20)     not null,
  quantity      numeric(30, 8)  not null,               -- signed: long is positive
  average_price decimal(20, 8),                         -- cost / quantity, rounded half to even; null: flat
  cost          numeric(48, 16) not null,
  realised      numeric(48, 16) not null,
  updated_at    timestamptz     not null,
  primary key (account, symbol)
);

-- How many orders stand in each status, so that totals need no count over the orders. Zeros may stay behind.
create table order_counts (
  user_id varchar     not null,
  symbol  varchar(20) not null,
  status  varchar(20) not null,
  n       bigint      not null,
  primary key (user_id, symbol, status)
);

-- How far each shard's journal is folded into the tables above: written in the same transaction as the rows, and
-- checked there, so that a second projector or a rebuild that was swapped in is noticed before a row is written.
create table projection_positions (
  name       varchar not null,
  shard      varchar not null,
  position   bigint  not null,
  event_rows bigint  not null default 0,                -- how many rows of `events` came from this shard
  generation integer not null default 0,                -- raised when a rebuild is swapped in: memories are void
  primary key (name, shard)
);
