#!/bin/sh
# Makes a container image with nothing but busybox in it, as 'docker save' writes images. Usage: busybox-image.sh
# FILE.tar [TITLE]
#
# TITLE is what its /etc/os-release calls it.
# It needs busybox (Debian: busybox-static) and no registry.
set -eu

[ $# -eq 1 ] || [ $# -eq 2 ] || {
  echo "usage: $0 FILE.tar [TITLE]" >&2
  exit 2
}
busybox=$(command -v busybox) || {
  echo "$0: busybox was not found; on Debian: apt-get install busybox-static" >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root/bin" "$work/root/tmp" "$work/root/etc" "$work/image"
chmod 1777 "$work/root/tmp"
cp "$busybox" "$work/root/bin/busybox"
for name in $("$busybox" --list); do
  [ "$name" = busybox ] || ln -s busybox "$work/root/bin/$name"
done
printf 'NAME="%s"\n' "${2:-Muster example image}" >"$work/root/etc/os-release"

tar -C "$work/root" --owner=0 --group=0 --mtime=@0 --sort=name -cf "$work/image/layer.tar" .
layer=$(sha256sum "$work/image/layer.tar" | cut -d' ' -f1)
case $(uname -m) in
aarch64) machine=arm64 ;;
x86_64) machine=amd64 ;;
*) machine=$(uname -m) ;;
esac
cat >"$work/image/config.json" <<END
{"architecture": "$machine", "os": "linux", "created": "1970-01-01T00:00:00Z",
 "config": {"Env": ["PATH=/bin", "IMAGE=busybox"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$layer"]}}
END
cat >"$work/image/manifest.json" <<END
[{"Config": "config.json", "RepoTags": ["localhost/muster-busybox:1"], "Layers": ["layer.tar"]}]
END
tar -C "$work/image" -cf "$1" manifest.json config.json layer.tar
