#!/bin/bash
# install.sh [--only PEER]... : brings the real engines and clients that `npm run test:peers` and `npm run bench` meet.
# Quick when all is there. One that cannot be had does not stop the others: its name and the reason go to $MULTIHULL_PEERS/missing.
# Root, Debian or Ubuntu, a package mirror; Go 1.21 or newer for buildkitd and crane (2 minutes to compile, once).
set -uo pipefail
here=$(dirname "$(readlink -f "$0")"); . "$here/env.sh"
mkdir -p "$MULTIHULL_PEERS/bin"
: >"$MULTIHULL_PEERS/missing"
log=$MULTIHULL_PEERS/install.log; : >"$log"

peer() { # NAME FUNCTION
  if "$2" >>"$log" 2>&1 </dev/null; then echo "$1: $("$2_version" 2>/dev/null | head -1)"; else
    printf '%s\t%s\n' "$1" "$(tail -1 "$log")" >>"$MULTIHULL_PEERS/missing"
    echo "$1: could not be had: $(tail -1 "$log")"
  fi
}

updated=
apt_has() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii'; }
apt_install() {
  local want=() p
  for p in "$@"; do apt_has "$p" || want+=("$p"); done
  [ ${#want[@]} = 0 ] && return 0
  [ -n "$updated" ] || { apt-get update -qq && updated=1; }
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${want[@]}"
}

# The daemon needs a newer Debian's packages; of those only runc wants a newer libc than Debian 12 has.
docker_engine() {
  local to=$MULTIHULL_PEERS/docker
  [ -x "$to/usr/sbin/dockerd" ] && [ -x "$to/usr/sbin/runc" ] && [ -e "$to/cfg/config.json" ] && return 0
  "$here/apt-from.sh" forky "$to" docker.io docker-cli docker-buildx containerd tini-static || return 1
  "$here/apt-from.sh" bookworm "$to" runc || return 1
  mkdir -p "$to/cfg/cli-plugins" && echo '{}' >"$to/cfg/config.json"
  ln -sf "$to/usr/libexec/docker/cli-plugins/docker-buildx" "$to/cfg/cli-plugins/docker-buildx"
  dockerd --version
}
docker_engine_version() { dockerd --version; }

# buildkitd, buildctl and crane at the versions of go/go.mod. An older Go brings the toolchain that go.mod names from the module proxy.
go_tools() {
  local pin; pin=$(sha256sum "$here/go/go.mod" | cut -c1-16)
  [ -x "$MULTIHULL_PEERS/bin/buildkitd" ] && [ -x "$MULTIHULL_PEERS/bin/crane" ] && [ "$(cat "$MULTIHULL_PEERS/bin/.go-pin" 2>/dev/null)" = "$pin" ] && return 0
  command -v go >/dev/null || { echo "go is not installed"; return 1; }
  local version; version=$(sed -n 's/.*moby\/buildkit \(v[^ ]*\).*/\1/p' "$here/go/go.mod")
  (cd "$here/go" && CGO_ENABLED=0 GOTOOLCHAIN=auto nice go build -buildvcs=false -mod=readonly -trimpath -ldflags="-s -w -X github.com/moby/buildkit/version.Version=$version" -o "$MULTIHULL_PEERS/bin/" tool) || return 1
  echo "$pin" >"$MULTIHULL_PEERS/bin/.go-pin"
}
go_tools_version() { echo "$(sed -n 's/.*moby\/buildkit \(v[^ ]*\).*/buildkit \1/p; s/.*google\/go-containerregistry \(v[^ ]*\).*/crane \1/p' "$here/go/go.mod" | sort | tr '\n' ' ')"; }

# The linter whose speed `doctor` is measured against.
actionlint_pin=v1.7.12
actionlint_() {
  [ -x "$MULTIHULL_PEERS/bin/actionlint" ] && actionlint -version | grep -qxF "$actionlint_pin" && return 0
  command -v go >/dev/null || { echo "go is not installed"; return 1; }
  GOBIN=$MULTIHULL_PEERS/bin GOTOOLCHAIN=auto CGO_ENABLED=0 nice go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint_pin"
}
actionlint__version() { actionlint -version | head -1; }

registry() { apt_install docker-registry curl ca-certificates git; }
registry_version() { docker-registry --version; }
skopeo_() { apt_install skopeo; }
skopeo__version() { skopeo --version; }
podman_() { apt_install podman buildah uidmap; }
podman__version() { podman --version; }
bootstrap() { apt_install mmdebstrap gpgv zstd xz-utils; }
bootstrap_version() { mmdebstrap --version; }

emulation() {
  apt_install qemu-user-static binfmt-support || return 1
  local dir=/proc/sys/fs/binfmt_misc
  [ -e $dir/register ] || mount -t binfmt_misc binfmt_misc $dir || return 1
  [ -e $dir/qemu-aarch64 ] || update-binfmts --enable qemu-aarch64
  [ -e $dir/qemu-aarch64 ] || { echo "the kernel did not take the registration of qemu-aarch64"; return 1; }
}
emulation_version() { qemu-aarch64-static --version; }

# Several hosts on one machine: network namespaces with links between them.
namespaces() {
  apt_install iproute2 || return 1
  unshare --net ip link add probe0 type veth peer name probe1 || { echo "this kernel makes no network namespaces with veth links"; return 1; }
}
namespaces_version() { ip -V; }

# A Docker on another machine is reached over ssh: a server that is only unpacked, and started by tests.
ssh_server() {
  [ -x "$MULTIHULL_PEERS/sshd/usr/sbin/sshd" ] && return 0
  apt_install openssh-client && "$here/apt-from.sh" bookworm "$MULTIHULL_PEERS/sshd" openssh-server libwrap0
}
ssh_server_version() { ssh -V 2>&1; }

# What reads real programs, and makes small ones.
compiler() { apt_install gcc libc6-dev binutils; }
compiler_version() { gcc --version | head -1; }

peer docker docker_engine
peer buildkit go_tools
peer actionlint actionlint_
peer docker-registry registry
peer skopeo skopeo_
peer podman podman_
peer mmdebstrap bootstrap
peer qemu emulation
peer netns namespaces
peer sshd ssh_server
peer gcc compiler
[ ! -s "$MULTIHULL_PEERS/missing" ]
