#!/usr/bin/env bash
# Kills and stops processes of runs at random moments, one in each run, and checks that the run ends right or with the
# true reason, and leaves nothing. Usage: scripts/chaos.sh [--count N] [--seconds S] [--seed S] [--keep]
# [local|dask|dask-transfer|slurm|htcondor ...]; --help says more
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -u scripts/chaos "$@"
