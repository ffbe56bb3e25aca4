#!/bin/bash
# install.sh : compiles the OCI distribution conformance suite at the version of go.mod, once, and prints where it is. Needs Go 1.24 or newer.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")"); . "$here/../../../scripts/peers/env.sh"
pin=$(cat "$here/go.mod" "$here/go.sum" | sha256sum | cut -c1-16)
program=$MULTIHULL_PEERS/conformance/$pin
if [ ! -x "$program" ]; then
  command -v go >/dev/null || { echo "go is not installed" >&2; exit 1; }
  mkdir -p "$MULTIHULL_PEERS/conformance"
  (cd "$here" && CGO_ENABLED=0 GOFLAGS= GOTOOLCHAIN=auto nice go build -buildvcs=false -mod=readonly -trimpath -ldflags='-s -w' -o "$program.$$" tool) >&2
  mv "$program.$$" "$program"
fi
echo "$program"
