#!/usr/bin/env bash
# Runs random workflows on real systems while workers, jobs, batch systems and Muster itself are disturbed, and checks
# every run. Usage: scripts/soak.sh [--minutes N] [--seed S] [--keep] [slurm|htcondor|gridengine|local ...]; --help says
# more
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -u scripts/soak "$@"
