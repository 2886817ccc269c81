#!/usr/bin/env bash
# Runs a command that sees nothing of this machine but the operating system and one folder, as on a machine of its own:
# all other folders of / (home folders, /tmp, ...) and /var/tmp are others there, which start empty and stay below a
# given folder. Usage: scripts/sites/apart.sh PLACE FOLDER COMMAND [ARGUMENT...]; needs root
#
#   PLACE   the folder for what the command and its children write into those other folders
#   FOLDER  a folder that is seen under its own name, with all that is in it
#
# The mounts are in a name space of their own and end with the last process that uses them.
set -euo pipefail

(($# > 2)) || {
  printf 'apart: usage: apart.sh PLACE FOLDER COMMAND [ARGUMENT...]\n' >&2
  exit 2
}
# The second step, within the name space.
if [[ $1 == --mounted ]]; then
  place=$2
  folder=$3
  shift 3
  # What is open can still be mounted when its name is covered.
  exec 7<"$place" 8<"$folder"
  cover() {
    local mode
    mode=$(stat -c %a "$1")
    mkdir -p "/proc/self/fd/7$1"
    chmod "$mode" "/proc/self/fd/7$1"
    mount --no-canonicalize --bind "/proc/self/fd/7$1" "$1"
  }
  for covered in /* /var/tmp; do
    case $covered in
      /bin | /sbin | /lib* | /usr | /etc | /var | /boot | /dev | /proc | /sys | /run | /lost+found) continue ;;
    esac
    [[ -d $covered && ! -L $covered ]] || continue
    cover "$covered"
  done
  mkdir -p "$folder"
  mount --no-canonicalize --bind /proc/self/fd/8 "$folder"
  exec 7<&- 8<&-
  cd /
  exec "$@"
fi
place=$(mkdir -p "$1" && readlink -f "$1")
folder=$(readlink -f "$2")
shift 2
# What in-root.sh runs is in a name space of its own already, and its / is no mount.
own=(unshare -m --propagation private)
mountpoint -q / || own=()
exec "${own[@]}" bash "${BASH_SOURCE[0]}" --mounted "$place" "$folder" "$@"
