#!/bin/sh
# At the first start only: the role that ITIRP signs in as. It owns its database and sees how the server is (its settings,
# its standbys).
set -eu
password=$(cat /run/secrets/postgres_password)
psql --set=ON_ERROR_STOP=1 --set=password="$password" --username=postgres --dbname=itirp <<'SQL'
create role itirp login nosuperuser nocreatedb nocreaterole password :'password';
grant pg_monitor to itirp;
alter database itirp owner to itirp;
revoke all on database itirp from public;
SQL
