#!/bin/bash
#SBATCH --job-name=gpu.run-1
#SBATCH --array=0-19
#SBATCH --output=/home/ada/run/debug/distributed/out/gpu-%A_%a.out
#SBATCH --error=/home/ada/run/debug/distributed/err/gpu-%A_%a.err
#SBATCH --chdir=/home/ada/run
#SBATCH --export=ALL
#SBATCH --no-requeue
#SBATCH --ntasks=1
#SBATCH --nodes=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=15259M
#SBATCH --tmp=1024M
#SBATCH --gres=gpu:2
#SBATCH --time=1-02:00:00
#SBATCH --partition=gpu
#SBATCH --account=physics
#SBATCH --qos=high
#SBATCH --constraint=a100&ib|h100
#SBATCH --reservation=school
#SBATCH --exclusive
#SBATCH -w 'node 1'
#SBATCH --hint=nomultithread
export MUSTER_JOB_INDEX="$SLURM_ARRAY_TASK_ID"
export DATA='/data set/$HOME'
rm -f -- /home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit
cd -- /home/ada/run || exit 72
module load python
ulimit -c 0
python3 -m worker &
muster_job=$!
trap 'kill -TERM "$muster_job" 2>/dev/null' TERM INT
wait "$muster_job"
muster_code=$?
while kill -0 "$muster_job" 2>/dev/null; do
  wait "$muster_job"
  muster_code=$?
done
date
printf '%s\n' "$muster_code" >/home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit.new && mv -f /home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit.new /home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit
exit "$muster_code"
