#!/bin/bash
# run.sh [VITEST ARGUMENT]... : installs and starts the real peers, runs the suites that meet them, and stops them again, whatever came of it.
# A peer that could not be had leaves its suites out, and they are listed as not run. Peers that ran already are left running.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
. scripts/peers/env.sh

scripts/peers/install.sh
started=()
for name in registry buildkitd docker-containerd docker-classic; do
  said=$(scripts/peers/start.sh "$name") || echo "$name could not be started" >&2
  [ -z "${said:-}" ] || { echo "$said"; started+=("$name"); }
done
trap '[ ${#started[@]} = 0 ] || scripts/peers/stop.sh "${started[@]}"' EXIT
scripts/peers/bases.sh || echo "base images could not be made" >&2

npx vitest run --project peers "$@"
