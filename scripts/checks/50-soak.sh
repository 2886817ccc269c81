#!/usr/bin/env bash
# Soaks Slurm and HTCondor for about two minutes: random workflows, disturbed, every execution checked, on Dask and as
# one job a task. Systems whose variables are set are used as they are, others are brought up and taken down. Usage:
# scripts/checks/50-soak.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

systems=(slurm)
if ((EUID == 0)) || sudo -n true 2>/dev/null; then
  systems+=(htcondor)
else
  printf 'soak: neither root nor sudo without a password, so not on HTCondor\n'
fi
timeout 900 scripts/soak.sh --minutes 1.5 --backend dask "${systems[@]}"
timeout 900 scripts/soak.sh --minutes 0.5 --backend batch slurm
