#!/usr/bin/env bash
# Records what the commands of a real Slurm answer, for the tests of the dialect: brings jobs into as many states as one
# machine can, asks about them in the words of the dialect, and lets every kind of submission be refused.
#
# What needs a database (24.11/sacct.txt and others) was recorded by hand, with the commands that the dialect uses.
#
# Usage: eval "$(scripts/sites/slurm-up.sh)" && slurm-strategy/src/test/record-answers.sh FOLDER, on a new site that
# nobody else uses. Takes a minute.
set -euo pipefail
folder=${1:?"usage: record-answers.sh FOLDER"}
: "${SLURM_CONF:?"is not set: bring up a Slurm with scripts/sites/slurm-up.sh"}"
site=${SLURM_CONF%/*}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$site"
: >"$folder/names.txt"

# record NAME COMMAND...: keeps standard output, then exit code and standard error.
record() {
  local name=$1 code=0
  shift
  "$@" >"$folder/$name.txt" 2>"$folder/$name.err" || code=$?
  {
    printf -- '--- exit %d\n' "$code"
    cat "$folder/$name.err"
  } >>"$folder/$name.txt"
  rm "$folder/$name.err"
}

# job NAME OPTION... -- SHELL: submits an array of one; sets id, and notes its name.
job() {
  local name=$1 options=()
  shift
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  id=$(sbatch --parsable --job-name="$name" --array=0-0 --output="$site/log/%A_%a.out" --no-requeue "${options[@]}" --wrap "$2")
  printf '%s_0 %s\n' "$id" "$name" >>"$folder/names.txt"
}

running() {
  until [[ $(squeue -h -o %T -j "$1" 2>/dev/null) == RUNNING ]]; do sleep 0.2; done
}

over() {
  until [[ -z $(squeue -h --me -o %i --name="$1") ]]; do sleep 0.2; done
}

squeue_format=JobArrayID:40,State:24,exit_code:16,RestartCnt:12,BatchHost:64,Reason:160

job completed -- true
job exit-3 -- 'exit 3'
failed=$id
job killed -- 'kill -9 $$'
job too-much-memory --mem=50M -- 'exec perl -e "\$x = chr(1) x 400000000; sleep 60"'
job no-log-folder --output=/nonexistent/folder/out -- true
job running -- 'sleep 600'
running "$id"
job suspended -- 'sleep 600'
running "$id" && scontrol suspend "$id"
job held-by-user --begin=now+1hour -- true
scontrol uhold "$id"
job held-by-admin --begin=now+1hour -- true
scontrol hold "$id"
job held-at-submission --hold -- true
job too-long --time=3-00:00:00 -- true
job later --begin=now+1hour -- true
job after-failure --dependency=afterok:"$failed" -- true
job no-nodes --partition=highmem --nodelist=mem1 --begin=now+2 -- 'sleep 600'
job cancelled -- 'sleep 600'
running "$id" && scancel "$id"
job cancelled-waiting --hold -- true
scancel "$id"
job out-of-time -- 'sleep 600'
running "$id" && scontrol update JobId="$id" EndTime=now+1
job requeued --requeue -- 'sleep 600'
running "$id" && scontrol requeue "$id"
job requeued-and-held --requeue -- 'sleep 600'
running "$id" && scontrol requeuehold "$id"
job special-exit --requeue -- 'sleep 600'
running "$id" && scontrol requeuehold State=SpecialExit "$id"
job node-lost --partition=gpu -- 'sleep 600'
running "$id" && scontrol update NodeName=gpu1 State=DOWN Reason=test
job node-lost-requeued --requeue --partition=highmem -- 'sleep 600'
running "$id" && scontrol update NodeName=mem1 State=DOWN Reason=test
if id=$(sbatch --parsable --job-name=too-many-cpus --array=0-0 --output="$site/log/%A_%a.out" --cpus-per-task=200 --wrap true 2>/dev/null); then
  printf '%s_0 too-many-cpus\n' "$id" >>"$folder/names.txt"
fi
over exit-3
over killed
over too-much-memory
over no-log-folder
over cancelled
for ((try = 0; try < 400; try++)); do
  [[ -n $(squeue -h --me -o %i --name=out-of-time) ]] || break
  sleep 0.2
done
sleep 3
record squeue squeue --me --all --noheader --array --states=all --Format="$squeue_format"
sbatch --parsable --job-name=waiting-array --array=0-4,7 --hold --wrap true >/dev/null
record squeue-waiting-array squeue --me --noheader --name=waiting-array --states=all --Format="$squeue_format"
id=$(sbatch --parsable --job-name=array --array=0-3 --hold --wrap true)
scancel "${id}_[0-3]"
record squeue-cancelled-array squeue --me --noheader --array --states=all --jobs="$id" --Format="$squeue_format"
record squeue-unknown squeue --me --all --noheader --array --states=all --jobs=999999 --Format="$squeue_format"
record squeue-two-unknown squeue --me --all --noheader --array --states=all --jobs=999999,999998 --Format="$squeue_format"
record sacct-off sacct --noheader --parsable --allocations --jobs=999999 --format=JobID,State,ExitCode,NodeList
record version sinfo --noheader --format=%v
record scancel-unknown scancel '999999_[0-3]'
record scancel-no-such-name scancel --name=nobody-has-this-name
record sbatch sbatch --parsable --array=0-2 --hold --wrap true
record sbatch-no-partition sbatch --parsable --partition=nope --wrap true
record sbatch-too-much-memory sbatch --parsable --mem=9T --wrap true
record sbatch-too-many-gpus sbatch --parsable --partition=gpu --gres=gpu:9 --wrap true
record sbatch-no-feature sbatch --parsable --constraint=nope --wrap true
record sbatch-no-reservation sbatch --parsable --reservation=nope --wrap true
record sbatch-no-disk sbatch --parsable --tmp=100M --wrap true
record sbatch-array-too-long sbatch --parsable --array=0-20000 --wrap true
record sbatch-no-such-option sbatch --bogus --wrap true
record sbatch-bad-time sbatch --time=abc --wrap true
scancel --user="$(id -un)"
for node in gpu1 mem1; do
  scontrol update NodeName="$node" State=RESUME || scontrol show node "$node" >&2 # a node that answers comes back by itself
done

# stop PROGRAM: ends a daemon and waits until it is gone. A zombie has no program.
stop() {
  local pid
  pid=$(<"$site/run/$1.pid")
  kill "$pid"
  while readlink "/proc/$pid/exe" >/dev/null; do sleep 0.2; done
}

stop munged
record sbatch-no-munge sbatch --parsable --wrap true
"$site/up" >/dev/null
stop slurmctld
record squeue-no-controller squeue --me --all --noheader --array --states=all --Format="$squeue_format"
record sbatch-no-controller sbatch --parsable --wrap true
record scancel-no-controller scancel --name=nobody-has-this-name
"$site/up" >/dev/null
