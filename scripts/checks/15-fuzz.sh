#!/usr/bin/env bash
# Loads, prints, plans and checks 100,000 mutants of example and test files. Usage: scripts/checks/15-fuzz.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

timeout 600 scripts/fuzz.sh --count 100000
