#!/usr/bin/env bash
# Tests the Slurm strategy on the Slurm of the newest Debian, too; that needs root. The build has run the same tests on
# the system's own. Usage: scripts/checks/40-slurm.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

suite=trixie
if ((EUID != 0)); then
  exec sudo -n env "PATH=$PATH" "JAVA_HOME=${JAVA_HOME:-}" bash "$PWD/scripts/checks/40-slurm.sh" ||
    { printf 'slurm: the Slurm of Debian %s needs root, or sudo without a password\n' "$suite" >&2 && exit 1; }
fi
down() {
  scripts/sites/slurm-down.sh --suite "$suite" --wipe
  scripts/sites/slurm-down.sh --suite "$suite" --apart --wipe
}
trap down EXIT
lines=$(scripts/sites/slurm-up.sh --suite "$suite")
apart=$(scripts/sites/slurm-up.sh --suite "$suite" --apart)
eval "$lines"
eval "$apart"
version=$(sinfo --noheader --format=%v)
timeout 900 ./mvnw -B -ntp -q -Dfast verify -Psites -pl slurm-strategy -am -Dtest=NoSuchTest \
  -Dsurefire.failIfNoSpecifiedTests=false '-Dit.test=Slurm*IT' -Dfailsafe.failIfNoSpecifiedTests=false
printf 'slurm: passed on Slurm %s\n' "$version"
