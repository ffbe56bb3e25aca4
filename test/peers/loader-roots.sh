#!/bin/bash
# loader-roots.sh DIR ARCH... : for each of Debian's architectures the root file system DIR/ARCH of some packages, unpacked and not configured, with /etc/ld.so.cache made by its own
# ldconfig (under emulation where need be), and the same as DIR/ARCH.tar.
# The emulator stays in its /tmp. What is there already stays. Nothing of the machine's apt or dpkg is touched.
set -euo pipefail
dir=$(readlink -m "$1"); shift
mirror=$(apt-get indextargets --format '$(REPO_URI) $(SUITE)' 'Created-By: Packages' | awk '$2 !~ /security|updates|backports/ && /debian/ { print $1; exit }')
packages="libc-bin coreutils util-linux mount e2fsprogs procps passwd curl openssl perl-base systemd bind9-dnsutils xz-utils tar musl sed grep gawk"
declare -A qemu=([amd64]= [arm64]=aarch64 [armhf]=arm [i386]=i386 [riscv64]=riscv64 [s390x]=s390x [ppc64el]=ppc64le)

root() { # ARCH
  local arch=$1 state to=$dir/.$1.part
  state=$(mktemp -d)
  mkdir -p "$state"/lists/partial "$state"/cache/archives/partial
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:?apt knows no Debian mirror} trixie main" >"$state/sources.list"
  : >"$state/status"
  cat >"$state/apt.conf" <<C
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
C
  export APT_CONFIG=$state/apt.conf
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -qq -y --download-only $packages >/dev/null
  rm -rf "$to"
  mkdir -p "$to"/usr/{bin,sbin,lib,lib64} "$to"/tmp
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$to/$link"; done
  for deb in "$state"/cache/archives/*.deb; do dpkg --fsys-tarfile "$deb" | tar -x -C "$to" --keep-directory-symlink --exclude='./usr/share/*' --no-same-owner; done
  rm -rf "$state"
  if [ -n "${qemu[$arch]}" ]; then
    cp "/usr/bin/qemu-${qemu[$arch]}-static" "$to/tmp/qemu"
    chroot "$to" /tmp/qemu /usr/sbin/ldconfig
  else
    chroot "$to" /usr/sbin/ldconfig
  fi
  tar -C "$to" --sort=name --owner=0 --group=0 --numeric-owner --exclude=./tmp/qemu -cf "$dir/$arch.tar.part" .
  rm -rf "${dir:?}/$arch"
  mv "$to" "$dir/$arch"
  mv "$dir/$arch.tar.part" "$dir/$arch.tar"
}

mkdir -p "$dir"
for arch in "$@"; do [ -e "$dir/$arch.tar" ] || (root "$arch"); done
