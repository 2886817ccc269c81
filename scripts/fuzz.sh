#!/usr/bin/env bash
# Changes example and test workflows and site files at random, and loads, prints, plans and checks each of them. A
# mutant is accepted, or refused with a message in its place; anything else is a finding, which is printed and saved.
# Usage: scripts/fuzz.sh [--count N] [--seed S] [--first N] [--threads T] [--folder DIR] [FILE ...]
#
# N mutants (1,000,000), from number --first on; each one follows from seed and number. The seed is a new one each time
# unless it is given. Findings go to DIR (a new temporary folder). Without files the project's own are the start. Exit
# code 1 if there is a finding.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

count=1000000 first=0 seed=$RANDOM$RANDOM threads=2 folder=
files=()
while (($#)); do
  case $1 in
    --count) count=$2 ;;
    --seed) seed=$2 ;;
    --first) first=$2 ;;
    --threads) threads=$2 ;;
    --folder) folder=$2 ;;
    --help | -h) sed -n '2,7s/^# \{0,1\}//p' "$0" && exit 0 ;;
    -*) echo "fuzz: unknown option $1" >&2 && exit 2 ;;
    *) files+=("$1") && shift && continue ;;
  esac
  shift 2 || { echo "fuzz: an option lacks its value" >&2; exit 2; }
done
((${#files[@]})) || files=(
  examples/workflows/*.yaml examples/sites/*.yaml core/src/test/resources/{seeds,plan,whole,written}/*.yaml core/src/test/resources/broken/*.yaml)
[[ -n $folder ]] || folder=$(mktemp -d)

./mvnw -q -B -Dstyle.color=never -Dfast -DskipTests -pl cli -am package >&2
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
LC_ALL=C.UTF-8 exec "$java" -Xmx700m -Xss1m -cp "cli/target/test-classes:cli/target/classes:cli/target/lib/*" \
  dev.muster.cli.fuzz.Fuzz "$seed" "$count" "$first" "$threads" "$folder" "${files[@]}"
