#!/bin/bash
# bases.sh : the base images that comparisons and benchmarks build upon, pushed to the local registry (start.sh registry buildkitd first):
#   base/busybox:1   one static program, /etc/passwd and /etc/group, six platforms, 1 to 2 MB each
#   base/debian:12   Debian minbase for amd64 and arm64 (merged /usr, so /bin is a link; about 35 MB packed). arm64 is unpacked but not configured (no emulator runs), with users and groups.
#   base/rich:1      busybox with every config field set, for what a child inherits
# Root file systems are kept in $MULTIHULL_PEERS/bases, so that their layers keep their digests between runs.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")"); . "$here/env.sh"
out=$MULTIHULL_PEERS/bases
mkdir -p "$out"

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

debian() { # ARCH VARIANT OPTION...
  SOURCE_DATE_EPOCH=1577934245 mmdebstrap --quiet --variant="$2" --architectures="$1" --skip=check/qemu "${@:3}" \
    --aptopt='APT::Sandbox::User "root"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$out/debian-$1.tar.part.tar"
  mv "$out/debian-$1.tar.part.tar" "$out/debian-$1.tar"
}

[ -e "$out/busybox-ppc64le.tar" ] || busybox
[ -e "$out/debian-amd64.tar" ] || debian amd64 minbase
[ -e "$out/debian-arm64.tar" ] || debian arm64 extract --include='?essential' --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
  --extract-hook='cp "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd"' --extract-hook='cp "$1/usr/share/base-passwd/group.master" "$1/etc/group"'

registry=$MULTIHULL_PEERS_REGISTRY
build() { # NAME PLATFORMS FOLDER
  curl -fso /dev/null "http://$registry/v2/${1%:*}/manifests/${1#*:}" -H 'accept: application/vnd.oci.image.index.v1+json' && return 0
  SOURCE_DATE_EPOCH=1577934245 buildctl --addr "unix://$MULTIHULL_PEERS_RUN/buildkitd.sock" build --progress=plain --frontend dockerfile.v0 \
    --local context="$3" --local dockerfile="$here/bases/${1%:*}" --opt platform="$2" --opt build-arg:SOURCE_DATE_EPOCH=1577934245 \
    --output "type=image,name=$registry/$1,push=true,oci-mediatypes=true,rewrite-timestamp=true" 2>"$MULTIHULL_PEERS/bases.log" || { tail -5 "$MULTIHULL_PEERS/bases.log" >&2; return 1; }
}
build base/busybox:1 linux/amd64,linux/arm64,linux/arm/v7,linux/386,linux/s390x,linux/ppc64le "$out"
build base/debian:12 linux/amd64,linux/arm64 "$out"
build base/rich:1 linux/amd64,linux/arm64 "$out"
