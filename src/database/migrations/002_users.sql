-- Who may knock: users, and every change ever made to one.

create table users (
  username      text primary key check (username = lower(username) and length(username) between 1 and 64),
  password_hash text not null, -- Argon2id, with its salt and its costs
  role          text not null check (role in ('TRADER', 'RISK_MANAGER', 'COMPLIANCE', 'ADMIN')),
  account       text not null default 'HOUSE', -- where the user's positions are kept
  is_demo       boolean not null default false, -- known password: refused outside demo mode
  disabled_at   timestamptz,
  created_at    timestamptz not null default now()
);

create table user_changes (
  change_id  bigint generated always as identity primary key,
  username   text not null references users,
  what       text not null check (what in ('added', 'disabled', 'enabled', 'password', 'role')),
  changed_by text not null,
  changed_at timestamptz not null default now()
);

create function refuse_user_change_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'user_changes is append-only: % refused', tg_op using errcode = 'restrict_violation';
end
$$;

create trigger user_changes_is_append_only before update or delete or truncate on user_changes
  for each statement execute function refuse_user_change_rewrite();
