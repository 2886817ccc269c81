#!/usr/bin/env bash
# Measures what docs/benchmarks.md shows: each figure beside its peer, in one run. Usage: scripts/benchmarks.sh [quick]
#
# Takes about 15 minutes on a quiet machine, with 'quick' about 4 (and larger errors). Results go to
# benchmarks/target/figures.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

options=()
if [[ ${1:-} == quick ]]; then
  options=(-f 1 -wi 3 -w 1 -i 3 -r 1)
fi
./mvnw -q -Dfast -DskipTests package -pl benchmarks -am
figures=benchmarks/target/figures
mkdir -p "$figures"

measure() { # NAME OPTION...
  local name=$1
  shift
  if ! java -jar benchmarks/target/benchmarks.jar "$name" "${options[@]}" "$@" \
    -rff "$figures/$name.csv" -rf csv >"$figures/$name.log" 2>&1; then
    printf 'benchmarks: %s failed; the end of %s:\n' "$name" "$figures/$name.log" >&2
    tail -n 20 "$figures/$name.log" >&2
    exit 1
  fi
  grep -E "^($name|Benchmark )" "$figures/$name.log"
}

measure AnnotationBenchmark -prof gc
measure RoutingBenchmark -prof gc
measure PlanningBenchmark -prof gc
measure LoadBenchmark
measure EngineBenchmark
measure SiteBenchmark
measure PollingBenchmark -prof gc
scripts/startup-time.sh
