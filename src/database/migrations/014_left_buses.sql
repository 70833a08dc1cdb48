-- The buses that the deployment has left for good, each with who left it, why, and how far it was taken in. The number is
-- that of the bus that came after it, and part of the name of its source marks: marks of the two are never compared, even
-- where one cluster was emptied and begins again at offset 0. The journal's rows stay as they were hashed.
create table left_buses (
  number  integer     not null primary key check (number > 0),
  bus     text        not null,                        -- as deployment.cluster had it
  marks   jsonb       not null,                        -- by shard: {"source": …, "offset": …}
  left_by text        not null,
  reason  text        not null,
  left_at timestamptz not null default now()
);

create function refuse_left_bus_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'left_buses is append-only: % refused', tg_op using errcode = 'restrict_violation';
end
$$;

create trigger left_buses_is_append_only before update or delete or truncate on left_buses
  for each statement execute function refuse_left_bus_rewrite();
