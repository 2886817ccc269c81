#!/usr/bin/env bash
# Ends what gridengine-up.sh started: all jobs, then the daemons. Usage: scripts/sites/gridengine-down.sh [--wipe]
#
#   --wipe  removes the folder with its logs and state, too
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/gridengine-lib.sh" "$@"

[[ -d $site ]] || exit 0
((EUID == 0)) || as_root "$here/gridengine-down.sh"

# Jobs are ended while the daemons can still do it.
end_jobs() {
  local try
  running "$site/run/qmaster.pid" sge_qmaster >/dev/null || return 0
  [[ -n $(timeout 20 qstat -u '*') ]] || return 0
  timeout 20 qdel -u '*' >/dev/null || return 0
  for ((try = 0; try < 60; try++)); do
    [[ -n $(timeout 20 qstat -u '*') ]] || return 0
    sleep 0.2
  done
}

# end PROGRAM PIDFILE...: ends daemons and waits until they are gone. SIGTERM is an orderly end for both.
end() {
  local program=$1 file pid try
  shift
  for file in "$@"; do
    if pid=$(running "$file" "$program"); then
      kill "$pid" 2>/dev/null || true
      kill -CONT "$pid" 2>/dev/null || true
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
for host in "${hosts[@]}"; do
  files+=("$site/run/execd-$host.pid")
done
end sge_execd "${files[@]}"
end sge_qmaster "$site/run/qmaster.pid"
[[ -z $wipe ]] || rm -rf --one-file-system "$site"
