#!/bin/bash
#SBATCH --job-name=gpu.run-1
#SBATCH --array=0-19
#SBATCH --output=/dev/null
#SBATCH --error=/dev/null
#SBATCH --chdir=/
#SBATCH --export=ALL
#SBATCH --no-requeue
#SBATCH --ntasks=1
export MUSTER_JOB_INDEX="$SLURM_ARRAY_TASK_ID"
muster_place=/tmp/muster-gpu.run-1-"$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"
[ -d "${TMPDIR:-/tmp}" ] || export TMPDIR=/tmp
muster_tell() {
  local text
  text=$(tail -c 4000 | LC_ALL=C tr '\t' ' ' | LC_ALL=C tr -c '\n -~' '?' | sed -E 's/[A-Za-z0-9_.+=-]{48,}/(long word)/g' | tail -c 1000)
  text=${text//\\/\\\\}
  text=${text//$'\n'/\\n}
  [ ${#text} -le 1000 ] || text=${text: -1000}
  timeout -s KILL 20 scontrol update JobId="$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID" Comment="$text"
}
muster_end() {
  local code=$?
  trap '' EXIT TERM INT
  [ "$code" -eq 0 ] || muster_tell <"$muster_place/err"
  cd / && rm -rf -- "$muster_place"
  exit "$code"
}
if [ -O "$muster_place" ] && [ ! -L "$muster_place" ]; then rm -rf -- "$muster_place"; fi
if ! muster_said=$(umask 077 && mkdir -- "$muster_place" 2>&1); then
  muster_tell <<<"muster: cannot make the job's folder on ${SLURMD_NODENAME:-$HOSTNAME}: $muster_said"
  exit 72
fi
trap muster_end EXIT
trap 'exit 143' TERM INT
exec >"$muster_place/out" 2>"$muster_place/err"
mkdir -m 700 -- "$muster_place/files" && cd -- "$muster_place/files" || exit 72
muster_until=$((SECONDS + 1800))
until [ -e "$muster_place/sent" ]; do
  if [ "$SECONDS" -ge "$muster_until" ]; then
    echo "muster: the job's files did not come to ${SLURMD_NODENAME:-$HOSTNAME} within 1800 s (config.transfer_timeout); there are: $(ls -A)" >&2
    exit 72
  fi
  sleep 0.2
done
export MUSTER_FILES="$PWD"
python3 -m worker &
muster_job=$!
trap 'kill -TERM "$muster_job" 2>/dev/null' TERM INT
wait "$muster_job"
muster_code=$?
while kill -0 "$muster_job" 2>/dev/null; do
  wait "$muster_job"
  muster_code=$?
done
exit "$muster_code"
