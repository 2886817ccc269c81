#!/usr/bin/env bash
# Runs a command as the user who owns the jobs of the HTCondor pool, in a folder that the pool sees too.
# Usage: scripts/sites/as-condor-user.sh COMMAND... (with the variables of condor-up.sh)
#
# The folder is the current one where it lies in MUSTER_CONDOR_WORK, else MUSTER_CONDOR_WORK. The command sees only files that
# the user can read: copy jars there first.
set -euo pipefail

if (($# == 0)); then
  printf 'usage: as-condor-user.sh COMMAND...\n' >&2
  exit 2
fi
: "${MUSTER_CONDOR_USER:?is not set; run eval \"\$(scripts/sites/condor-up.sh)\" first}"
: "${MUSTER_CONDOR_WORK:?is not set; run eval \"\$(scripts/sites/condor-up.sh)\" first}"

[[ $PWD/ == "$MUSTER_CONDOR_WORK"/* ]] || cd "$MUSTER_CONDOR_WORK"
if [[ $(id -un) == "$MUSTER_CONDOR_USER" ]]; then
  exec "$@"
fi
home=$(getent passwd "$MUSTER_CONDOR_USER" | cut -d: -f6)
exec setpriv --reuid="$MUSTER_CONDOR_USER" --regid="$(id -g "$MUSTER_CONDOR_USER")" --init-groups \
  env HOME="$home" USER="$MUSTER_CONDOR_USER" LOGNAME="$MUSTER_CONDOR_USER" "$@"
