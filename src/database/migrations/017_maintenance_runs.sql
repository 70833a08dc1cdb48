-- What became of each backup, drill and proof, written by the tool that does it: who watches the platform sees there when the
-- last one went well. A run leaves a row as it begins and another as it ends, under one id, so that one that was killed shows
-- too: it never ended. A row says what was, so none is ever changed.
create table maintenance_runs (
  id      uuid        not null,
  kind    text        not null check (kind in ('backup', 'drill', 'verify', 'checkpoints')),
  outcome text        not null check (outcome in ('begun', 'good', 'failed', 'interrupted')),
  at      timestamptz not null default clock_timestamp(),
  figures jsonb       not null default '{}',
  primary key (id, outcome)
);
create unique index maintenance_runs_end_once on maintenance_runs (id) where outcome <> 'begun';
create index maintenance_runs_by_kind on maintenance_runs (kind, at desc);

-- A function of its own, as each table that is only appended to has: what it says names the table, and a table's rule must not
-- change with another's.
create function refuse_maintenance_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'maintenance_runs is append-only: % refused', tg_op using errcode = 'restrict_violation';
end
$$;

create trigger maintenance_runs_is_append_only before update or delete or truncate on maintenance_runs
  for each statement execute function refuse_maintenance_rewrite();
