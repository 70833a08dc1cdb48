-- Tokens and sessions taken back before their time: in force however often Redis forgets.

create table revoked_tokens (
  token_id   text primary key check (length(token_id) between 1 and 128), -- of a token, or of a whole session
  username   text not null,
  why        text not null check (why in ('logout', 'reuse')),
  revoked_at timestamptz not null default now(),
  expires_at timestamptz not null -- when the token would have ended by itself
);

create index revoked_tokens_by_time on revoked_tokens (revoked_at);
create index revoked_tokens_by_end on revoked_tokens (expires_at);
