#!/usr/bin/env bash
# Kills and stops 20 processes of runs in this JVM's backend and on Dask, and checks every run. Usage:
# scripts/checks/45-chaos.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

timeout 300 scripts/chaos.sh --count 20 --seconds 60 local dask dask-transfer
