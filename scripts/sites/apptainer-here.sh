#!/usr/bin/env bash
# Makes FOLDER/apptainer, which runs Apptainer with its cache in FOLDER, and FOLDER/busybox.tar, an image for it: the
# apptainer of this machine, or else that of Debian's newest packages in a folder made by debian-root.sh, which needs
# root. Usage: apptainer-here.sh FOLDER
#
# apptainer-here.sh --down FOLDER does nothing: Apptainer has no daemon.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[[ ${1:-} != --down ]] || exit 0
[[ $# -eq 1 ]] || {
  echo "usage: $0 FOLDER" >&2
  exit 2
}
folder=$(mkdir -p "$1" && cd "$1" && pwd)
sh "$here/../../examples/workflows/busybox-image.sh" "$folder/busybox.tar"

if real=$(command -v apptainer); then
  command=("$real")
else
  root=$(bash "$here/debian-root.sh" sid apptainer)
  # It would ask for capabilities that root does not have in a container.
  sed -i 's/^root default capabilities = .*/root default capabilities = no/' "$root/etc/apptainer/apptainer.conf"
  # The PATH of this system is not that of the folder.
  command=(bash "$here/in-root.sh" "$root" env "APPTAINER_CACHEDIR=$folder/cache" apptainer)
fi
{
  echo '#!/bin/sh'
  printf 'APPTAINER_CACHEDIR=%q exec' "$folder/cache"
  printf ' %q' "${command[@]}"
  echo ' "$@"'
} >"$folder/apptainer"
chmod 755 "$folder/apptainer"
"$folder/apptainer" --quiet exec "docker-archive:$folder/busybox.tar" true || {
  echo "$0: apptainer cannot run containers here" >&2
  exit 1
}
