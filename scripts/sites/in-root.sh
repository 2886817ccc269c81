#!/usr/bin/env bash
# Runs a program of a folder made by debian-root.sh, with this system's files beside it: all of / but for the folders of
# the operating system itself. Usage: scripts/sites/in-root.sh ROOT COMMAND [ARGUMENT...]
#
# The mounts are in a name space of their own and end with the last process that uses them; nothing is left to be
# unmounted.
set -euo pipefail

# The second step, within the name space.
if [[ ${1:-} == --mounted ]]; then
  root=$2
  mount --bind "$root" "$root"
  shift 2
  for place in /*; do
    case $place in
      /bin | /sbin | /lib* | /usr | /etc | /var | /boot | /lost+found) continue ;;
    esac
    [[ -d $place && ! -L $place ]] || continue
    [[ -d $root$place ]] || mkdir -p "$root$place"
    mount --rbind "$place" "$root$place"
  done
  for file in /etc/hosts /etc/resolv.conf /etc/hostname; do
    [[ -e $file ]] || continue
    [[ -e $root$file ]] || : >"$root$file"
    mount --bind "$file" "$root$file"
  done
  # The PATH of this system says nothing about programs there. A folder that is not there becomes /.
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  folder=$PWD
  mkdir -p "$root/.outside"
  cd "$root"
  pivot_root . .outside # and not chroot, in which programs that mount things do not work
  cd /
  umount -l /.outside
  [[ -d $folder ]] || folder=/
  exec /usr/bin/env -C "$folder" "$@"
fi

(($# > 1)) || {
  printf 'in-root: usage: in-root.sh ROOT COMMAND [ARGUMENT...]\n' >&2
  exit 2
}
[[ -d $1/usr ]] || {
  printf 'in-root: %s is no root folder; make one with debian-root.sh\n' "$1" >&2
  exit 2
}
exec unshare -m --propagation private bash "${BASH_SOURCE[0]}" --mounted "$@"
