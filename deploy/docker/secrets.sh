#!/bin/sh
# Makes the secret files that compose.yaml hands to its services: random, each made once and then left alone.
# Usage: deploy/docker/secrets.sh [FOLDER]        (default: the folder `secrets` beside this script)
#
# The folder is closed to all but its owner. The files within are not: a container reads its own as another user
# than the one who made it, and sees none of the others.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Writes what stands on its standard input to the secret NAME, unless there is one.
keep() {
  if [ -e "$folder/$1" ]; then
    cat > /dev/null
    echo "kept  $1"
  else
    cat > "$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    echo "made  $1"
  fi
}

random 32 | keep secret_key
random 24 | keep postgres_admin_password
random 24 | keep postgres_password
printf 'postgres://itirp:%s@postgres:5432/itirp' "$(cat "$folder/postgres_password")" | keep postgres_url
printf 'requirepass %s\n' "$(random 24)" | keep redis_auth
printf 'redis://:%s@redis:6379' "$(cut -d' ' -f2 "$folder/redis_auth")" | keep redis_url
random 16 | keep grafana_password
