#!/usr/bin/env bash
# The real Tierkreis as controller and Muster as its executor, with a worker in Python that the real uv runs; then that
# worker as a stage of a workflow, as a job of a real Slurm, and in one workflow with workers on the PATH, tasks of Dask
# and code of this machine; and a signing graph of workers in Bash and Python. With MUSTER_CHECK_ALL (./check --all) also Tierkreis 2.0.9, and graphs with map, loop
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
chmod 755 "$work"
export MUSTER_SLURM=$work/slurm MUSTER_SLURM_PORT=26957
end() {
  [[ ! -d $MUSTER_SLURM ]] || scripts/sites/slurm-down.sh --wipe >/dev/null 2>&1 || :
  rm -rf --one-file-system "$work"
}
trap end EXIT
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
chmod +x "$work"/tierkreis/workers/*/main.sh
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

# run NAME: a workflow that ends well, with a run directory of its name
run() {
  ./muster run "$work/$1.yaml" -d "$work/$1" >"$work/said" 2>&1 || die "$1 failed: $(tail -n 40 "$work/said")"
  printf 'workers: %s: done\n' "$1"
}

# equal FILE TEXT
equal() {
  [[ $(cat "$work/$1") == "$2" ]] || die "$1 has $(cat "$work/$1"), not $2"
}

cat >"$work/signing.yaml" <<'YAML'
analysis:
  stages:
    - {id: Keys, op: openssl_worker.genrsa, needs: [], params: {inputs: {passphrase: dummypassphrase, numbits: 2048}}}
    - id: Sign
      op: auth_worker.sign
      from: [{node: Keys, port: private_key, as: private_key}]
      params:
        inputs: {passphrase: dummypassphrase, message: dummymessage}
        outputs: {hex_signature: file, length: json}
    - id: Verify
      op: auth_worker.verify
      from:
        - {node: Keys, port: public_key, as: public_key}
        - {node: Sign, port: hex_signature, as: signature}
      params: {inputs: {message: dummymessage}, outputs: {value: json}}
    - id: Forged
      op: auth_worker.verify
      from:
        - {node: Keys, port: public_key, as: public_key}
        - {node: Sign, port: hex_signature, as: signature}
      params: {inputs: {message: another}, outputs: {value: json}}
execution:
  executors:
    default: {type: MultipleExecutor, config: {default: python, assignments: {openssl_worker: scripts}}}
    python: {type: UVExecutor, config: {registry: tierkreis/workers}}
    scripts: {type: ShellExecutor, config: {registry: tierkreis/workers}}
YAML
run signing
equal signing/Sign/outputs/length 256
equal signing/Verify/outputs/value true
equal signing/Forged/outputs/value false

cat >"$work/bin/tkr-on-path" <<'WORKER'
#!/bin/sh
printf 6 >"$output_value_file"
WORKER
chmod +x "$work/bin/tkr-on-path"
cat >"$work/mixed_ops.py" <<'PYTHON'
"""What runs on workers of Dask."""


def square(n):
    return n**2
PYTHON
cat >"$work/mixed.yaml" <<'YAML'
registry: {operations: {py.square: {impl: "mixed_ops:square"}}}
analysis:
  stages:
    - {id: Six, op: on_path.f, needs: [], params: {outputs: {value: json}}}
    - {id: Square, op: py.square, from: [{node: Six, port: value, as: n}]}
    - {id: Twice, op: arith.times, from: [{node: Square, as: a}], params: {inputs: {b: 2}, outputs: {value: json}}}
    - id: Here
      op: shell
      from: [{node: Twice, port: value, as: n}]
      environment: {executor: LocalExecutor}
      params: {command: "echo {input.n} >{base_dir}/mixed-result"}
execution:
  backend: dask
  strategy: local
  code: [mixed_ops.py]
  assignments: {on_path: shell, arith: shell}
  config: {registry: tierkreis/workers}
  pools: {default: {workers: 1}}
YAML
run mixed
equal mixed-result 72

site=$(scripts/sites/slurm-up.sh 2>"$work/said") || die "no Slurm: $(tail -n 20 "$work/said")"
eval "$site"
unset MUSTER_SITE
cat >"$work/jobs.yaml" <<'YAML'
analysis:
  stages:
    - id: Greet
      op: hello_world_worker.greet
      needs: []
      params: {inputs: {greeting: "hello ", subject: Slurm!}, outputs: {value: json}}
    - id: Sum
      op: arith.add
      needs: []
      params: {inputs: {a: 1, b: 2}, outputs: {value: json}}
execution:
  executors:
    default:
      type: SLURMExecutor
      config:
        registry: tierkreis/workers
        spec: {resource: {cores_per_node: 1}, walltime: "00:10:00", queue: cpu}
YAML
run jobs
equal jobs/Greet/outputs/value '"hello Slurm!"'
equal jobs/Sum/outputs/value 3

[[ -n ${MUSTER_CHECK_ALL:-} ]] || exit 0
all=('yes=2' 'looped=9' 'mapped=[6, 8, 10, 12]' 'no="failed"')
rm -rf "$work/checkpoints-2.1.1"
graphs 2.1.1 "${all[@]}"
graphs 2.0.9 "${all[@]}"
