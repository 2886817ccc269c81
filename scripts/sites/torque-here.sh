#!/usr/bin/env bash
# Makes FOLDER/bin with Torque's commands for Slurm (qsub, qstat, qdel), of Debian's package slurm-wlm-torque, and
# prints it. Nothing is installed on this machine: the package cannot be there beside Grid Engine, whose commands have
# the same names. Usage: scripts/sites/torque-here.sh FOLDER
#
# Works as any user. The packages are kept in the cache, MUSTER_CACHE (default: ~/.cache/muster).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() {
  printf 'torque-here: FAILED: %s\n' "$*" >&2
  exit 1
}

(($# == 1)) || die "usage: torque-here.sh FOLDER"
mkdir -p "$1"
folder=$(cd "$1" && pwd)
sbatch=$(command -v sbatch) || die "there is no sbatch on the PATH: bring up a Slurm with slurm-up.sh first"
version=$(apt-cache policy slurm-wlm-torque 2>/dev/null | awk '$1 == "Candidate:" { print $2 }')
if [[ -z $version || $version == "(none)" ]]; then
  command -v apt-get >/dev/null || die "there is no apt-get here"
  bash "$here/apt.sh" update -qq || die "apt-get update failed, so the version of slurm-wlm-torque is not known"
  version=$(apt-cache policy slurm-wlm-torque | awk '$1 == "Candidate:" { print $2 }')
fi
cache=${MUSTER_CACHE:-$HOME/.cache/muster}/torque-$version
mkdir -p "${cache%/*}"
exec 9>"$cache.lock"
flock -w 300 9 || die "another call has been working on $cache for 5 minutes"

if [[ ! -d $cache ]]; then
  rm -rf --one-file-system "$cache.new"
  mkdir -p "$cache.new/packages"
  chmod 755 "$cache.new" "$cache.new/packages"
  (
    cd "$cache.new/packages"
    apt-get -qq download slurm-wlm-torque libslurm-perl libslurmdb-perl libslurm38 libswitch-perl
  ) >"$cache.log" 2>&1 || {
    tail -n 20 "$cache.log" >&2
    die "the packages cannot be had; see $cache.log"
  }
  for package in "$cache.new/packages"/*.deb; do
    dpkg-deb -x "$package" "$cache.new"
  done
  rm -r "$cache.new/packages"
  mv "$cache.new" "$cache"
fi

# The commands look for sbatch beside themselves.
mkdir -p "$folder/bin" "$folder/perl"
ln -sfn "$sbatch" "$folder/perl/sbatch"
modules=$(dirname "$(find "$cache/usr/lib" -name Slurm.pm -print -quit)")
libraries=$(dirname "$(find "$cache/usr/lib" -name 'libslurm.so.*' -print -quit)")
for command in qsub qstat qdel; do
  cp "$cache/usr/bin/$command" "$folder/perl/$command"
  {
    printf '#!/bin/sh\n'
    printf 'PERL5LIB=%q LD_LIBRARY_PATH=%q exec perl %q "$@"\n' \
      "$cache/usr/share/perl5:$modules" "$libraries" "$folder/perl/$command"
  } >"$folder/bin/$command.new"
  chmod 755 "$folder/bin/$command.new"
  mv "$folder/bin/$command.new" "$folder/bin/$command"
done
printf '%s\n' "$folder/bin"
