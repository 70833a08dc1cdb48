-- What became of each backup, drill and verification, written by the tool that did it: who watches the platform sees there when
-- the last one went well. A row says what was, so none is ever changed.
create table maintenance_runs (
  id         uuid        not null primary key,
  kind       text        not null check (kind in ('backup', 'drill', 'verify')),
  started_at timestamptz not null,
  ended_at   timestamptz not null default clock_timestamp(),
  outcome    text        not null check (outcome in ('good', 'failed')),
  figures    jsonb       not null default '{}',
  check (ended_at >= started_at)
);
create index maintenance_runs_by_kind on maintenance_runs (kind, ended_at desc);

create function refuse_maintenance_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'maintenance_runs is append-only: % refused', tg_op using errcode = 'restrict_violation';
end
$$;

create trigger maintenance_runs_is_append_only before update or delete or truncate on maintenance_runs
  for each statement execute function refuse_maintenance_rewrite();
