#!/bin/bash
# start.sh PEER... : registry | buildkitd | docker-containerd | docker-classic. Each of our own, on loopback, with its socket, pid and log in $MULTIHULL_PEERS_RUN.
# One that runs already is left as it is.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")"); . "$here/env.sh"
run=$MULTIHULL_PEERS_RUN data=$MULTIHULL_PEERS_DATA
mkdir -p "$run" "$data"

alive() { [ -e "$run/$1.pid" ] && kill -0 "$(cat "$run/$1.pid")" 2>/dev/null; }
wait_for() { # NAME COMMAND...
  local name=$1 i; shift
  for ((i = 0; i < 150; i++)); do
    "$@" >/dev/null 2>&1 && return 0
    alive "$name" || break
    sleep 0.2
  done
  echo "$name does not answer; the end of its log:" >&2
  tail -5 "$run/$name.log" >&2
  return 1
}

registry() {
  cat >"$run/registry.yml" <<C
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $data/registry}
  delete: {enabled: true}
  maintenance: {uploadpurging: {enabled: false}}
http: {addr: $MULTIHULL_PEERS_REGISTRY}
C
  OTEL_TRACES_EXPORTER=none setsid docker-registry serve "$run/registry.yml" >>"$run/registry.log" 2>&1 </dev/null &
  echo $! >"$run/registry.pid"
  wait_for registry curl -fs "http://$MULTIHULL_PEERS_REGISTRY/v2/"
}

buildkitd_() {
  cat >"$run/buildkitd.toml" <<C
insecure-entitlements = ["network.host"]
[registry."$MULTIHULL_PEERS_REGISTRY"]
  http = true
C
  setsid buildkitd --config "$run/buildkitd.toml" --root "$data/buildkit" --addr "unix://$run/buildkitd.sock" \
    --oci-worker=true --containerd-worker=false --oci-worker-net=host >>"$run/buildkitd.log" 2>&1 </dev/null &
  echo $! >"$run/buildkitd.pid"
  wait_for buildkitd buildctl --addr "unix://$run/buildkitd.sock" debug workers
}

docker() { # classic|containerd
  local name=docker-$1 snapshotter=false
  [ "$1" = containerd ] && snapshotter=true
  # The mirror has the image that Buildx's docker-container driver asks for: see buildkit-image.sh.
  cat >"$run/$name.json" <<C
{
  "features": {"containerd-snapshotter": $snapshotter},
  "insecure-registries": ["127.0.0.0/8"],
  "registry-mirrors": ["http://$MULTIHULL_PEERS_REGISTRY"]
}
C
  setsid dockerd --config-file "$run/$name.json" --data-root "$data/$name" --exec-root "$run/$name" --pidfile "$run/$name.dockerd.pid" \
    -H "unix://$run/$name.sock" --bridge=none --iptables=false --ip6tables=false >>"$run/$name.log" 2>&1 </dev/null &
  echo $! >"$run/$name.pid"
  wait_for "$name" env DOCKER_HOST="unix://$run/$name.sock" docker version
}

for name in "$@"; do
  alive "$name" && continue
  rm -f "$run/$name.sock" "$run/$name.pid"
  case $name in
    registry) registry ;;
    buildkitd) buildkitd_ ;;
    docker-classic | docker-containerd) docker "${name#docker-}" ;;
    *) echo "unknown peer $name" >&2; exit 2 ;;
  esac
  echo "$name: pid $(cat "$run/$name.pid")"
done
