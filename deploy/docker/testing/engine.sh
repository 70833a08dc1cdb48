# What the tests of the image stand on: a Docker engine, base images, a count of what held, and nothing left behind.
# Sourced by the scripts beside it.

passed=0
failed=0

# Runs the rest of its words; what they say is shown when they fail.
check() {
  local name=$1 words status=0
  shift
  words=$("$@" 2>&1) || status=$?
  if [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
    echo "  ✓ $name${words:+: $(tail -n 1 <<<"$words")}"
  else
    failed=$((failed + 1))
    echo "  ✗ $name (exit code $status)"
    sed 's/^/      /' <<<"$words" | tail -n 30
  fi
}

total() {
  echo
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}

# A script that makes stand-ins for base images, and an engine, where none can be fetched; empty: there is none.
base_images=${BASE_IMAGES-}
if [ -z "$base_images" ] && [ -f ../shared/tools/base-images.sh ]; then base_images=../shared/tools/base-images.sh; fi

# Node 24, which the repository brings along where the machine's is older.
node=$(command -v node)
[ "$("$node" -p 'process.versions.node.split(".")[0]')" -ge 24 ] || node=$(npx --no -- node -p process.execPath)
node24() { "$node" "$@"; }

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

make_stand_ins() {
  [ -n "$base_images" ] && [ "$(id -u)" -eq 0 ] || return 1
  echo "▸ base images: made by $(basename "$base_images")"
  bash "$base_images" --tag 24-bookworm-slim --node "$node"
}

# An engine that answers, or false with the reason on one line.
find_engine() {
  docker info >/dev/null 2>&1 && return
  make_stand_ins && docker info >/dev/null 2>&1 && return
  echo "no Docker engine answers here, and none can be had: the image is not tested"
  return 1
}

find_base_images() {
  local image
  for image in node:24-bookworm-slim debian:bookworm-slim; do
    has_image "$image" || docker pull --quiet "$image" 2>/dev/null || make_stand_ins || return 1
  done
}

# --- Nothing is left behind: all that a run makes has its label ----------------------------------------------------
run_id="itirp-test-$$"
scratch=$(mktemp -d)
chmod 755 "$scratch" # containers run as somebody else

sweep() {
  local ids
  ids=$(docker ps --all --quiet --filter "label=run=$run_id")
  [ -z "$ids" ] || docker rm --force --volumes $ids >/dev/null 2>&1
  ids=$(docker volume ls --quiet --filter "label=run=$run_id")
  [ -z "$ids" ] || docker volume rm $ids >/dev/null 2>&1
  ids=$(docker network ls --quiet --filter "label=run=$run_id")
  [ -z "$ids" ] || docker network rm $ids >/dev/null 2>&1
  docker image rm --force "$run_id-redis" >/dev/null 2>&1
  rm -rf "$scratch"
}

volume() { docker volume create --label "run=$run_id" "$run_id-$1"; }

# Makes the container NAME of the image, held as tightly as production holds it. Further words go to `docker create`,
# up to a lone --; after it stand the program's own.
container() {
  local name=$1 options=()
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
  [ $# -eq 0 ] || shift
  docker create --name "$run_id-$name" --label "run=$run_id" --read-only --tmpfs /tmp --cap-drop ALL \
    --security-opt no-new-privileges "${options[@]}" "$image" "$@" >/dev/null
}

free_port() { node24 -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

in_container() { docker exec "$run_id-$1" "${@:2}"; }

# Waits until the engine calls the container healthy.
becomes_healthy() {
  local state= _
  for _ in $(seq 400); do
    state=$(docker inspect --format '{{.State.Health.Status}}' "$run_id-$1")
    [ "$state" != healthy ] || return 0
    sleep 0.5
  done
  docker inspect --format '{{json .State.Health}}' "$run_id-$1"
  docker logs --tail 20 "$run_id-$1"
  return 1
}
