#!/bin/bash
# buildkit-image.sh : makes moby/buildkit:buildx-stable-1 of this machine's own buildkitd, runc and git, for Buildx's docker-container driver,
# and pushes it to the local registry, which the daemons of start.sh have for a mirror (start.sh registry buildkitd first, and busybox of bases.sh).
# Made anew when what is in it has changed.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")"); . "$here/env.sh"
name=$MULTIHULL_PEERS_REGISTRY/moby/buildkit:buildx-stable-1
arch=$(dpkg --print-architecture)
git=$(command -v git) core=$(git --exec-path) runc=$MULTIHULL_PEERS/docker/usr/sbin/runc

key=$(cat "$0" "$MULTIHULL_PEERS/bin/buildkitd" "$MULTIHULL_PEERS/bin/buildctl" "$runc" "$git" | sha256sum | cut -c1-32)
crane config --insecure "$name" 2>/dev/null | grep -q "$key" && exit 0

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{usr/bin,tmp}
tar -C "$root" -xf "$MULTIHULL_PEERS/bases/run-$arch.tar"
tar -C "$root" -xf "$MULTIHULL_PEERS/bases/outside.tar" ./etc/ssl 2>/dev/null || tar -C "$root" -xf "$MULTIHULL_PEERS/bases/outside.tar" etc/ssl
cp "$MULTIHULL_PEERS"/bin/{buildkitd,buildctl} "$root/usr/bin/"
cp "$runc" "$root/usr/bin/buildkit-runc"
cp "$git" "$root/usr/bin/git"
mkdir -p "$root/$core"
for part in "$core"/git{,-submodule,-sh-setup,-sh-i18n,-remote-http,-remote-https}; do cp -a "$part" "$root/$core/"; done
[ ! -L "$root/$core/git" ] || ln -sf /usr/bin/git "$root/$core/git"
ldd "$runc" "$git" "$core/git-remote-http" | grep -o '/[^ ]*\.so[^ ]*' | sort -u | while read -r library; do
  mkdir -p "$root/$(dirname "$library")" && cp -L "$library" "$root/$library"
done
cat >"$root/Dockerfile" <<D
FROM scratch
COPY --exclude=Dockerfile . /
ENV PATH=/usr/bin:/usr/sbin
LABEL multihull.key=$key
VOLUME /var/lib/buildkit
ENTRYPOINT ["buildkitd"]
D
buildctl --addr "unix://$MULTIHULL_PEERS_RUN/buildkitd.sock" build --progress=plain --frontend dockerfile.v0 --local context="$root" --local dockerfile="$root" \
  --output "type=image,name=$name,push=true,oci-mediatypes=true" 2>"$MULTIHULL_PEERS/bases.log" || { tail -5 "$MULTIHULL_PEERS/bases.log" >&2; exit 1; }
