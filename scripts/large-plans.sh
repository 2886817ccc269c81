#!/usr/bin/env bash
# Plans large workflows with little memory: a chain of 100,000 stages and 1,500 stages each of which reads all before
# it in 256 MB, and 600,000 short stages (16 MB of YAML) in 1 GB. Prints how much text the plan is, and how long the
# whole command took. Usage: scripts/large-plans.sh
#
# Fails if one does not fit. Needs about 400 MB in the temporary folder.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk 'BEGIN {
  print "name: chain\nanalysis:\n  stages:"
  for (i = 0; i < 100000; i++)
    printf "    - {id: S%d, op: shell, params: {command: [\"true\"]}%s}\n", i, i ? ", needs: [S" (i - 1) "]" : ""
}' >"$work/chain.yaml"
awk 'BEGIN {
  print "name: all\nanalysis:\n  stages:"
  for (i = 0; i < 1500; i++) {
    printf "    - {id: S%d, op: shell, params: {command: [\"true\"]}%s}\n", i, i ? ", needs: [" before "]" : ""
    before = before (i ? ", " : "") "S" i
  }
}' >"$work/all.yaml"
awk 'BEGIN {
  print "name: short\nregistry: {operations: {o: {impl: \"m:o\"}}}\nanalysis:\n  stages:"
  for (i = 0; i < 600000; i++) printf "    - {id: S%d, op: o}\n", i
}' >"$work/short.yaml"
: >"$work/m.py"

"$root/muster" --version >"$work/version"
one() { # HEAP NAME OPTION...
  local heap=$1 name=$2 TIMEFORMAT='%R s, of them %U s of processor' took
  shift 2
  took=$({ time MUSTER_JAVA_OPTS="-Xmx$heap" "$root/muster" plan "$@" "$work/$name.yaml" >"$work/plan"; } 2>&1) || {
    printf '%s\n' "large-plans: $name does not fit in $heap: $took" >&2
    exit 1
  }
  printf '%-6s %-14s in %s: %4d MB of text, %s\n' "$name" "$*" "$heap" "$(($(stat -c %s "$work/plan") / 1000000))" "$took"
}
one 256m chain
one 256m all
one 256m all --json
one 256m all --format dot
one 1g short
