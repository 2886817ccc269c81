#!/usr/bin/env bash
# Measures what runs on one site cost each other, and whether many leave anything behind.
# Usage: scripts/site-runs.sh [RUNS]
#
# Ten short tasks beside a run of 1,000,000; then RUNS short runs (default 20,000), some of which fail or are cancelled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

./mvnw -q -Dfast -DskipTests package -pl cli -am
java -Xmx512m -cp 'cli/target/lib/*' scripts/SiteRuns.java "${1:-20000}"
