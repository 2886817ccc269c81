#!/usr/bin/env bash
# Tests the Dask backend on every version of distributed that is there or can be installed, and says which: the tests in Python,
# and the runs on a real scheduler. Usage: scripts/checks/30-dask.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mapfile -t environments < <(scripts/python-envs.sh)
((${#environments[@]})) || {
  printf 'dask: no Python with distributed and cryptography, and none could be installed\n' >&2
  exit 1
}

modules=dask-backend/src/main/python:dask-backend/src/test/python:core/src/main/resources/dev/muster/internal/operation
passed=()
for index in "${!environments[@]}"; do
  read -r python version <<<"${environments[index]}"
  read -r other _ <<<"${environments[(index + 1) % ${#environments[@]}]}"
  printf 'dask: distributed %s (%s)\n' "$version" "$python"
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$modules NUMBA_ENABLE_CUDASIM=1 timeout 300 \
    "$python" -m unittest discover -q -s dask-backend/src/test/python -p 'test_*.py'
  if [[ $python != /usr/bin/python3 ]]; then # the build has run them on the system's own
    options=(-Dmuster.dask.python="$python")
    [[ $other == "$python" ]] || options+=(-Dmuster.dask.other="$other")
    timeout 900 ./mvnw -B -ntp -q -Dfast verify -Psites -pl dask-backend -am -Dtest=NoSuchTest \
      -Dsurefire.failIfNoSpecifiedTests=false '-Dit.test=Dask*IT' -Dfailsafe.failIfNoSpecifiedTests=false "${options[@]}"
  fi
  passed+=("$version")
done
printf 'dask: passed on distributed %s\n' "${passed[*]}"
