#!/usr/bin/env bash
# Runs tests again and again beside busy processes, to find those that fail now and then: the tests of each module
# without a site, and each test class on sites (*IT). Usage: scripts/repeat.sh [OPTION...]
#
#   -n N            how often the tests without a site run (default: 10)
#   -m M            how often each *IT class runs (default: 3)
#   -k K            how many busy processes there are meanwhile (default: 4)
#   --modules A,B   only these modules (default: all)
#   --tests P,Q     only test classes whose names match one of these patterns, for example 'Dask*IT,WorkerGroupTest'
#   --together      the *IT classes of a module run in one build, as many at a time as the module's pom.xml says: such
#                   rounds also find classes that disturb each other
#   --limit SECONDS the longest that one round may take (default: 1800)
#   --out FOLDER    where results and logs are kept (default: a new folder in the temporary folder). With the folder of
#                   an earlier repetition, rounds that it has are not run again
#
# A round of tests without a site is one of all test classes of a module, or of those chosen. Slurm and HTCondor are
# used where their variables are set (CONTRIBUTING.md); without them the tests that need them skip themselves. The log
# of each round that failed is kept, with the reports of the tests. At the end there is a table; the exit code is 1 if
# any round failed, and 2 for wrong arguments. Ctrl-C and SIGTERM end the round and the busy processes, and print the
# table so far.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unit=10 sites=3 busy=4 limit=1800 modules="" tests="" out="" together=""
workers=() round=0

usage() {
  sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

die() {
  printf 'repeat: %s\n' "$*" >&2
  exit 2
}

# number NAME VALUE: fails if it is no whole number of 0 or more.
number() {
  [[ $2 =~ ^[0-9]+$ ]] || die "$1 needs a whole number, got '$2'"
}

options() {
  while (($#)); do
    case $1 in
      -h | --help) usage && exit 0 ;;
      --together)
        together=yes
        shift
        continue
        ;;
      -n | -m | -k | --modules | --tests | --limit | --out) (($# > 1)) || die "$1 needs a value" ;;
      *) die "there is no option $1; --help says which there are" ;;
    esac
    case $1 in
      -n) number -n "$2" && unit=$2 ;;
      -m) number -m "$2" && sites=$2 ;;
      -k) number -k "$2" && busy=$2 ;;
      --limit) number --limit "$2" && limit=$2 ;;
      --modules) modules=$2 ;;
      --tests) tests=$2 ;;
      --out) out=$2 ;;
    esac
    shift 2
  done
}

# Prints the modules that have tests, or those chosen.
list_modules() {
  local pom module
  for pom in */pom.xml; do
    module=${pom%/pom.xml}
    [[ -d $module/src/test/java ]] || continue
    [[ -z $modules || ,$modules, == *,$module,* ]] && printf '%s\n' "$module"
  done
}

# chosen CLASS: tells whether a test class is among those chosen.
chosen() {
  local pattern patterns
  [[ -n $tests ]] || return 0
  IFS=, read -ra patterns <<<"$tests"
  for pattern in "${patterns[@]}"; do
    # shellcheck disable=SC2053 # it is a pattern
    [[ $1 != $pattern ]] || return 0
  done
  return 1
}

# list_classes MODULE SUFFIX: prints the test classes of a module whose names end so, as far as they are chosen.
list_classes() {
  local path name
  while IFS= read -r path; do
    name=$(basename "$path" .java)
    ! chosen "$name" || printf '%s\n' "$name"
  done < <(find "$1/src/test/java" -name "*$2.java" | sort)
}

# Keeps a processor busy for as long as this script lives.
spin() {
  local i
  while kill -0 "$1" 2>/dev/null; do
    for ((i = 0; i < 200000; i++)); do :; done
  done
}

finish() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP # a second one must not keep this from cleaning up
  ((round == 0)) || kill -TERM -- "-$round" 2>/dev/null || true
  ((${#workers[@]} == 0)) || kill "${workers[@]}" 2>/dev/null || true
  ((round == 0)) || wait "$round" 2>/dev/null || true
  if [[ -s $out/results ]]; then
    table
    [[ $code -ne 0 ]] || ! grep -q $'\tFAILED\t' "$out/results" || code=1
  fi
  exit "$code"
}

table() {
  printf '\n%-18s %-34s %6s %7s %9s\n' module tests rounds failed "seconds"
  awk -F'\t' '{ key = $1 "\t" $2; count[key]++; failed[key] += $4 == "FAILED"; seconds[key] += $5; if (!(key in first)) { first[key] = ++n; order[n] = key } }
    END { for (i = 1; i <= n; i++) { split(order[i], part, "\t"); key = order[i];
      printf "%-18s %-34s %6d %7d %9.0f\n", part[1], part[2], count[key], failed[key], seconds[key] / count[key] } }' "$out/results"
  if compgen -G "$out/failed/*/tests" >/dev/null; then
    printf '\nthe tests that failed, and how often:\n'
    cat "$out"/failed/*/tests | sort | uniq -c | sort -rn
  fi
  printf '\nresults and logs are in %s\n' "$out"
}

# run_round MODULE NAME NUMBER MAVEN-ARGUMENT...: runs one round, unless it was run before.
run_round() {
  local module=$1 name=$2 number=$3 log=$out/log start=$SECONDS result=passed code=0 folder
  shift 3
  ! grep -qsP "^\Q$module\E\t\Q$name\E\t$number\t" "$out/results" || return 0
  rm -rf "$module/target/surefire-reports" "$module/target/failsafe-reports"
  setsid --wait timeout -k 30 "$limit" nice ./mvnw -B -ntp -q -Dfast -pl "$module" -am -Dsurefire.failIfNoSpecifiedTests=false \
    -Dfailsafe.failIfNoSpecifiedTests=false "$@" >"$log" 2>&1 </dev/null &
  round=$!
  wait "$round" || code=$?
  round=0
  ((code == 0)) || result=FAILED
  printf '%s\t%s\t%s\t%s\t%s\n' "$module" "$name" "$number" "$result" "$((SECONDS - start))" >>"$out/results"
  printf 'repeat: %s %s, round %s: %s (%s s)\n' "$module" "$name" "$number" "$result" "$((SECONDS - start))"
  ((code != 0)) || return 0
  folder=$out/failed/$module-${name// /-}-$number
  mkdir -p "$folder"
  mv "$log" "$folder/log"
  cp -r "$module"/target/*-reports "$folder" 2>/dev/null || true
  # One line a test, as it stands in the reports; none where the build itself failed or was out of time.
  grep -hoE '^(\[[A-Z]+\] )?[A-Za-z0-9_.$]+\.[A-Za-z0-9_$]+(\(.*\)|\[.*\])?.* <<< (FAILURE|ERROR)!' "$folder"/*-reports/*.txt 2>/dev/null |
    sed -E 's/ -- Time elapsed.*//' >"$folder/tests" || true
  [[ -s $folder/tests ]] || printf '%s: no test of %s (exit code %s%s)\n' "$module" "$name" "$code" \
    "$( ((code != 124 && code != 137)) || printf ', more than %s s' "$limit")" >"$folder/tests"
}

main() {
  options "$@"
  local module class i list names
  mapfile -t list < <(list_modules)
  ((${#list[@]})) || die "there is no module '$modules' with tests"
  [[ -n $out ]] || out=$(mktemp -d "${TMPDIR:-/tmp}/muster-repeat.XXXXXX")
  mkdir -p "$out/failed"
  out=$(cd "$out" && pwd)
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  for ((i = 0; i < busy; i++)); do
    spin $$ &
    workers+=($!)
  done
  printf 'repeat: beside %s busy processes; results are in %s\n' "$busy" "$out"
  for module in "${list[@]}"; do
    names=$(list_classes "$module" Test | paste -sd,)
    for ((i = 1; i <= unit && ${#names} > 0; i++)); do
      if [[ -n $tests ]]; then
        run_round "$module" "$([[ $names == *,* ]] && echo chosen || echo "$names")" "$i" test "-Dtest=$names"
      else
        run_round "$module" "all without a site" "$i" test "-Dtest=$names"
      fi
    done
  done
  for module in "${list[@]}"; do
    names=$(list_classes "$module" IT | paste -sd,)
    for ((i = 1; i <= sites && ${#together} > 0 && ${#names} > 0; i++)); do
      run_round "$module" "all on sites" "$i" verify -Psites -Dtest=NoSuchTest "-Dit.test=$names"
    done
    [[ -z $together ]] || continue
    while IFS= read -r class; do
      for ((i = 1; i <= sites; i++)); do
        run_round "$module" "$class" "$i" verify -Psites -Dtest=NoSuchTest "-Dit.test=$class"
      done
    done < <(list_classes "$module" IT)
  done
  [[ -s $out/results ]] || die "no test class matches '$tests'"
}

main "$@"
