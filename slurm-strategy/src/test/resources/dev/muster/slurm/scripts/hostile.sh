#!/bin/bash
#SBATCH --job-name=gpu.run-1
#SBATCH --array=0-0
#SBATCH --output="/home/o'neil/year=2018, 10:00:00 50%% \"done\" $(touch x) `y` #1;é/logs/out/a_b__c-%A_%a.out"
#SBATCH --error="/home/o'neil/year=2018, 10:00:00 50%% \"done\" $(touch x) `y` #1;é/logs/err/a_b__c-%A_%a.err"
#SBATCH --chdir="/home/o'neil/year=2018, 10:00:00 50% \"done\" $(touch x) `y` #1;é"
#SBATCH --export=ALL
#SBATCH --no-requeue
#SBATCH --ntasks=1
#SBATCH --account="a b\"c\\d #e"
#SBATCH --comment="two words # \"quoted\""
export MUSTER_JOB_INDEX="$SLURM_ARRAY_TASK_ID"
export WORDS=''\''; rm -rf / #
$(x)'
rm -f -- /home/ada/run/jobs/gpu.run-1."$MUSTER_JOB_INDEX".exit
cd -- '/home/o'\''neil/year=2018, 10:00:00 50% "done" $(touch x) `y` #1;é' || exit 72
echo 'it'\''s $HOME
"x"' &
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
