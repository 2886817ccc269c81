#!/usr/bin/env bash
# Stops the HTCondor pool of condor-up.sh and unmounts its folders. Idempotent. Usage: scripts/sites/condor-down.sh
# [--apart] [--wipe]
#
#   --apart        as given to condor-up.sh
#   --wipe         deletes the pool's folder too, with the queue and the work folder in it
#   --keep-mounts  stops processes only
#   MUSTER_CONDOR_HOME  the folder of the pool (default: muster-condor in TMPDIR or /tmp; with --apart, -apart behind
# it)
set -euo pipefail

folder=${MUSTER_CONDOR_HOME:-${TMPDIR:-/tmp}/muster-condor}
home=$folder
if [[ ${1:-} == --apart ]]; then
  home=$folder-apart
  shift
fi
root=$(readlink -m "$home/root")
pid_file=$root/run/condor/master.pid
option=${1:-}

say() { printf 'condor-down: %s\n' "$*" >&2; }

case $option in
  '' | --wipe | --keep-mounts) ;;
  *)
    say "unknown option $option; there are --apart, --wipe and --keep-mounts"
    exit 2
    ;;
esac
if ((EUID != 0)); then
  exec sudo -n env "MUSTER_CONDOR_HOME=$home" "$BASH" "${BASH_SOURCE[0]}" "$@"
fi

# Prints the processes that live in the pool's root, whatever they are called.
inhabitants() {
  { find /proc -mindepth 2 -maxdepth 2 -path '/proc/[0-9]*' -name root -lname "$root" 2>/dev/null || true; } | cut -d/ -f3
}

# await_empty SECONDS: waits until nothing lives there.
await_empty() {
  local end=$((SECONDS + $1))
  while [[ -n $(inhabitants) ]]; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# A graceful stop lets jobs go back to the queue, a fast one leaves them to their lease; then whatever is left.
stop() {
  local master pids
  if [[ -s $pid_file ]] && master=$(<"$pid_file") && [[ $(readlink "/proc/$master/root") == "$root" ]]; then
    kill -TERM "$master" 2>/dev/null && await_empty 15 && return 0
    kill -QUIT "$master" 2>/dev/null && await_empty 10 && return 0
  fi
  local signal
  for signal in TERM KILL; do
    mapfile -t pids < <(inhabitants)
    ((${#pids[@]})) || return 0
    kill "-$signal" "${pids[@]}" 2>/dev/null || :
    await_empty 3 && return 0
  done
  say "these processes do not end: $(inhabitants | tr '\n' ' ')"
  return 1
}

# Prints what is mounted below the root, the deepest first.
mounts() {
  awk -v root="$root/" 'index($5, root) == 1 {print $5}' /proc/self/mountinfo | sort -r
}

unmount() {
  local turn path
  for turn in 1 2 3; do
    [[ -n $(mounts) ]] || return 0
    while read -r path; do
      umount "$path" 2>/dev/null || { ((turn < 3)) || umount -l "$path"; } || :
    done < <(mounts)
  done
  [[ -z $(mounts) ]] || {
    say "still mounted, so nothing is deleted: $(mounts | tr '\n' ' ')"
    return 1
  }
}

stop
[[ $option != --keep-mounts ]] || exit 0
unmount
[[ $option != --wipe ]] || rm -rf --one-file-system "$home"
