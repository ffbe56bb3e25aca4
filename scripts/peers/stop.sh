#!/bin/bash
# stop.sh [PEER]... : ends what start.sh started, by its pid file; all of them when none is named.
set -u
here=$(dirname "$(readlink -f "$0")"); . "$here/env.sh"
run=$MULTIHULL_PEERS_RUN failed=0
[ $# -gt 0 ] || set -- docker-classic docker-containerd buildkitd registry
for name in "$@"; do
  [ -e "$run/$name.pid" ] || continue
  pid=$(cat "$run/$name.pid")
  kill "$pid" 2>/dev/null
  for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  if kill -0 "$pid" 2>/dev/null; then echo "$name still runs: pid $pid" >&2; failed=1; else rm -f "$run/$name.pid"; fi
done
exit $failed
