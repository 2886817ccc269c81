#!/bin/bash
#SBATCH --job-name=gpu.run-1
#SBATCH --array=0-2
#SBATCH --output=/home/ada/run/debug/distributed/out/gpu-%A_%a.out
#SBATCH --error=/home/ada/run/debug/distributed/err/gpu-%A_%a.err
#SBATCH --chdir=/home/ada/run
#SBATCH --export=ALL
#SBATCH --no-requeue
#SBATCH --ntasks-per-node=8
#SBATCH --nodes=2
#SBATCH --cpus-per-task=4
#SBATCH --mem=15259M
#SBATCH --tmp=1024M
#SBATCH --gres=gpu:2
export MUSTER_JOB_INDEX="$SLURM_ARRAY_TASK_ID"
rm -f -- /home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit
cd -- /home/ada/run || exit 72
python3 -m worker &
muster_job=$!
trap 'kill -TERM "$muster_job" 2>/dev/null' TERM INT
wait "$muster_job"
muster_code=$?
while kill -0 "$muster_job" 2>/dev/null; do
  wait "$muster_job"
  muster_code=$?
done
printf '%s\n' "$muster_code" >/home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit.new && mv -f /home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit.new /home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit
exit "$muster_code"
