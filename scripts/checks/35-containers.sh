#!/usr/bin/env bash
# Tests commands in containers on Docker and Apptainer, too; the build has run the same tests on podman. One that cannot
# be had here is reported and left out: Docker needs root, Apptainer too where this machine has none. Usage:
# scripts/checks/35-containers.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=(podman)
for runtime in docker apptainer; do
  up=scripts/sites/$runtime-here.sh
  if ! said=$("$up" "$work/$runtime" 2>&1); then
    "$up" --down "$work/$runtime" || true
    printf 'containers: not tested with %s: %s\n' "$runtime" "$(tail -n 3 <<<"$said")"
    continue
  fi
  version=$("$work/$runtime/$runtime" --version)
  "$up" --down "$work/$runtime"
  MUSTER_CONTAINERS=$runtime timeout 600 ./mvnw -B -ntp -q -Dfast verify -Psites -pl cli -am -Dtest=NoSuchTest \
    -Dsurefire.failIfNoSpecifiedTests=false '-Dit.test=ContainersIT' -Dfailsafe.failIfNoSpecifiedTests=false
  passed+=("$version")
done
printf 'containers: passed on %s\n' "$(IFS=';' && echo "${passed[*]}")"
