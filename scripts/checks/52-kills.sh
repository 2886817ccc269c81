#!/usr/bin/env bash
# Kills the process of runs with one job a task three times on Slurm, and goes on with them. Usage:
# scripts/checks/52-kills.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

timeout 400 scripts/kills.sh --count 3 slurm
