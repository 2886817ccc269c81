#!/usr/bin/env bash
# Measures how long the muster command takes from start to exit, built. Usage: scripts/startup-time.sh [RUNS [ARGUMENT...]]
#
# RUNS is how often it is started (default: 10). Without arguments it runs the hello workflow.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
runs=${1:-10}
shift || true

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# milliseconds since some moment; date has nanoseconds on Linux only, EPOCHREALTIME needs bash 5
now() {
  if [[ -n ${EPOCHREALTIME:-} ]]; then
    local time=${EPOCHREALTIME/[.,]/}
    printf '%s\n' $((time / 1000))
  else
    perl -MTime::HiRes=time -e 'printf "%d\n", time * 1000'
  fi
}

once() {
  if (($#)); then
    "$root/muster" "$@"
  else
    "$root/muster" run "$root/examples/workflows/hello.yaml" --run-dir "$directory/run-$i"
  fi >"$directory/log" 2>&1 || {
    printf 'startup-time: it failed:\n' >&2
    cat "$directory/log" >&2
    exit 1
  }
}

"$root/muster" --version >/dev/null # builds it if that is needed

times=()
for ((i = 1; i <= runs; i++)); do
  start=$(now)
  once "$@"
  times+=($(($(now) - start)))
done

sorted=$(printf '%s\n' "${times[@]}" | sort -n)
printf 'runs %d  min %d ms  median %d ms  max %d ms\n' "$runs" \
  "$(head -n 1 <<<"$sorted")" "$(sed -n "$(((runs + 1) / 2))p" <<<"$sorted")" "$(tail -n 1 <<<"$sorted")"
