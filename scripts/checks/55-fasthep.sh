#!/usr/bin/env bash
# FAST-HEP's own workflows against the real FAST-HEP, which is installed in a cache folder: the Python side's tests,
# then the example on the backends local and dask, on Slurm and HTCondor, whose products must be those of `fasthep run`.
# With MUSTER_CHECK_ALL (./check --all) the test workflows too. Brings up sites of its own, which needs root, or sudo
# without a password. Usage: scripts/checks/55-fasthep.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

die() {
  printf 'fasthep: %s\n' "$*" >&2
  exit 1
}

python=$(scripts/fasthep-env.sh)
printf 'fasthep: %s\n' "$python"
PYTHONDONTWRITEBYTECODE=1 timeout 900 "$python" -m unittest discover -q -s fasthep/src/test/python -p 'test_*.py'

home=$PWD muster=$PWD/muster compare=$PWD/fasthep/src/test/python/compare.py workflows=$PWD/fasthep/src/test/resources/workflows
work=$(mktemp -d)
chmod 755 "$work"
sites=$PWD/scripts/sites
export MUSTER_SLURM=$work/slurm MUSTER_SLURM_PORT=26917 MUSTER_CONDOR_HOME=$work/condor MUSTER_CONDOR_PORT=9818
down() {
  [[ ! -d $work/slurm ]] || "$sites/slurm-down.sh" --wipe
  [[ ! -d $work/condor ]] || "$sites/condor-down.sh" --wipe
  rm -rf --one-file-system "$work"
}
trap down EXIT
export FASTHEP_NO_LOGO=1 PYTHONDONTWRITEBYTECODE=1
cern=

# quiet COMMAND...: runs it, and prints what it said if it fails.
quiet() {
  timeout 300 "$@" >"$work/said" 2>&1 || {
    tail -n 40 "$work/said" >&2
    die "this failed: $*"
  }
}

# same WHERE WORKFLOW OPTION...: runs a workflow of the current folder, and compares its products with FAST-HEP's in
# out-NAME.
same() {
  local where=$1 name=${2%.yaml} products found
  products=$work/products-$where-$name
  quiet "$muster" run "$2" "${@:3}" --set config.python="$python" --set config.fasthep.compatible=true -d "$work/run-$where-$name" --outdir "$products"
  # Hooks of partitions are called once in each process that has some of the partition; the profile of CERN changes what
  # the plan says of the execution.
  found=$("$python" "$compare" "out-$name" "$products" |
    grep -v -e '^run_summary.yaml.hooks' ${cern:+-e '^run_summary.yaml.execution'} || true)
  [[ -z $found || $found == same ]] || die "$2 has other products on $where: $found"
  printf 'fasthep: %s on %s: same products\n' "$2" "$where"
}

mkdir "$work/an example"
cp examples/fasthep/* "$work/an example"
cd "$work/an example"
quiet "$python" make_input.py data
quiet "${python%/*}/fasthep" run dimuon.yaml --outdir "$PWD/out-dimuon"
for backend in local dask; do
  same "$backend" dimuon.yaml --backend "$backend"
done
for site in slurm condor; do
  lines=$("$sites/$site-up.sh")
  (
    eval "$lines"
    same "$site" dimuon.yaml --backend dask --strategy "${site/condor/htcondor}"
    [[ $site == condor ]] || exit 0
    # As FAST-HEP's users at CERN have it: its profile names the ports of scheduler and workers. Here another one is
    # free.
    mkdir "$work/cern"
    cp -r data "$work/cern"
    ln -s "$PWD/out-dimuon" "$work/cern"
    sed 's/\[hep\]/[hep, "fasthep_distributed:dask_htcondor_cern"]/; s/backend: local/backend: dask\n  strategy: htcondor/' dimuon.yaml \
      >"$work/cern/dimuon.yaml"
    cd "$work/cern"
    cern=yes
    same cern dimuon.yaml --set config.scheduler_port=28786
  )
done

# The other door: FAST-HEP's command with the backend `muster`, installed as users install it. A relative folder gets
# wrong paths from FAST-HEP.
"$python" -m pip install -q --no-index --target "$work/backend" "$home/fasthep/backend"
mkdir -p .hepflow/profiles
printf 'includes: [registry, {profile: "muster_backend:registry", optional: true}]\n' >.hepflow/profiles/basic.yaml
sed 's/^execution:$/&\n  config: {fasthep: {compatible: true}}/' dimuon.yaml >door.yaml
PYTHONPATH=$work/backend MUSTER_COMMAND=$muster quiet "${python%/*}/fasthep" run door.yaml --outdir "$work/out-door" --backend muster
found=$("$python" "$compare" out-dimuon "$work/out-door" | grep -v -e '^run_summary.yaml.hooks' -e '^run_summary.yaml.execution' || true)
[[ -z $found || $found == same ]] || die "the backend muster makes other products: $found"
rm -r .hepflow
printf 'fasthep: dimuon.yaml by fasthep run --backend muster: same products\n'

# By default each dataset has its own rows, which FAST-HEP's local backend loses.
quiet "$muster" run dimuon.yaml --set config.python="$python" -d "$work/default"
for dataset in data zmumu continuum; do
  grep -q ",$dataset," "$work/default/products/outputs/artifacts/tables/cutflow.csv" || die "the cutflow has no rows of $dataset"
done

cp -r "$workflows" "$work/all"
cd "$work/all"
export PYTHONPATH=.
quiet "$python" make_input.py data

# both NAME BACKEND...: runs a test workflow by FAST-HEP, which runs a plan for each variation, and on backends, and
# compares the products.
both() {
  local name=$1 chunks=() backend plan
  case $name in
    toy | hooks | clash) chunks=(--chunk-size 3) ;;
    chunk | objects) chunks=(--chunk-size 100) ;;
    corrections) chunks=(--chunk-size 25) ;;
    joins) chunks=(--chunk-size 150) ;;
  esac
  if [[ $name == systematics || $name == plans ]]; then
    quiet "${python%/*}/fasthep" compile "$name.yaml" --outdir "$PWD/out-$name"
    for plan in $(awk '/^  - name: |^- name: / { print $3 }' "out-$name/compile/systematics.yaml"); do
      quiet "${python%/*}/fasthep" run-plan "out-$name/compile/$plan/plan.yaml" --outdir "$PWD/out-$name"
    done
  else
    quiet "${python%/*}/fasthep" run "$name.yaml" --outdir "$PWD/out-$name" "${chunks[@]}"
  fi
  for backend in "${@:2}"; do
    same "$backend" "$name.yaml" --backend "$backend" "${chunks[@]}"
  done
}

# All operations of FAST-HEP's carpenter.
both objects local
[[ -n ${MUSTER_CHECK_ALL:-} ]] || exit 0
both objects dask
for workflow in leptons toy join inline alone warnings schema hooks clash chunk included systematics corrections plots \
  schemas matrix plans joins varied; do
  both "$workflow" local dask
done

# No task that merges 10,000 histograms of 1,000 bins holds more than 64.
timeout 1200 "$python" "$home/fasthep/src/test/python/many_histograms.py" || die "a task that merges holds too much, or the sum is wrong"
