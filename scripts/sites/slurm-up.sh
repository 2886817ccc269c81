#!/usr/bin/env bash
# Brings up a real Slurm on this one machine, for tests: a controller and four emulated nodes in the partitions cpu,
# highmem and gpu, and urgent, which preempts highmem.
# Usage: eval "$(scripts/sites/slurm-up.sh [--suite SUITE] [--apart])"
#
#   --suite SUITE  Slurm of another Debian release, for example trixie, in a folder made by debian-root.sh (needs root)
#   --apart        nodes that see nothing of this machine but the operating system and the site's own folder (needs
#                  root, or sudo without a password): home folders, /tmp and all others are those of the
#                  node, so that only files that were sent to a job are there
#
# Prints the variables that its users need: SLURM_CONF; MUSTER_SITE with a site file, which says which pool goes to
# which partition and names a Python with distributed; with --suite, whose nodes have another Python, PATH instead; with
# --apart only MUSTER_SLURM_APART, the site's folder, with slurm.conf and, for another release, bin in it. What runs
# already is left alone, so a second call starts only what is missing; a site that root has brought up is there for
# every user. Needs munge, slurm-wlm and a Python with distributed, which are installed if this is run by root.
# Everything listens on the loopback interface only, from port MUSTER_SLURM_PORT on (default: 26817; with --suite 20
# more, with --apart 10 more), and all files are in one folder, MUSTER_SLURM (default: ${TMPDIR:-/tmp}/muster-slurm;
# with -SUITE and -apart behind it): several sites can be up at the same time. Nothing under /etc or /run is used.
# slurm-down.sh ends it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/slurm-lib.sh" "$@"
source "$here/site-lib.sh"

# Root alone can take folders away from nodes.
if [[ -n $apart ]] && ((EUID != 0)); then
  as_root "$here/slurm-up.sh" "${arguments[@]}"
fi

# The port of the controller; those of the nodes follow.
first=${MUSTER_SLURM_PORT:-26817}
port=$((first + (${#suite} ? 20 : 0) + (${#apart} ? 10 : 0)))
host=$(hostname -s)
user=$(id -un)

fail() {
  tail -n 20 "$site"/log/*.log >&2 2>/dev/null || true
  die "$*"
}

install_packages() {
  if [[ -n $suite ]]; then
    root=$(bash "$here/debian-root.sh" "$suite" munge slurm-wlm) || die "no folder with Debian $suite"
    return
  fi
  local program missing=()
  if [[ -z $apart ]] && ! python=$(with_distributed); then
    missing+=(python3-distributed python3-cryptography)
  fi
  for program in munged:munge slurmctld:slurm-wlm slurmd:slurm-wlm sbatch:slurm-wlm; do
    command -v "${program%%:*}" >/dev/null || missing+=("${program#*:}")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    die "install these, then try again: apt-get install --no-install-recommends ${missing[*]}"
  fi
  {
    bash "$here/apt.sh" update -qq && bash "$here/apt.sh" install -qq -y --no-install-recommends "${missing[@]}"
  } >&2 || die "could not install ${missing[*]}"
  [[ -n $apart ]] || python=$(with_distributed) || die "Python does not find distributed, which is installed"
}

# The settings of this Slurm, for workflows.
site_file() {
  cat <<SITE
# site: the Slurm of scripts/sites/slurm-up.sh, which writes this file.
for_strategy: slurm
pools:
  default: {use: standard_worker}
  high_memory: {use: high_memory_worker}
  gpu: {use: gpu_worker}
profiles:
  standard_worker: {config: {queue: cpu}}
  high_memory_worker: {config: {queue: highmem}}
  gpu_worker: {config: {queue: gpu}}
config:
  python: $(yaml_text "$python")
  poll_interval: 1s
SITE
}

# Prints the variables.
variables() {
  printf 'slurm-up: %s with %d nodes in %s\n' "$("${in_root[@]}" sinfo --version)" "${#nodes[@]}" "$site" >&2
  if [[ -n $apart ]]; then
    printf 'export MUSTER_SLURM_APART=%q\n' "$site"
    return 0
  fi
  printf 'export SLURM_CONF=%q\n' "$site/slurm.conf"
  if [[ -n $suite ]]; then
    printf 'case :$PATH: in *:%q:*) ;; *) export PATH=%q:$PATH ;; esac\n' "$site/bin" "$site/bin"
  else
    take_site "$site/site.yaml"
  fi
}

# Another user's site is used as it is, if that is root.
use_theirs() {
  trusted "$site" || die "$site belongs to another user; set MUSTER_SLURM to a folder of your own"
  export SLURM_CONF=$site/slurm.conf
  timeout 20 sinfo >/dev/null 2>&1 && [[ -r $site/site.yaml ]] ||
    die "the Slurm of root in $site does not answer; ask root to bring it up, or set MUSTER_SLURM to a folder of your own"
  variables
}

# start NAME PIDFILE COMMAND...: starts a daemon that puts itself into the background, unless it runs.
start() {
  local name=$1 file=$2
  shift 2
  if running "$file" "$name" >/dev/null; then
    return 0
  fi
  rm -f "$file"
  "${in_root[@]}" "${on_node[@]}" "$@" </dev/null >>"$site/log/start.log" 2>&1 9>&- || fail "$* (see $site/log/start.log)"
}

start_munge() {
  if [[ ! -s $site/munge/key ]]; then
    (umask 077 && head -c 1024 /dev/urandom >"$site/munge/key.new" && mv "$site/munge/key.new" "$site/munge/key")
  fi
  start munged "$site/run/munged.pid" munged --key-file="$site/munge/key" --socket="$site/munge/socket" \
    --pid-file="$site/run/munged.pid" --log-file="$site/log/munged.log" --seed-file="$site/munge/seed" --num-threads=4
}

configuration() {
  cat <<CONF
ClusterName=muster
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$site/munge/socket
StateSaveLocation=$site/state
SlurmdSpoolDir=$site/spool/%n
SlurmctldPidFile=$site/run/slurmctld.pid
SlurmdPidFile=$site/run/slurmd-%n.pid
SlurmctldLogFile=$site/log/slurmctld.log
SlurmdLogFile=$site/log/slurmd-%n.log
# Neither cgroups nor MPI nor mail. Memory is watched, and who uses too much is killed.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill,UsePss
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
# The nodes are what is written here, not what this machine is.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,batch_sched_delay=0,default_queue_depth=1000
GresTypes=gpu
MaxArraySize=10001
MaxJobCount=20000
ReturnToService=2
MinJobAge=300
KillWait=5
OverTimeLimit=0
InactiveLimit=0
CompleteWait=0
SlurmctldTimeout=60
SlurmdTimeout=300
# This machine may be busy with other things for long: a node that does not answer for 10 seconds would lose its jobs.
MessageTimeout=90
TCPTimeout=30
BatchStartTimeout=120
# Slurm's default: no database, so sacct answers nothing.
AccountingStorageType=accounting_storage/none
NodeName=cpu1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=16 RealMemory=64000 State=UNKNOWN
NodeName=cpu2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=16 RealMemory=64000 State=UNKNOWN
NodeName=mem1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 3)) CPUs=32 RealMemory=512000 State=UNKNOWN
NodeName=gpu1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 4)) CPUs=32 RealMemory=256000 Gres=gpu:4 Feature=fast State=UNKNOWN
# Jobs of the partition urgent take the place of others, which are put back into the queue or, with --no-requeue, end.
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=urgent Nodes=mem1 PriorityTier=10 DefMemPerCPU=4000 DefaultTime=60 MaxTime=1-00:00:00 State=UP
PartitionName=cpu Nodes=cpu[1-2] Default=YES DefMemPerCPU=1000 DefaultTime=60 MaxTime=1-00:00:00 State=UP
PartitionName=highmem Nodes=mem1 DefMemPerCPU=4000 DefaultTime=60 MaxTime=1-00:00:00 State=UP
PartitionName=gpu Nodes=gpu1 DefMemPerCPU=1000 DefaultTime=60 MaxTime=1-00:00:00 State=UP
CONF
}

# write FILE: replaces a file with standard input, if it is another text.
write() {
  cat >"$1.new"
  if cmp -s "$1.new" "$1"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

write_configuration() {
  local gpu version
  configuration | write "$site/slurm.conf"
  # GPUs that are none. Their names must differ, and only device files are taken.
  for gpu in 0 1 2 3; do
    ln -sfn /dev/null "$site/gpu$gpu"
  done
  printf 'AutoDetect=off\nNodeName=gpu1 Name=gpu File=%s\n' "$site/gpu[0-3]" | write "$site/gres.conf"
  # slurmd finds out which cgroups there are, also if it does not use them, and fails where there are none. Naming an
  # old kind that is then not touched avoids this in old versions; newer ones can be told.
  version=$("${in_root[@]}" sinfo --version)
  case $version in
    *" 2"[0-2].*) printf 'CgroupPlugin=cgroup/v1\n' ;;
    *) printf 'CgroupPlugin=disabled\n' ;;
  esac | write "$site/cgroup.conf"
}

# Commands of another release, as programs of this one.
write_commands() {
  local command
  mkdir -p "$site/bin"
  for command in sbatch sbcast squeue scontrol scancel sacct sinfo srun; do
    printf '#!/bin/sh\nexec bash %q %q %q "$@"\n' "$here/in-root.sh" "$root" "$command" | write "$site/bin/$command"
    chmod 755 "$site/bin/$command"
  done
}

start_nodes() {
  local node on_node=()
  for node in "${nodes[@]}"; do
    mkdir -p "$site/spool/$node"
    [[ -z $apart ]] || on_node=(bash "$here/apart.sh" "$site/nodes/$node" "$site")
    start slurmd "$site/run/slurmd-$node.pid" slurmd -N "$node" -f "$site/slurm.conf"
  done
}

# A daemon that ends soon after its start, for example as another program has its port for a moment, is started anew.
# A controller that was killed may give an id anew that a node still knows; then the node is drained.
resume_nodes() {
  local node
  while read -r node; do
    "${in_root[@]}" timeout 20 scontrol update "NodeName=$node" State=RESUME >>"$site/log/start.log" 2>&1 || true
  done < <("${in_root[@]}" timeout 20 sinfo -h -N -t down,drain,fail -o %N 2>/dev/null | sort -u)
}

await_nodes() {
  local until=$((SECONDS + 60)) up=0
  while ((SECONDS < until)); do
    start_nodes
    resume_nodes
    up=$("${in_root[@]}" timeout 20 sinfo -h -N -o '%N %t' 2>/dev/null | sort -u | grep -cE ' (idle|mix|alloc|comp)$' || true)
    if ((up == ${#nodes[@]})); then
      return 0
    fi
    sleep 0.2
  done
  "${in_root[@]}" sinfo -N -l >&2 || true
  fail "only $up of ${#nodes[@]} nodes are up"
}

main() {
  plain_folder "$site" MUSTER_SLURM
  if [[ -z $suite && -z $apart && -d $site && ! -O $site ]]; then
    use_theirs
    return
  fi
  install_packages
  umask 022
  mkdir -p "$site"/{bin,log,munge,run,spool,state}
  exec 9>"$site/lock"
  flock -w 300 9 || die "another call has been working on $site for 5 minutes"
  [[ -z $root ]] || in_root=(bash "$here/in-root.sh" "$root")

  printf '#!/bin/sh\n# Starts what is missing of this site.\nMUSTER_SLURM=%q MUSTER_SLURM_PORT=%q exec bash %q %s %s\n' \
    "$folder" "$first" "$here/slurm-up.sh" "${suite:+--suite $suite}" "${apart:+--apart}" | write "$site/up"
  chmod 755 "$site/up"
  export SLURM_CONF=$site/slurm.conf
  start_munge
  [[ -s $site/slurm.conf ]] || configuration >"$site/slurm.conf" # sinfo tells its version only with a configuration
  write_configuration
  [[ -n $suite || -n $apart ]] || site_file | write "$site/site.yaml"
  [[ -z $root ]] || write_commands
  start slurmctld "$site/run/slurmctld.pid" slurmctld -f "$site/slurm.conf"
  await_nodes

  variables
}

main
