#!/usr/bin/env bash
# Kills the process of runs with one job a task at random moments, and goes on with the run: no job may be submitted
# twice, no task may run twice. Usage: scripts/kills.sh [--count N] [--seed S] [--keep]
# [local|slurm|htcondor|gridengine ...]; --help says more
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -u scripts/kills "$@"
