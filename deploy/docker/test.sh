#!/usr/bin/env bash
# Builds the image and holds it to what it promises: what is in it, that it runs without rights and on a read-only disk,
# and that nothing acknowledged is lost, whether it is stopped or killed, with a database of its own or another's.
# Usage: deploy/docker/test.sh        (after `npm ci`; needs a Docker engine, else it says so and skips)
#   BASE_IMAGES  a script that makes stand-ins for base images where no registry is in reach
#   KEEP_IMAGE   any value: the image stays, as itirp:test
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
source deploy/docker/testing/engine.sh
source deploy/docker/testing/contents.sh
source deploy/docker/testing/promises.sh

if ! find_engine; then
  rm -rf "$scratch"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
leave() {
  pick_up_litter
  leaves_the_laptop
  sweep
  [ -n "${KEEP_IMAGE-}" ] || docker image rm --force "$image" >/dev/null 2>&1
}
trap leave EXIT
trap 'exit 130' INT TERM

image=itirp:test
find_base_images || { echo "no base images: neither a registry nor BASE_IMAGES has them"; exit 1; }

echo "▸ the image"
check "it builds" build
has_image "$image" || { total; exit; }
check "it has a fixed user that is not root" is_not_root
check "it is less than 250 MB above its base" is_small
check "production's libraries are in it, listed, and no others" node24 deploy/docker/testing/contents.ts "$image"
check "no package manager, no tests, nothing of its own that its user may write" is_closed
check "nothing that lies about in the checkout got in, in any layer" keeps_no_secrets
check "labels and health check are those of this version" is_labelled

echo "▸ with a database of its own"
check "it starts on a read-only disk without any right" starts_alone
check "the engine calls it healthy" becomes_healthy alone
check "it takes orders" trades alone 5
check "SIGTERM under load: it ends by itself and well" stops_under_load alone
check "it is ready again within 3 s" starts_soon alone
check "every acknowledged order is there" knows_all alone
check "the journal is sound" verifies alone
check "SIGKILL under load" is_killed_under_load alone
check "it starts again" starts_again alone
check "every acknowledged order is there" knows_all alone
check "the journal is sound" verifies alone
check "PostgreSQL is killed inside: the dead are buried, orders go on" buries_its_dead alone
check "it wrote nothing outside of its volume" wrote_nowhere_else alone
check "SIGTERM before it is ready ends it too" stops_while_starting alone

echo "▸ with a PostgreSQL and a Redis of others, and secrets in files"
check "it starts" starts_with_services
check "the engine calls it healthy" becomes_healthy served
check "no secret is in its environment" has_no_secret_in_environment served
check "it takes orders" trades served 5
check "SIGKILL under load" is_killed_under_load served
check "it starts again" starts_again served
check "every acknowledged order is there" knows_all served
check "the journal is sound" verifies served
check "SIGTERM under load: it ends by itself and well" stops_under_load served
check "it starts again" starts_again served
check "every acknowledged order is there" knows_all served
check "the journal is sound" verifies served

echo "▸ with TLS"
check "it starts, and the engine calls it healthy" starts_with_tls

if "${compose_tool[@]}" version >/dev/null 2>&1; then
  echo "▸ compose, profile dev"
  check "it starts" starts_on_a_laptop
  check "it takes orders" trades laptop 3
  check "it goes down, and comes up again" starts_again_on_a_laptop
  check "every acknowledged order is there" knows_all laptop
else
  echo "▸ compose: there is no such tool here, and compose.yaml is not started"
fi

total
