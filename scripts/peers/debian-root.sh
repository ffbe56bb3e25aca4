#!/bin/bash
# debian-root.sh SUITE ARCH FOLDER PACKAGE... : packages of any Debian architecture with all that they depend on, unpacked into FOLDER and not configured, but noted in
# dpkg's database, with users and groups. Runs nothing of them, needs no emulator, and leaves the machine's own apt alone. About 3 s.
set -euo pipefail
suite=$1 arch=$2 to=$3; shift 3
mirror=$(apt-get indextargets --format '$(REPO_URI) $(SUITE)' 'Created-By: Packages' | awk '$2 !~ /security|updates|backports/ && /debian/ { print $1; exit }')
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state"/{lists,cache/archives}/partial "$to"
touch "$state/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:?apt knows no Debian mirror} $suite main" >"$state/sources.list"
cat >"$state/apt.conf" <<END
Dir::State "$state"; Dir::State::status "$state/status"; Dir::State::lists "$state/lists"; Dir::Cache "$state/cache";
Dir::Etc::SourceList "$state/sources.list"; Dir::Etc::SourceParts "-"; APT::Architecture "$arch"; APT::Architectures { "$arch"; };
APT::Sandbox::User "root"; Acquire::Languages "none"; Acquire::Check-Valid-Until "false";
END
export APT_CONFIG=$state/apt.conf
apt-get update -qq
apt-get install -qq --download-only --no-install-recommends base-files base-passwd "$@" >/dev/null
database=$to/var/lib/dpkg
for deb in "$state"/cache/archives/*.deb; do
  dpkg-deb -x "$deb" "$to"
  mkdir -p "$database/info"
  name=$(dpkg-deb -f "$deb" Package)
  dpkg-deb --fsys-tarfile "$deb" | tar -t | sed 's,^\.,,; s,/$,,; s,^$,/.,' >"$database/info/$name.list"
  { dpkg-deb -f "$deb" | sed '/^Package:/a Status: install ok installed'; echo; } >>"$database/status"
done
for file in passwd group; do cp "$to/usr/share/base-passwd/$file.master" "$to/etc/$file"; done
rm -rf "$to"/usr/share/{doc,man,info,locale,lintian,bash-completion,perl5}
