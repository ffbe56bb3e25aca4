#!/bin/bash
# debian-roots.sh : Debian 13 for eight architectures in $MULTIHULL_PEERS/debian, by Debian's words for them: ARCH/ and ARCH.tar, a root file system (a shell, coreutils, Perl,
# Python, some hundred dynamic files) that is unpacked and not configured, but noted in dpkg's database, with users and groups; and ARCH.programs/, programs that are not in it.
# Runs nothing of them, needs no emulator, and leaves the machine's own apt alone. What is needed is listed here, dependencies too: apt's resolver takes longer than all the rest.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")"); . "$here/env.sh"
arches="amd64 arm64 armhf armel i386 riscv64 ppc64el s390x"
# The first brings the links that others unpack through.
packages="base-files base-passwd bash busybox-static coreutils dash e2fsprogs gcc-14-base libacl1 libattr1 libaudit1 libblkid1 libc-bin libc6 libcap-ng0 libcap2 libcom-err2 libcrypt1
libexpat1 libext2fs2t64 libgcc-s1 libgdbm6t64 libgmp10 liblastlog2-2 libmount1 libpam0g libpcre2-8-0 libpipeline1 libpython3.13-minimal libseccomp2 libselinux1 libsframe1
libsframe1-dbg libsmartcols1 libss2 libssl3t64 libstdc++6 libsystemd0 libtinfo6 libudev1 libuuid1 libzstd1 man-db musl perl-base python3-minimal python3.13-minimal util-linux zlib1g"
# bc needs a library that the roots have not; go-md2man is static, of Go, and content without arguments and input.
programs="hello bc go-md2man"

out=$MULTIHULL_PEERS/debian
pin=$(sha256sum "$0" | cut -c1-16)
[ "$(cat "$out/pin" 2>/dev/null)" = "$pin" ] && exit 0
mirror=$(apt-get indextargets --format '$(REPO_URI) $(SUITE)' 'Created-By: Packages' | awk '$2 !~ /security|updates|backports/ && /debian/ { print $1; exit }')
: "${mirror:?apt knows no Debian mirror}"
mkdir -p "$out"
tmp=$(mktemp -d -p "$out")
trap 'rm -rf "$tmp"' EXIT

download() { /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User=root download-file "$@"; } # URL FILE [SHA256:HASH [URL FILE SHA256:HASH]...]

root() { # ARCH
  local at=$tmp/$1 to=$tmp/$1/root index=main/binary-$1/Packages.xz package path hash wanted=()
  mkdir -p "$at"/{debs,info,programs} "$to"
  hash=$(awk -v index_="$index" '/^SHA256:/ { on = 1 } on && $3 == index_ { print $1; exit }' "$tmp/Release")
  download "${mirror%/}/dists/trixie/$index" "$at/Packages.xz" "SHA256:$hash"
  xz -dc "$at/Packages.xz" | awk -v RS= -v ORS='\n\n' -F'\n' -v names="$(echo $packages $programs)" \
    'BEGIN { for (n = split(names, name, " "); n > 0; n--) want["Package: " name[n]] = 1 } $1 in want { print; delete want[$1] }' >"$at/found"
  while read -r package path hash; do wanted+=("${mirror%/}/$path" "$at/debs/$package.deb" "SHA256:$hash"); done \
    < <(awk '/^Package:/ { name = $2 } /^Filename:/ { path = $2 } /^SHA256:/ { hash = $2 } /^$/ { print name, path, hash }' "$at/found")
  download "${wanted[@]}"
  for package in $packages; do
    dpkg-deb --fsys-tarfile "$at/debs/$package.deb" | tar -xv -C "$to" --keep-directory-symlink \
      --exclude=./usr/share/{doc,man,info,locale,lintian,bash-completion,perl5} --exclude='*/gconv/IBM*' | sed 's,^\.,,; s,/$,,; s,^$,/.,' >"$at/info/$package.list"
  done
  for package in $programs; do dpkg-deb --fsys-tarfile "$at/debs/$package.deb" | tar -x -C "$at/programs" --strip-components=3 "./usr/bin/$package"; done
  mkdir -p "$to/var/lib/dpkg"
  mv "$at/info" "$to/var/lib/dpkg/"
  awk -v RS= -v ORS='\n\n' '!/^Package: ('"${programs// /|}"')\n/' "$at/found" |
    sed '/^Package:/a Status: install ok installed
      /^\(Filename\|Size\|MD5sum\|SHA256\|Description-md5\|Tag\|Section-md5\):/d' >"$to/var/lib/dpkg/status"
  for file in passwd group; do cp "$to/usr/share/base-passwd/$file.master" "$to/etc/$file"; done
  tar -C "$to" --sort=name --numeric-owner --mtime=@1577934245 -cf "$at/tar" .
  rm -rf "${out:?}/$1" "$out/$1.programs"
  mv "$to" "$out/$1"; mv "$at/programs" "$out/$1.programs"; mv "$at/tar" "$out/$1.tar"
}

download "${mirror%/}/dists/trixie/InRelease" "$tmp/InRelease"
gpgv -q --keyring /usr/share/keyrings/debian-archive-keyring.gpg -o "$tmp/Release" "$tmp/InRelease" 2>"$tmp/gpgv.log" || { cat "$tmp/gpgv.log" >&2; exit 1; }
jobs=()
for arch in $arches; do root "$arch" & jobs+=($!); done
for job in "${jobs[@]}"; do wait "$job"; done
echo "$pin" >"$out/pin"
