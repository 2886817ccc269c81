#!/usr/bin/env bash
# Makes FOLDER/podman, which runs podman with all its storage in FOLDER, in a way that works on this machine, also in a
# container or without systemd. FOLDER/busybox.tar is an image for it. Usage: podman-here.sh FOLDER
#
# podman-here.sh --down FOLDER does nothing: podman has no daemon.
set -euo pipefail

[[ ${1:-} != --down ]] || exit 0
[[ $# -eq 1 ]] || {
  echo "usage: $0 FOLDER" >&2
  exit 2
}
folder=$(mkdir -p "$1" && cd "$1" && pwd)
real=$(command -v podman) || {
  echo "$0: podman was not found; on Debian: apt-get install podman runc" >&2
  exit 1
}
sh "$(dirname "${BASH_SOURCE[0]}")/../../examples/workflows/busybox-image.sh" "$folder/busybox.tar"

# Not every OCI runtime can work with every layout of control groups: the first that runs something is taken.
said=""
for options in "" "--runtime runc" "--runtime crun"; do
  cat >"$folder/podman" <<END
#!/bin/sh
exec $real --root '$folder/storage' --runroot '$folder/run' --tmpdir '$folder/tmp' --storage-driver vfs \\
  --cgroup-manager cgroupfs --events-backend none $options "\$@"
END
  chmod 755 "$folder/podman"
  if answer=$("$folder/podman" load --quiet --input "$folder/busybox.tar" 2>&1) &&
    answer=$("$folder/podman" run --rm --network host localhost/muster-busybox:1 true 2>&1); then
    exit 0
  fi
  said+="podman $options: $answer"$'\n'
done
printf '%s: podman cannot run containers here:\n%s' "$0" "$said" >&2
exit 1
