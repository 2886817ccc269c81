#!/usr/bin/env bash
# Measures how long the muster command takes from start to exit, built: wall and processor time (its own and that of
# what it started). Usage: scripts/startup-time.sh [RUNS [ARGUMENT...]]
#
# RUNS is how often each is started, in turn (default: 10). With arguments it starts muster with them; without, it
# compares Java alone, 'muster --version', 'muster validate' and 'muster run' of one shell command.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
runs=${1:-10}
shift || true

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cat >"$directory/one.yaml" <<'EOF'
name: one
analysis:
  stages:
    - {id: One, op: shell, params: {command: "true"}}
EOF

# once NAME COMMAND...: times one start; a line of wall, user and system seconds goes to the file NAME
once() {
  local name=$1 TIMEFORMAT='%R %U %S'
  shift
  { time "$@" >"$directory/log" 2>&1; } 2>>"$directory/$name" || {
    printf 'startup-time: it failed: %s\n' "$*" >&2
    cat "$directory/log" >&2
    exit 1
  }
}

# middle: the least, the median and the most of the numbers on standard input, in milliseconds
middle() {
  sort -n | awk '{ v[NR] = $1 * 1000 } END { printf "%5d %7d %5d", v[1], v[int((NR + 1) / 2)], v[NR] }'
}

report() { # NAME TITLE
  printf '%-28s %s   %s\n' "$2" "$(awk '{ print $1 }' "$directory/$1" | middle)" \
    "$(awk '{ print $2 + $3 }' "$directory/$1" | middle)"
}

"$root/muster" --version >/dev/null # builds it if that is needed
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

for ((i = 1; i <= runs; i++)); do
  if (($#)); then
    once given "$root/muster" "$@"
  else
    once java "$java" -version
    once version "$root/muster" --version
    once validate "$root/muster" validate "$directory/one.yaml"
    once run "$root/muster" run "$directory/one.yaml" --run-dir "$directory/run-$i"
  fi
done

printf '%d starts, in ms              wall: least, median, most   processor: the same\n' "$runs"
if (($#)); then
  report given "muster $1"
else
  report java 'java -version'
  report version 'muster --version'
  report validate 'muster validate'
  report run 'muster run, one command'
fi
