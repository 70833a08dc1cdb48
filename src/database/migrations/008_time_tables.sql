-- Tables that grow with time are cut by time: TimescaleDB's hypertables where that extension is, PostgreSQL's own range
-- partitions (a calendar month each, in UTC) where it is not. What they hold, refuse and forget is the same.
--
-- Everything is written for either and for any schema; the house-keeping calls time_tables_ahead and time_tables_forget.

create table time_tables (
  relation      name        not null primary key,     -- in this schema
  time_column   name        not null,
  is_hypertable boolean     not null,
  kept_from     timestamptz not null default '-infinity' -- what was before has been forgotten
);

-- The schema that TimescaleDB's functions are in; null where it is not. It must be among the libraries loaded at the
-- server's start before it may be asked for, or the session ends.
create function timescale_schema() returns name language plpgsql as $$
begin
  if not exists (select from pg_extension where extname = 'timescaledb')
     and current_setting('shared_preload_libraries') ~ '\mtimescaledb\M'
     and exists (select from pg_available_extensions where name = 'timescaledb') then
    create extension if not exists timescaledb schema public;
  end if;
  return (select nspname from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'timescaledb');
end
$$;

-- Cuts `relation` by `time_column`, with all that is in it. Every unique key of it must contain that column.
-- `newest_first`: the order in which compressed rows are kept, as the readers ask for them.
create function keep_by_time(relation regclass, time_column name, newest_first text default null) returns void
language plpgsql as $$
declare
  table_name constant name := (select relname from pg_class where oid = relation);
  timescale constant name := timescale_schema();
begin
  if exists (select from time_tables t where t.relation = table_name) then return; end if;
  if exists (
    select from pg_index i where i.indrelid = relation and i.indisunique and not exists (
      select from pg_attribute a where a.attrelid = relation and a.attname = time_column and a.attnum = any(i.indkey))
  ) then
    raise exception '% has a unique key without %: rows are found by time first', table_name, time_column;
  end if;
  if timescale is null then
    perform partition_by_month(relation, time_column);
  else
    execute format('select %I.create_hypertable($1, $2, chunk_time_interval => interval ''7 days'',
                    create_default_indexes => false, migrate_data => true)', timescale) using relation, time_column;
    if current_setting('timescaledb.license', true) = 'timescale' then -- another build cannot compress
      execute format('alter table %s set (timescaledb.compress, timescaledb.compress_orderby = %L)',
                     relation, coalesce(newest_first, format('%I desc', time_column)));
    end if;
  end if;
  insert into time_tables (relation, time_column, is_hypertable) values (table_name, time_column, timescale is not null);
  perform time_tables_ahead();
end
$$;

-- The table as it was becomes the first partition, up to the end of its newest month: no row is copied, however many
-- there are. Its indexes and its key become those of the whole.
create function partition_by_month(relation regclass, time_column name) returns void language plpgsql as $$
declare
  whole constant name := (select relname from pg_class where oid = relation);
  before constant name := whole || '_before';
  definitions text[];
  grants text[];
  key text;
  key_name name;
  newest timestamptz;
  statement text;
  index_name name;
begin
  if exists (select from pg_trigger where tgrelid = relation and not tgisinternal)
     or exists (select from pg_constraint where conrelid = relation and contype = 'f') then
    raise exception '% has triggers or foreign keys, which this function does not carry over', whole;
  end if;
  select conname, pg_get_constraintdef(oid) into key_name, key
    from pg_constraint where conrelid = relation and contype = 'p';
  select array_agg(pg_get_indexdef(indexrelid)) into definitions
    from pg_index where indrelid = relation and not indisprimary;
  select array_agg(format('grant %s on %I to %s', privilege_type, whole,
                          case grantee when 0 then 'public' else quote_ident(grantee::regrole::text) end)) into grants
    from pg_class, aclexplode(relacl) where oid = relation and grantee <> relowner;
  execute format('select max(%I) from %s', time_column, relation) into newest;

  execute format('alter table %s rename to %I', relation, before);
  for index_name in select c.relname from pg_index join pg_class c on c.oid = indexrelid where indrelid = relation loop
    execute format('alter index %I rename to %I', index_name, left(index_name, 56) || '_before');
  end loop;
  execute format('create table %I (like %I including defaults including generated including storage
                  including compression including constraints) partition by range (%I)', whole, before, time_column);
  if newest is null then
    execute format('drop table %I', before);
  else
    execute format('alter table %I attach partition %I for values from (minvalue) to (%L)',
                   whole, before, date_trunc('month', newest, 'UTC') + interval '1 month');
  end if;
  execute format('create table %I partition of %I default', whole || '_rest', whole);
  if key is not null then execute format('alter table %I add constraint %I %s', whole, key_name, key); end if;
  foreach statement in array coalesce(definitions, '{}') || coalesce(grants, '{}') loop
    execute statement;
  end loop;
end
$$;

-- Where a partition ends (or begins); null for the one that takes the rest.
create function partition_bound(part regclass, side text) returns timestamptz language sql stable as $$
  select case when bound ~ (side || ' \(MINVALUE\)') then '-infinity'
              else substring(bound from side || ' \(''([^'']*)''\)')::timestamptz end
  from (select pg_get_expr(relpartbound, oid) as bound from pg_class where oid = part) as found
$$;

-- The partition of `month`, unless there is one; what the rest holds of that month moves into it.
create function add_month(whole name, time_column name, month timestamptz) returns void language plpgsql as $$
declare
  part constant name := whole || to_char(month at time zone 'UTC', '_YYYY_MM');
  ends constant timestamptz := (month at time zone 'UTC' + interval '1 month') at time zone 'UTC';
  rest constant name := whole || '_rest';
begin
  if exists (select from pg_inherits where inhparent = to_regclass(quote_ident(whole))
             and partition_bound(inhrelid, 'FROM') <= month and partition_bound(inhrelid, 'TO') > month) then
    return;
  end if;
  execute format('create table %I (like %I including defaults including generated including storage
                  including compression including constraints)', part, whole);
  execute format('with moved as (delete from %I where %I >= %L and %I < %L returning *) insert into %I select * from moved',
                 rest, time_column, month, time_column, ends, part);
  execute format('alter table %I attach partition %I for values from (%L) to (%L)', whole, part, month, ends);
end
$$;

-- Makes the partitions of this month, of the two to come, and of every month that rows without one are of. Waits a
-- moment for the locks it needs and gives up then (55P03): readers and the projector go first.
create function time_tables_ahead() returns void language plpgsql as $$
declare
  cut record;
  month timestamptz;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('itirp time tables ' || current_schema(), 0)) then return; end if;
  perform set_config('lock_timeout', '2s', true);
  perform set_config('TimeZone', 'UTC', true);
  for cut in select relation, time_column from time_tables where not is_hypertable loop
    for month in execute format(
      'select distinct date_trunc(''month'', %I, ''UTC'') from %I where isfinite(%I) union
       select date_trunc(''month'', now(), ''UTC'') + n * interval ''1 month'' from generate_series(0, 2) as n order by 1',
      cut.time_column, cut.relation || '_rest', cut.time_column) loop
      perform add_month(cut.relation, cut.time_column, month);
    end loop;
  end loop;
end
$$;

-- Drops what is wholly older than `keep_days` days (0: nothing), a partition or chunk at a time, compresses chunks that
-- have come to rest, and says from when on rows are kept.
create function time_tables_forget(keep_days integer) returns void language plpgsql as $$
declare
  cut record;
  part record;
  horizon constant timestamptz := case when keep_days > 0 then now() - make_interval(days => keep_days) end;
  timescale constant name := timescale_schema();
begin
  if not pg_try_advisory_xact_lock(hashtextextended('itirp time tables ' || current_schema(), 0)) then return; end if;
  perform set_config('lock_timeout', '2s', true);
  perform set_config('TimeZone', 'UTC', true);
  for cut in select relation, time_column, is_hypertable from time_tables loop
    for part in select piece, ends from time_table_pieces(cut.relation, cut.is_hypertable) where ends <= horizon loop
      if cut.is_hypertable then
        execute format('select %I.drop_chunks($1, older_than => $2)', timescale)
          using to_regclass(quote_ident(cut.relation)), part.ends;
      else
        execute format('drop table %s', part.piece);
      end if;
      update time_tables set kept_from = greatest(kept_from, part.ends) where relation = cut.relation;
    end loop;
    if not cut.is_hypertable then -- late ones without a partition; a chunk that they made is dropped the next time
      execute format('delete from %I where %I < (select kept_from from time_tables where relation = %L)',
                     cut.relation || '_rest', cut.time_column, cut.relation);
    end if;
    if cut.is_hypertable and current_setting('timescaledb.license', true) = 'timescale' then
      execute format('select %I.compress_chunk(piece, true) from time_table_pieces($1, true)
                      where ends < now() - interval ''30 days''', timescale) using cut.relation;
    end if;
  end loop;
end
$$;

-- Each partition or chunk with its end.
create function time_table_pieces(whole name, is_hypertable boolean) returns table (piece regclass, ends timestamptz)
language plpgsql as $$
begin
  if is_hypertable then
    return query execute 'select format(''%I.%I'', chunk_schema, chunk_name)::regclass, range_end
      from timescaledb_information.chunks
      where hypertable_schema = current_schema() and hypertable_name = $1 order by range_end' using whole;
  else
    return query select inhrelid::regclass, partition_bound(inhrelid, 'TO') from pg_inherits
      where inhparent = to_regclass(quote_ident(whole)) and partition_bound(inhrelid, 'TO') is not null order by 2;
  end if;
end
$$;

-- A fact has one time, so its id with the time is as unique as the id alone.
alter table events drop constraint events_pkey;
alter table events add constraint events_pkey primary key (event_id, "timestamp");
alter table executions drop constraint executions_pkey;
alter table executions add constraint executions_pkey primary key (order_id, execution_id, executed_at);

select keep_by_time('events', 'timestamp', 'event_id desc');
select keep_by_time('executions', 'executed_at', 'executed_at desc, order_id, execution_id');
