#!/bin/bash
# apt-from.sh SUITE DIR PACKAGE[:ARCH]... : unpacks packages of a Debian suite into DIR. Installs nothing, and leaves the machine's own apt lists alone.
set -euo pipefail
suite=$1 dir=$2; shift 2
mirror=$(apt-get indextargets --format '$(REPO_URI) $(SUITE)' 'Created-By: Packages' | awk '$2 !~ /security|updates|backports/ && /debian/ { print $1; exit }')
arches=$(printf '%s\n' "$@" | sed -n 's/.*://p' | sort -u)
state=$dir/.apt-$suite
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs"
touch "$state/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:?apt knows no Debian mirror} $suite main" >"$state/sources.list"
{
  echo "Dir::State \"$state\"; Dir::State::status \"$state/status\"; Dir::State::lists \"$state/lists\"; Dir::Cache \"$state/cache\";"
  echo "Dir::Etc::SourceList \"$state/sources.list\"; Dir::Etc::SourceParts \"-\";"
  echo 'APT::Sandbox::User "root"; Acquire::Languages "none"; Acquire::Check-Valid-Until "false";'
  [ -z "$arches" ] || echo "APT::Architectures { $(dpkg --print-architecture | sed 's/.*/"&";/') $(printf '"%s"; ' $arches) };"
} >"$state/apt.conf"
export APT_CONFIG=$state/apt.conf
apt-get update -qq
cd "$state/debs"
apt-get download -qq "$@"
for deb in *.deb; do
  case $deb in *_"$(dpkg --print-architecture)".deb | *_all.deb) to=$dir ;; *) a=${deb##*_}; to=$dir/${a%.deb} ;; esac
  [ -z "$arches" ] || { a=${deb##*_}; to=$dir/${a%.deb}; }
  mkdir -p "$to" && dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$to"
done
rm -rf "$state"
