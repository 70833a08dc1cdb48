-- The firm over several shards. Which shard an account belongs to is decided once and never changed: its positions, its
-- reservations and its client order ids are there.
create table shard_assignments (
  account     varchar     not null primary key,
  shard       varchar     not null,
  assigned_at timestamptz not null default now()
);

-- Whoever has traded belongs where it has traded; where there was one shard only, so does everybody who was there.
insert into shard_assignments (account, shard)
  select account, min(shard) from positions group by account
  on conflict do nothing;
insert into shard_assignments (account, shard)
  select distinct o.account, p.shard
  from orders o, (select min(shard) as shard from projection_positions having count(distinct shard) = 1) p
  on conflict do nothing;

-- How each shard looks from outside: drawn by its engine after commits, the newest only. May be lost at any time.
create table shard_views (
  shard    varchar     not null primary key,
  epoch    bigint      not null,                        -- of the writer that drew it
  position bigint      not null,                        -- all facts up to here are in it
  at       timestamptz not null,                        -- drawn, or found to be still true
  view     jsonb       not null
) with (fillfactor = 50);

-- What is listed where: API nodes check ticks and lots with it; the core decides.
create table shard_listings (
  shard     varchar        not null,
  symbol    varchar(20)    not null,
  currency  varchar(3)     not null,
  tick_size decimal(20, 8) not null,
  lot_size  decimal(20, 8) not null,
  primary key (shard, symbol)
);

-- The risk figures over time: a point at most each second, where they have changed.
create table risk_metrics (
  shard              varchar         not null,
  at                 timestamptz     not null,
  position           bigint          not null,
  net_exposure       numeric(48, 16) not null,
  gross_exposure     numeric(48, 16) not null,
  daily_volume       numeric(48, 16) not null,
  total_positions    integer         not null,
  largest_position   numeric(48, 16) not null,
  kill_switch_active boolean         not null,
  primary key (shard, at)
);
select keep_by_time('risk_metrics', 'at', 'shard, at desc');
