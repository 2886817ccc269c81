#!/usr/bin/env bash
# The real Tierkreis as controller and Muster as its executor, with a worker in Python that the real uv runs; then that
# worker as a stage of a workflow. With MUSTER_CHECK_ALL (./check --all) also Tierkreis 2.0.9, and graphs with map, loop
# and a branch that fails. Tierkreis needs Python 3.12, which is taken from Debian trixie: needs root. Usage:
# scripts/checks/60-workers.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

die() {
  printf 'workers: %s\n' "$*" >&2
  exit 1
}

uv_version=0.13.9
cache=${MUSTER_CACHE:-$HOME/.cache/muster}/workers
root=$(scripts/sites/debian-root.sh trixie python3)
mkdir -p "$cache"
exec 9>"$cache/lock"
flock -w 900 9 || die "another call has been installing for 15 minutes"
if [[ ! -x $cache/uv/bin/uv-$uv_version ]]; then
  rm -rf "$cache/uv"
  python3 -m venv "$cache/uv"
  timeout 300 "$cache/uv/bin/pip" install -q --no-input "uv==$uv_version"
  mv "$cache/uv/bin/uv" "$cache/uv/bin/uv-$uv_version"
fi
# The certificates that this system trusts, not those of the other one.
cp -L /etc/ssl/certs/ca-certificates.crt "$cache/certificates"

python3 - <<'PYTHON' || die "docs/executors.md shows another executor for Tierkreis than the one that is tested"
text = open("external-workers/src/test/tierkreis/muster_executor.py").read()
shown = open("docs/executors.md").read().split("```python\n")[1].split("```")[0]
raise SystemExit(shown not in text)
PYTHON

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
mkdir "$work/bin"
export SSL_CERT_FILE=$cache/certificates UV_PYTHON_DOWNLOADS=never UV_CACHE_DIR=$cache/uv-cache
export UV_PYTHON=/usr/bin/python3.13 OUTSIDE=$$
cat >"$work/bin/uv" <<UV
#!/bin/sh
exec "$PWD/scripts/sites/in-root.sh" "$root" "$cache/uv/bin/uv-$uv_version" "\$@"
UV
cat >"$work/bin/muster" <<MUSTER
#!/bin/sh
exec nsenter --mount=/proc/\$OUTSIDE/ns/mnt \\
  sh -c 'cd / && exec env PATH="$work/bin:$PATH" "$PWD/muster" "\$@"' muster "\$@"
MUSTER
chmod +x "$work"/bin/*
cp -r external-workers/src/test/tierkreis "$work/tierkreis"
chmod +x "$work/tierkreis/workers/arith/main.sh"
export PATH=$work/bin:$PATH

# graphs VERSION GRAPH=VALUE...
graphs() {
  local venv=$cache/tierkreis-$1
  [[ -f $venv/made ]] || {
    uv venv -q --clear "$venv"
    uv pip install -q --python "$venv/bin/python" "tierkreis==$1"
    : >"$venv/made"
  }
  printf 'workers: Tierkreis %s\n' "$1"
  timeout 200 scripts/sites/in-root.sh "$root" env PATH="$work/bin:/usr/bin:/bin" PYTHONDONTWRITEBYTECODE=1 \
    "$venv/bin/python" "$work/tierkreis/graphs.py" "$work/checkpoints-$1" "${@:2}" 2>"$work/said" || {
    tail -n 40 "$work/said" >&2
    die "Tierkreis $1 with Muster as its executor has other values than ${*:2}"
  }
}

graphs 2.1.1 'yes=2' 'hello="hello world!"'

cat >"$work/hello.yaml" <<'YAML'
analysis:
  stages:
    - id: Greet
      op: hello_world_worker.greet
      needs: []
      params: {inputs: {greeting: "hello ", subject: world!}, outputs: {value: json}}
    - {id: Fail, op: hello_world_worker.fail, needs: []}
    - {id: Leave, op: hello_world_worker.leave, needs: []}
execution:
  assignments: {hello_world_worker: UVExecutor}
  config: {registry: tierkreis/workers}
YAML
code=0
./muster run "$work/hello.yaml" -d "$work/run" --keep-going >"$work/said" 2>&1 || code=$?
[[ $code == 1 && $(cat "$work/run/Greet/outputs/value") == '"hello world!"' ]] ||
  die "Greet did not greet ($code): $(tail -n 40 "$work/said")"
grep -q 'I refuse!' "$work/said" || die "nothing says why Fail failed: $(cat "$work/said")"
[[ -e $work/run/Leave/_error && ! -e $work/run/Leave/_done ]] || die "Leave is not flagged"
printf 'workers: a worker in Python as stages: done\n'

[[ -n ${MUSTER_CHECK_ALL:-} ]] || exit 0
all=('yes=2' 'looped=9' 'mapped=[6, 8, 10, 12]' 'no="failed"')
rm -rf "$work/checkpoints-2.1.1"
graphs 2.1.1 "${all[@]}"
graphs 2.0.9 "${all[@]}"
