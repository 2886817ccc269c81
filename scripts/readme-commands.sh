#!/usr/bin/env bash
# Runs the commands of the README's code blocks as they are written, in order, in a fresh clone: as this user, and if
# that is root, as an ordinary user too. Brings up the batch systems that they name in folders of its own. Usage:
# scripts/readme-commands.sh CLONE
#
# The clone is one that has been built, for an ordinary user may have no Maven repository. ./check, which runs this, is
# left out.
set -euo pipefail

clone=$1
work=$(mktemp -d)
chmod 755 "$work"
user=muster-readme

fail() {
  printf 'readme: %s\n' "$*" >&2
  exit 1
}

# A folder of the name of this script's last run may be left if that was killed; so ports and folders are this run's.
export MUSTER_SLURM=$work/slurm MUSTER_SLURM_PORT=28817 MUSTER_CONDOR_HOME=$work/condor MUSTER_CONDOR_PORT=29618
clean() {
  [[ ! -d $work/slurm ]] || "$clone/scripts/sites/slurm-down.sh" --wipe || true
  [[ ! -d $work/condor ]] || "$clone/scripts/sites/condor-down.sh" --wipe || true
  ((EUID != 0)) || ! id $user >/dev/null 2>&1 || userdel --remove $user 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT

# block HEADING NUMBER: prints the commands of a section's block, without ./check.
block() {
  awk -v heading="## $1" -v wanted="$2" '
    /^## / {here = $0 == heading; seen = 0}
    here && /^```sh$/ {inside = ++seen == wanted; next}
    /^```/ {inside = 0}
    inside && $0 != "./check"' "$clone/README.md"
}

# Every command is one that this script knows to run.
[[ $(grep -c '^```sh$' "$clone/README.md") == 5 ]] || fail "the README has other blocks of commands than this script runs"
block "Two commands" 1 >"$work/first"
block "Ten lines of YAML" 1 >"$work/plan"
block "The same workflow on a cluster" 1 >"$work/on-slurm"
block "The same workflow on a cluster" 2 >"$work/on-htcondor"
for name in first plan on-slurm on-htcondor; do
  [[ -s $work/$name ]] || fail "no commands for $name in the README"
done

# run NAME FOLDER COMMANDS [PREFIX...]: runs commands in a clone, in a shell that knows of no site.
run() {
  local name=$1 folder=$2 commands=$3 start=$SECONDS
  shift 3
  (cd "$folder" && env -u SLURM_CONF -u MUSTER_SITE -u MUSTER_CONDOR_WORK -u MUSTER_CONDOR_USER "$@" \
    timeout 300 bash -e "$commands") >"$work/said" 2>&1 </dev/null || fail "$name: exit code $?: $(cat "$work/said")"
  [[ ! -f $folder/.muster/runs/latest ]] || fail "$name left no run"
  printf 'readme: %s: %d s\n' "$name" $((SECONDS - start))
}

run "first commands" "$clone" "$work/first"
run "plan" "$clone" "$work/plan"
run "on Slurm as $(id -un)" "$clone" "$work/on-slurm"
if ((EUID != 0)); then
  if sudo -n true 2>/dev/null; then
    run "on HTCondor as $(id -un)" "$clone" "$work/on-htcondor"
  else
    printf 'readme: neither root nor sudo without a password, so not on HTCondor\n'
  fi
  exit 0
fi

# An ordinary user with a home that nobody else sees uses the HTCondor that root has brought up, and brings up a Slurm.
useradd --create-home --shell /bin/bash $user
home=$(getent passwd $user | cut -d: -f6)
theirs="$home/its clone, year=2018"
cp -a "$clone" "$theirs"
rm -rf "$theirs/.muster"
chown -R $user: "$theirs"
chmod 700 "$home"
# The last command takes the site down.
grep -v -- '-down.sh' "$work/on-htcondor" >"$work/on-htcondor-up"
grep -- '-down.sh' "$work/on-htcondor" >"$work/on-htcondor-down"
as_user=(setpriv "--reuid=$user" "--regid=$user" --init-groups env "HOME=$home" "USER=$user" "LOGNAME=$user"
  PATH=/usr/local/bin:/usr/bin:/bin "JAVA_HOME=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}")
run "on HTCondor as root" "$clone" "$work/on-htcondor-up"
run "on HTCondor as $user" "$theirs" "$work/on-htcondor-up" "${as_user[@]}"
run "HTCondor down" "$clone" "$work/on-htcondor-down"
[[ ! -e $work/condor && ! -e $work/slurm ]] || fail "something is left of the sites"
mkdir "$work/own"
chown $user: "$work/own"
run "on Slurm as $user" "$theirs" "$work/on-slurm" "${as_user[@]}" "MUSTER_SLURM=$work/own/slurm"
[[ ! -e $work/own/slurm ]] || fail "something is left of the user's Slurm"
