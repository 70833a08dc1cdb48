-- harmless: an index that is not summarized is read range by range; the answers are the same.
-- A BRIN index that asks for a summary of each new range floods the server's log. Nobody takes the requests up between two
-- visits of autovacuum, a minute apart; 256 of them fit, and PostgreSQL logs each that does not, with its statement. The
-- house-keeping summarizes instead, and so does every vacuum.
--
-- Each index is altered by itself: the one of the whole, where it is cut into partitions, cannot be.

-- The BRIN indexes of what the tables that are cut by time consist of.
create function time_table_summaries() returns table (summary regclass, asks boolean) language sql stable as $$
  select i.indexrelid::regclass, coalesce('autosummarize=on' = any(c.reloptions), false)
  from time_tables t
  join pg_class whole on whole.oid = to_regclass(quote_ident(t.relation))
  left join pg_inherits h on h.inhparent = whole.oid
  join pg_index i on i.indrelid in (h.inhrelid, whole.oid)
  join pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
  join pg_am a on a.oid = c.relam and a.amname = 'brin'
  group by i.indexrelid, c.reloptions
  order by i.indexrelid
$$;

-- From the first time on, none of them asks by itself.
create function time_tables_quiet() returns void language plpgsql as $$
declare
  found record;
begin
  for found in select summary from time_table_summaries() where asks loop
    execute format('alter index %s set (autosummarize = off)', found.summary);
  end loop;
end
$$;

-- Summarizes the ranges that were filled since the last time. One that a vacuum is at is left out: that does the same. What
-- is waited for is shorter than PostgreSQL waits before it calls an autovacuum off for us.
create function time_tables_summarize() returns void language plpgsql as $$
declare
  found record;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('itirp time tables ' || current_schema(), 0)) then return; end if;
  perform set_config('lock_timeout', '500ms', true);
  for found in select summary from time_table_summaries() loop
    begin
      perform brin_summarize_new_values(found.summary);
    exception when lock_not_available then
      null; -- the next hour, or that vacuum
    end;
  end loop;
end
$$;

-- A new partition's index does not ask either.
alter function add_month(name, name, timestamptz) rename to add_partition;
create function add_month(whole name, time_column name, month timestamptz) returns void language plpgsql as $$
begin
  perform add_partition(whole, time_column, month);
  perform time_tables_quiet();
end
$$;

select time_tables_quiet();
