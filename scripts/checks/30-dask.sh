#!/usr/bin/env bash
# Tests the Dask backend on every version of distributed that is there or can be installed, and says which: the tests in
# Python, and texts beyond ASCII under every locale of the command. The runs on a real scheduler, which the build has
# done on the system's own version, are done on the newest one, and with MUSTER_CHECK_ALL=1 on each.
# Usage: scripts/checks/30-dask.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mapfile -t environments < <(scripts/python-envs.sh)
((${#environments[@]})) || {
  printf 'dask: no Python with distributed and cryptography, and none could be installed\n' >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/Größe é"
printf 'ß' >"$work/Größe é/é.txt"
printf 'import os\ndef write(ctx, n):\n    p = ctx.output_dir / n\n    p.write_text(n + os.environ["V"], encoding="utf-8")\n    return p\n' \
  >"$work/Größe é/texts.py"

texts() { # PYTHON: a command, an operation, files and folders with such names, under no locale and under C
  cat >"$work/Größe é/Prüfung.yaml" <<YAML
name: Prüfung
registry: {operations: {write: {impl: "texts:write"}}}
data: {datasets: [{name: Ä, files: [é.txt]}]}
analysis:
  stages:
    - {id: Müller, op: write, params: {n: Ångström ☃}, environment: {variables: {V: ŵ}}}
    - id: Say
      op: shell
      params: {command: "printf '%s|' 'Müller ☃' {params.n} \"\$V\"; cat {files} {input.Müller}", n: é, variables: {V: ü}}
execution: {backend: dask, config: {python: $1}, pools: {default: {workers: 1}}}
YAML
  local setting
  for setting in -u LC_ALL=C; do
    rm -rf "$work/run"
    env -i PATH="$PATH" HOME="$HOME" ${JAVA_HOME:+JAVA_HOME="$JAVA_HOME"} ${setting#-u} \
      ./muster run "$work/Größe é/Prüfung.yaml" -d "$work/run" >"$work/said" 2>&1 || {
      cat "$work/said" >&2
      return 1
    }
    find "$work/run/Say" -name stdout -exec cat {} + >"$work/made"
    [[ $(cat "$work/made") == 'Müller ☃|é|ü|ßÅngström ☃ŵ' ]] || {
      printf 'dask: with %s texts are: %s\n' "${setting#-u}" "$(cat "$work/made")" >&2
      return 1
    }
  done
}

modules=dask-backend/src/main/python:dask-backend/src/test/python:core/src/main/python
passed=()
for index in "${!environments[@]}"; do
  read -r python version <<<"${environments[index]}"
  read -r other _ <<<"${environments[(index + 1) % ${#environments[@]}]}"
  printf 'dask: distributed %s (%s)\n' "$version" "$python"
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$modules NUMBA_ENABLE_CUDASIM=1 timeout 300 \
    "$python" -m unittest discover -q -s dask-backend/src/test/python -p 'test_*.py'
  PYTHONDONTWRITEBYTECODE=1 timeout 300 "$python" -m unittest discover -q -s batch/src/test/python -p 'test_*.py'
  PYTHONDONTWRITEBYTECODE=1 timeout 300 "$python" -m unittest discover -q -s core/src/test/python -p 'test_*.py' # with numpy too
  texts "$python"
  newest=$((index == ${#environments[@]} - 1))
  if [[ $python != /usr/bin/python3 ]] && { ((newest)) || [[ -n ${MUSTER_CHECK_ALL:-} ]]; }; then
    options=(-Dmuster.dask.python="$python")
    [[ $other == "$python" ]] || options+=(-Dmuster.dask.other="$other")
    timeout 900 ./mvnw -B -ntp -q -Dfast verify -Psites -pl dask-backend -am -Dtest=NoSuchTest \
      -Dsurefire.failIfNoSpecifiedTests=false '-Dit.test=Dask*IT' -Dfailsafe.failIfNoSpecifiedTests=false "${options[@]}"
  fi
  passed+=("$version")
done
printf 'dask: passed on distributed %s\n' "${passed[*]}"
