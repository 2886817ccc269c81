#!/usr/bin/env bash
# Starts a Docker daemon that keeps everything in FOLDER, and makes FOLDER/docker, which talks to it, and
# FOLDER/busybox.tar, an image for it. It is the docker of this machine if there is one with its daemon, else Debian's,
# unpacked into FOLDER and not installed. Needs root. Usage: docker-here.sh FOLDER; docker-here.sh --down FOLDER ends
# the daemon
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

down=
if [[ ${1:-} == --down ]]; then
  down=yes
  shift
fi
[[ $# -eq 1 ]] || {
  echo "usage: $0 [--down] FOLDER" >&2
  exit 2
}
folder=$(mkdir -p "$1" && cd "$1" && pwd)

# Prints the id of the daemon, if it runs.
daemon() {
  local id
  id=$(cat "$folder/docker.pid" 2>/dev/null) && tr '\0' ' ' 2>/dev/null <"/proc/$id/cmdline" | grep -qF -- "--data-root $folder/data" && echo "$id"
}

if [[ -n $down ]]; then
  id=$(daemon) || exit 0
  kill "$id"
  for ((i = 0; i < 150; i++)); do
    if ! daemon >/dev/null; then
      umount "$folder/exec/netns/default" 2>/dev/null || true # the daemon leaves it mounted
      exit 0
    fi
    sleep 0.2
  done
  echo "$0: the daemon $id has not ended within 30 s" >&2
  exit 1
fi

((EUID == 0)) || {
  echo "$0: a Docker daemon of our own needs root" >&2
  exit 1
}
path=$PATH
if ! command -v dockerd >/dev/null || ! command -v containerd >/dev/null; then
  mkdir -p "$folder/packages"
  (
    cd "$folder/packages"
    { apt-get download docker.io containerd || { bash "$here/apt.sh" update -qq && apt-get download docker.io containerd; }; } >"$folder/apt.log" 2>&1
    for package in *.deb; do
      dpkg -x "$package" "$folder/debian"
    done
    rm -- *.deb
  ) || {
    tail "$folder/apt.log" >&2
    echo "$0: Debian's packages docker.io and containerd could not be had" >&2
    exit 1
  }
  path=$folder/debian/usr/bin:$folder/debian/usr/sbin:$PATH
fi
sh "$here/../../examples/workflows/busybox-image.sh" "$folder/busybox.tar"

if ! daemon >/dev/null; then
  # Without a bridge and rules for the firewall: the containers use the network of the host.
  PATH=$path setsid dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/docker.pid" \
    --host "unix://$folder/docker.sock" --iptables=false --ip-masq=false --bridge=none --storage-driver=vfs \
    --exec-opt native.cgroupdriver=cgroupfs </dev/null >"$folder/docker.log" 2>&1 &
fi
printf '#!/bin/sh\nDOCKER_HOST=unix://%q exec %q "$@"\n' "$folder/docker.sock" "$(PATH=$path command -v docker)" >"$folder/docker"
chmod 755 "$folder/docker"
for ((i = 0; i < 150; i++)); do
  if said=$("$folder/docker" info 2>&1); then
    "$folder/docker" load --quiet --input "$folder/busybox.tar" >/dev/null
    "$folder/docker" run --rm --network host localhost/muster-busybox:1 true
    exit 0
  fi
  sleep 0.2
done
tail "$folder/docker.log" >&2
printf '%s: the daemon does not answer within 30 s: %s\n' "$0" "$said" >&2
exit 1
