#!/usr/bin/env bash
# Ends what slurm-up.sh started: all jobs, then the daemons. Usage: scripts/sites/slurm-down.sh [--suite SUITE]
# [--apart] [--wipe]
#
#   --suite SUITE, --apart  as given to slurm-up.sh
#   --wipe         removes the folder with its logs and state, too
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/slurm-lib.sh" "$@"

[[ -d $site ]] || exit 0
[[ -O $site ]] || ((EUID == 0)) || die "$site belongs to another user"
if [[ -n $apart ]] && ((EUID != 0)); then
  as_root "$here/slurm-down.sh" "${arguments[@]}"
fi
[[ ! -d $site/bin ]] || PATH=$site/bin:$PATH
export SLURM_CONF=$site/slurm.conf

# Jobs are ended while the daemons can still do it.
end_jobs() {
  local try
  running "$site/run/slurmctld.pid" slurmctld >/dev/null || return 0
  local user
  for user in $(timeout 20 squeue -h -o %u | sort -u); do
    timeout 20 scancel --user "$user" || return 0
  done
  for ((try = 0; try < 50; try++)); do
    [[ -n $(timeout 20 squeue -h) ]] || return 0
    sleep 0.2
  done
}

# end PROGRAM PIDFILE...: ends daemons and waits until they are gone.
end() {
  local program=$1 file pid try
  shift
  for file in "$@"; do
    if pid=$(running "$file" "$program"); then
      kill "$pid" 2>/dev/null || true
    fi
  done
  for file in "$@"; do
    for ((try = 0; try < 80; try++)); do
      pid=$(running "$file" "$program") || break
      sleep 0.1
    done
    if pid=$(running "$file" "$program"); then
      kill -9 "$pid" 2>/dev/null || true
    fi
    rm -f "$file"
  done
}

end_jobs 2>/dev/null
files=()
for node in "${nodes[@]}"; do
  files+=("$site/run/slurmd-$node.pid")
done
end slurmd "${files[@]}"
end slurmctld "$site/run/slurmctld.pid"
end munged "$site/run/munged.pid"
[[ -z $wipe ]] || rm -rf --one-file-system "$site"
