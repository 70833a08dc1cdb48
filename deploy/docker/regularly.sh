#!/bin/sh
# Runs `itirp WORDS…` at once, which makes up for what was missed, and from then on by the clock: `regularly.sh PERIOD OFFSET
# WORDS…`, every PERIOD seconds, counted in UTC from OFFSET after 1970 began, on a Thursday. What failed is tried again after an
# hour, or it would be missed for a week. $TMPDIR/good is as old as the last good one, for the health check.
set -u
period=$1 offset=$2
shift 2

# In the background, so that a signal is heard at once; and what runs has its last words before all ends.
runs() {
  "$@" &
  child=$!
  wait "$child"
}
trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; exit 143' TERM INT

while :; do
  if runs itirp "$@"; then
    touch "${TMPDIR:-/tmp}/good"
    runs sleep $((period - ($(date +%s) - offset) % period))
  else
    runs sleep 3600
  fi
done
