#!/usr/bin/env bash
# Makes a folder with another Debian release, installs packages there, and prints the folder. What is there already is
# kept, so that a second call takes no time. Usage: scripts/sites/debian-root.sh SUITE [PACKAGE...], for example
# debian-root.sh trixie munge
#
# Needs root. Packages come from the mirror that apt is configured with here, through the same proxy. Run programs of
# the folder with in-root.sh. MUSTER_CACHE is the cache folder (default: ~/.cache/muster); the folder is roots/SUITE in
# it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() {
  printf 'debian-root: FAILED: %s\n' "$*" >&2
  exit 1
}

(($#)) || die "usage: debian-root.sh SUITE [PACKAGE...]"
suite=$1
shift
[[ $suite =~ ^[a-z]+$ ]] || die "a suite is a word such as trixie, not '$suite'"
((EUID == 0)) || die "a folder with another Debian release can only be made by root: run this as root, or use the system's own packages"
command -v apt-get >/dev/null || die "there is no apt-get here, which knows the mirror and installs debootstrap"

root=${MUSTER_CACHE:-$HOME/.cache/muster}/roots/$suite
mkdir -p "${root%/*}"
exec 9>"$root.lock"
flock -w 900 9 || die "another call has been working on $root for 15 minutes"

proxy=
eval "$(apt-config shell proxy Acquire::http::Proxy)"

# The place from which apt here takes Debian's own packages.
mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1
}

make() {
  local from
  if ! command -v debootstrap >/dev/null; then
    bash "$here/apt.sh" update -qq && bash "$here/apt.sh" install -qq -y --no-install-recommends debootstrap ||
      die "could not install debootstrap"
  fi
  from=$(mirror)
  if [[ -z $from ]]; then
    bash "$here/apt.sh" update -qq || die "apt-get update failed, so the mirror of Debian's packages is not known"
    from=$(mirror)
  fi
  [[ -n $from ]] || die "apt here has no source of Debian's packages (see apt-get indextargets)"
  rm -rf --one-file-system "$root.new"
  printf 'debian-root: making %s from %s ...\n' "$root" "$from" >&2
  # In a name space of its own: whatever it mounts is gone with it.
  http_proxy=${proxy:-${http_proxy:-}} unshare -m debootstrap --variant=minbase "$suite" "$root.new" "$from" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    die "debootstrap $suite; see $root.log"
  }
  [[ -z $proxy ]] || printf 'Acquire::http::Proxy "%s";\n' "$proxy" >"$root.new/etc/apt/apt.conf.d/90proxy"
  # The lists of a release that goes on are valid for a week only, and a mirror may be older. Signatures are checked all
  # the same.
  [[ $suite != sid ]] || echo 'Acquire::Check-Valid-Until "false";' >"$root.new/etc/apt/apt.conf.d/91valid"
  # No package starts a service when it is installed.
  printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
  chmod 755 "$root.new/usr/sbin/policy-rc.d"
  mv "$root.new" "$root"
}

[[ -d $root ]] || make >&2

missing=()
for package in "$@"; do
  [[ $(chroot "$root" dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] || missing+=("$package")
done
if ((${#missing[@]})); then
  printf 'debian-root: installing %s in %s ...\n' "${missing[*]}" "$root" >&2
  {
    bash "$here/in-root.sh" "$root" apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive bash "$here/in-root.sh" "$root" \
        apt-get install -qq -y --no-install-recommends "${missing[@]}"
  } >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    die "could not install ${missing[*]}; see $root.log"
  }
fi
printf '%s\n' "$root"
