#!/usr/bin/env bash
# Runs apt-get, and waits up to 15 minutes for another one. Where it is told to, apt-get itself waits for the lock of
# dpkg (DPkg::Lock::Timeout); if another holds the lock of the lists, the archives or the caches, it fails at once.
# Usage: scripts/sites/apt.sh ARGUMENT... APT_PATIENCE is the time to wait in seconds.
set -euo pipefail

patience=${APT_PATIENCE:-900}
told=
while true; do
  code=0
  said=$(LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout="$patience" "$@" 2>&1) || code=$?
  if ((code == 0 || SECONDS >= patience)) || [[ $said != *"Could not get lock"* ]]; then
    break
  fi
  [[ $told ]] || printf 'apt: waiting for another apt-get: %s\n' "$said" >&2
  told=yes
  sleep 1
done
[[ -z $said ]] || printf '%s\n' "$said" >&2
exit "$code"
