#!/bin/bash
# bases.sh : the base images that comparisons and benchmarks build upon, pushed to the local registry (start.sh registry buildkitd first):
#   base/busybox:1   one static program, /etc/passwd and /etc/group, six platforms, 1 to 2 MB each
#   base/debian:12   Debian minbase for amd64 and arm64 (merged /usr, so /bin is a link; about 35 MB packed). arm64 is unpacked but not configured (no emulator runs), with users and groups.
#   base/rich:1      busybox with every config field set, for what a child inherits
#   base/run:1       busybox with all its applets as links, users and additional groups, and a tree to change, in a layer of its own; seven platforms.
#                    amd64 and arm64 have /usr/bin/tool too (bases/tool: attributes, sockets, exact times)
#   base/system:1    Debian minbase, configured, for apt-get install: amd64 is that of base/debian, arm64 is made under emulation (90 s)
#   base/programs:1  Debian with Python and Node.js for amd64 and arm64, unpacked but not configured (50 s each), with the machine's certificates
#   base/go:1        the machine's Go without its tests and sources of commands, for the machine's own platform
#   base/wide:1      Debian 13 for seven platforms, unpacked but not configured (debian-roots.sh): a shell, coreutils, Perl, Python. Beside it, in wide/ARCHITECTURE, programs for
#                    these platforms: Debian's hello, bc (which lacks a library there) and greet (its go-md2man: Go, static)
# and moby/buildkit:buildx-stable-1 (buildkit-image.sh).
# Root file systems are kept in $MULTIHULL_PEERS/bases, so that their layers keep their digests between runs.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")"); . "$here/env.sh"
out=$MULTIHULL_PEERS/bases
mkdir -p "$out"
# Debian's words, and Go's.
seven="amd64:amd64 arm64:arm64 armhf:arm i386:386 riscv64:riscv64 s390x:s390x ppc64el:ppc64le"

busybox() {
  local tmp arch to
  tmp=$(mktemp -d)
  "$here/apt-from.sh" bookworm "$tmp" busybox-static:{amd64,arm64,armhf,i386,s390x,ppc64el}
  for arch in amd64:amd64 arm64:arm64 armhf:arm i386:386 s390x:s390x ppc64el:ppc64le; do
    to=$tmp/root-${arch#*:}
    mkdir -p "$to"/{bin,etc,root,home/app,tmp,var/log,usr/bin}
    cp "$tmp/${arch%:*}/bin/busybox" "$to/bin/busybox" 2>/dev/null || cp "$tmp/${arch%:*}/usr/bin/busybox" "$to/bin/busybox"
    for name in sh ls cat echo env id mkdir; do ln -s busybox "$to/bin/$name"; done
    ln -s /var/log "$to/log"
    ln -s ../home/app "$to/usr/app"
    printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:app:/home/app:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$to/etc/passwd"
    printf 'root:x:0:\nstaff:x:50:\napp:x:1001:\nnogroup:x:65534:\n' >"$to/etc/group"
    chmod 1777 "$to/tmp"; chmod 700 "$to/root"
    tar -C "$to" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1577934245 -cf "$out/busybox-${arch#*:}.tar.part" .
    mv "$out/busybox-${arch#*:}.tar.part" "$out/busybox-${arch#*:}.tar"
  done
  rm -rf "$tmp"
}

run() {
  local tmp arch to
  tmp=$(mktemp -d)
  "$MULTIHULL_PEERS/debian/$(dpkg --print-architecture)/usr/bin/busybox" --list | sort >"$tmp/applets"
  for arch in $seven; do
    to=$tmp/root-${arch#*:}
    mkdir -p "$to"/{etc,root,home/{app,build},tmp,var/{log,tmp},usr/{bin,sbin}}
    cp "$MULTIHULL_PEERS/debian/${arch%:*}/usr/bin/busybox" "$to/usr/bin/busybox"
    while read -r name; do [ "$name" = busybox ] || ln -s busybox "$to/usr/bin/$name"; done <"$tmp/applets"
    ln -s usr/bin "$to/bin"; ln -s usr/sbin "$to/sbin"
    case ${arch#*:} in
      amd64 | arm64) CGO_ENABLED=0 GOOS=linux GOARCH=${arch#*:} GOTOOLCHAIN=local GO111MODULE=off go build -trimpath -ldflags="-s -w -buildid=" -o "$to/usr/bin/tool" "$here/bases/tool/main.go" ;;
    esac
    printf '%s\n' root:x:0:0:root:/root:/bin/sh app:x:1000:1001:app:/home/app:/bin/sh build:x:2000:2000::/home/build:/bin/sh homeless:x:3000:50::: \
      nobody:x:65534:65534:nobody:/:/bin/false >"$to/etc/passwd"
    printf '%s\n' root:x:0: wheel:x:10:app,build audio:x:29:app staff:x:50: app:x:1001: build:x:2000: nogroup:x:65534: >"$to/etc/group"
    chmod 1777 "$to"/{tmp,var/tmp}; chmod 700 "$to/root"; chown 1000:1001 "$to/home/app"; chown 2000:2000 "$to/home/build"
    tar -C "$to" --sort=name --numeric-owner --mtime=@1577934245 -cf "$out/run-${arch#*:}.tar.part" .
    mv "$out/run-${arch#*:}.tar.part" "$out/run-${arch#*:}.tar"
  done
  tree "$tmp/tree"
  rm -rf "$tmp"
}

# What RUN steps change: one of everything that a layer may hold and an unprivileged kernel may make.
tree() { # FOLDER
  local to=$1/base n
  mkdir -p "$to"/{dir/sub/deep,empty,many,owned,full}
  for n in a b c; do echo "$n" >"$to/dir/$n"; echo "$n" >"$to/full/$n"; done
  echo sub >"$to/dir/sub/file"; echo deep >"$to/dir/sub/deep/file"
  for ((n = 0; n < 300; n++)); do echo "$n" >"$to/many/file-$n"; done
  echo file >"$to/file"; echo other >"$to/other"; echo run >"$to/script"
  echo linked >"$to/hard1"; ln "$to/hard1" "$to/hard2"; ln "$to/hard1" "$to/dir/hard3"
  ln -s file "$to/link"; ln -s dir "$to/dirlink"; ln -s nowhere "$to/broken"; ln -s /base/dir/a "$to/absolute"
  echo setuid >"$to/setuid"; echo setgid >"$to/setgid"; mkfifo "$to/fifo"
  truncate -s 1M "$to/sparse"; printf end >>"$to/sparse"
  echo x >"$to/owned/app"; echo y >"$to/owned/nobody"; echo z >"$to/owned/high"
  echo long >"$to/$(printf 'n%.0s' {1..200})"; echo space >"$to/with space"; echo "umlaut" >"$to/grüße"
  chown 1000:1001 "$to/owned" "$to/owned/app"; chown 65534:65534 "$to/owned/nobody"; chown 50000:50001 "$to/owned/high"
  chmod 755 "$to/script"; chmod 4755 "$to/setuid"; chmod 2755 "$to/setgid"; chmod 700 "$to/full"; chmod 1777 "$to/empty"
  "$1/../root-$(dpkg --print-architecture)/usr/bin/tool" setxattr "$to/script" security.capability 0100000200040000000000000000000000000000
  tar -C "$1" --sort=name --numeric-owner --mtime=@1420167845 --format=posix --pax-option=delete=atime,delete=ctime --xattrs --xattrs-include='*' -cf "$out/run-tree.tar.part" base
  mv "$out/run-tree.tar.part" "$out/run-tree.tar"
}

debian() { # NAME VARIANT OPTION... ; NAME ends with the architecture
  SOURCE_DATE_EPOCH=1577934245 mmdebstrap --quiet --variant="$2" --architectures="${1##*-}" --skip=check/qemu "${@:3}" \
    --aptopt='APT::Sandbox::User "root"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$out/$1.tar.part.tar"
  mv "$out/$1.tar.part.tar" "$out/$1.tar"
}

extracted() { # NAME OPTION... ; unpacked and not configured, with users and groups
  debian "$1" extract --include='?essential' --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr "${@:2}" \
    --extract-hook='cp "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd"' --extract-hook='cp "$1/usr/share/base-passwd/group.master" "$1/etc/group"'
}

go_tree() {
  local root; root=$(cd / && go env GOROOT)
  tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1577934245 --exclude='*_test.go' --exclude=testdata --exclude='src/cmd/*' \
    --transform='s,^,usr/local/go/,S' -cf "$out/go.tar.part" bin/go go.env VERSION pkg/tool pkg/include src
  mv "$out/go.tar.part" "$out/go.tar"
}

wide() {
  local debian=$MULTIHULL_PEERS/debian arch to
  for arch in $seven; do
    to=$out/wide/${arch#*:}
    mkdir -p "$to"
    cp "$debian/${arch%:*}.programs"/{hello,bc} "$to/"
    cp "$debian/${arch%:*}.programs/go-md2man" "$to/greet"
    ln -f "$debian/${arch%:*}.tar" "$out/wide-${arch#*:}.tar"
  done
  cp "$debian/pin" "$out/wide/"
}

"$here/debian-roots.sh"
[ -e "$out/busybox-ppc64le.tar" ] || busybox
[ -e "$out/run-tree.tar" ] || run
[ -e "$out/debian-amd64.tar" ] || debian debian-amd64 minbase
[ -e "$out/debian-arm64.tar" ] || extracted debian-arm64
# The dates of a mirror's files may not fit those of the machine.
[ -e "$out/system-arm64.tar" ] || debian system-arm64 minbase
for arch in amd64 arm64; do [ -e "$out/programs-$arch.tar" ] || extracted programs-$arch --include=python3,python3-venv,nodejs --dpkgopt='path-exclude=/usr/share/man/*'; done
[ -e "$out/system-amd64.tar" ] || ln "$out/debian-amd64.tar" "$out/system-amd64.tar"
[ -e "$out/go.tar" ] || go_tree
cmp -s "$MULTIHULL_PEERS/debian/pin" "$out/wide/pin" || wide
# What programs are told of the world outside: where packages come from, and whom to trust.
if [ ! -e "$out/outside.tar" ]; then
  outside=$(mktemp -d)
  mkdir -p "$outside"/etc/{apt/apt.conf.d,ssl/certs}
  cp -L /etc/ssl/certs/ca-certificates.crt "$outside/etc/ssl/certs/"
  printf 'Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n' >"$outside/etc/apt/apt.conf.d/99outside"
  chmod -R u=rwX,go=rX "$outside"
  tar -C "$outside" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1577934245 -cf "$out/outside.tar" etc
  rm -rf "$outside"
fi

registry=$MULTIHULL_PEERS_REGISTRY
build() { # NAME PLATFORMS FOLDER [HOW ITS LAYERS ARE WRITTEN]
  curl -fso /dev/null "http://$registry/v2/${1%:*}/manifests/${1#*:}" -H 'accept: application/vnd.oci.image.index.v1+json' && return 0
  SOURCE_DATE_EPOCH=1577934245 buildctl --addr "unix://$MULTIHULL_PEERS_RUN/buildkitd.sock" build --progress=plain --frontend dockerfile.v0 \
    --local context="$3" --local dockerfile="$here/bases/${1%:*}" --opt platform="$2" --opt build-arg:SOURCE_DATE_EPOCH=1577934245 \
    --output "type=image,name=$registry/$1,push=true,oci-mediatypes=true,${4:-rewrite-timestamp=true}" 2>"$MULTIHULL_PEERS/bases.log" || { tail -5 "$MULTIHULL_PEERS/bases.log" >&2; return 1; }
}
build base/busybox:1 linux/amd64,linux/arm64,linux/arm/v7,linux/386,linux/s390x,linux/ppc64le "$out"
build base/debian:12 linux/amd64,linux/arm64 "$out"
build base/rich:1 linux/amd64,linux/arm64 "$out"
build base/run:1 linux/amd64,linux/arm64,linux/arm/v7,linux/386,linux/riscv64,linux/s390x,linux/ppc64le "$out"
build base/system:1 linux/amd64,linux/arm64 "$out"
build base/programs:1 linux/amd64,linux/arm64 "$out"
build base/go:1 "linux/$(dpkg --print-architecture)" "$out"
# Large, and its archives have the same times everywhere.
build base/wide:1 linux/amd64,linux/arm64,linux/arm/v7,linux/386,linux/riscv64,linux/s390x,linux/ppc64le "$out" compression=gzip,compression-level=1
"$here/buildkit-image.sh"
# They are large, and BuildKit takes cache folders away from running builds when it keeps too much of what it was sent.
buildctl --addr "unix://$MULTIHULL_PEERS_RUN/buildkitd.sock" prune --filter type==source.local >/dev/null
