# What is in the image, and what must not be. Sourced by test.sh; `image` is its name.

# A word that no file of ours has: it is put where secrets lie about, and must not turn up in the image.
canary="canary-$run_id-$RANDOM$RANDOM"

litter() {
  local file
  for file in .env data/litter deploy/docker/secrets/litter backup.key; do
    [ ! -e "$file" ] || continue
    mkdir -p "$(dirname "$file")" && echo "$canary" > "$file" && echo "$file" >> "$scratch/litter"
  done
}

# Also where a run is broken off.
pick_up_litter() {
  [ -f "$scratch/litter" ] || return 0
  xargs rm -f < "$scratch/litter"
  rmdir data deploy/docker/secrets 2>/dev/null
  rm -f "$scratch/litter"
}

build() {
  local status
  litter
  docker build --network host --file deploy/docker/Dockerfile --tag "$image" \
    --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
    --build-arg "VERSION=$(node24 -p 'require("./package.json").version')" . 2>&1
  status=$?
  pick_up_litter
  return "$status"
}

is_not_root() { [ "$(docker image inspect --format '{{.Config.User}}' "$image")" = 10001:10001 ]; }

is_small() {
  local base whole
  base=$(docker image inspect --format '{{.Size}}' node:24-bookworm-slim)
  whole=$(docker image inspect --format '{{.Size}}' "$image")
  echo "$(((whole - base) / 1000000)) MB"
  [ $((whole - base)) -lt 250000000 ]
}

# Runs a shell in the image, as its own user.
shell() { docker run --rm --network none --entrypoint sh "$image" -c "$1"; }

is_closed() {
  local found
  found=$(shell 'command -v npm npx yarn corepack; find /opt/itirp/src -name "*.test.ts" -o -name testing
    find /opt/itirp /usr/local /usr/bin ! -type l -writable; echo looked')
  echo "$found"
  [ "$found" = looked ]
}

# Layers are archives within the archive, packed or not as the engine sees fit.
keeps_no_secrets() {
  local layers=$scratch/layers file
  mkdir "$layers" && docker save "$image" | tar -x -C "$layers" || return 1
  while read -r file; do
    if gzip --decompress --stdout --force "$file" 2>/dev/null | grep --quiet --text --fixed-strings "$canary"; then
      echo "the word that lay about in the checkout is in $file"
      return 1
    fi
  done < <(find "$layers" -type f)
  rm -rf "$layers"
  if docker history --no-trunc --format '{{.CreatedBy}}' "$image" | grep -iE 'password|secret|token|authToken|api_?key'; then
    return 1
  fi
}

is_labelled() {
  local version facts
  version=$(node24 -p 'require("./package.json").version')
  facts=$(docker image inspect --format \
    '{{index .Config.Labels "org.opencontainers.image.version"}} {{json .Config.Healthcheck.Test}} {{json .Config.Entrypoint}}' "$image")
  echo "$facts"
  [ "$facts" = "$version "'["CMD","itirp","health"] ["/usr/bin/tini","--","itirp"]' ]
}
