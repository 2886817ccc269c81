#!/usr/bin/env bash
# Brings up a real HTCondor pool on this machine and prints the variables that tests need. What already runs stays.
# Usage: eval "$(scripts/sites/condor-up.sh [--apart])"
#
#   --apart  jobs see no folder of the queue's machine, MUSTER_CONDOR_WORK among them: only files that were sent to them
# are there
#
# The pool lives in a Debian folder of its own and listens on the loopback interface alone. It has more CPUs and memory
# than the machine, so that many jobs run at once, and GPUs that are simulated. But for --apart, jobs see all of this
# machine's folders but the operating system's, which are those of the pool, and belong to who submits them: every user
# of this machine can, once the pool is up. HTCondor takes no jobs of root. So the pool is in a user name space in which
# root's number is that of an ordinary user, root-jobs: root's jobs run as root-jobs there, and have what belongs to
# root, but no power over what does not.
#
#   MUSTER_CONDOR_HOME  the folder of the pool (default: muster-condor in TMPDIR or /tmp; with --apart, -apart behind
#   it) MUSTER_CONDOR_PORT  its port (default: 9618; with --apart the next one)
#   MUSTER_CONDOR_USER  a user as whom tests submit jobs (default: who called sudo, else muster, who is made where
#   missing) MUSTER_CONDOR_CPUS, MUSTER_CONDOR_MEMORY, MUSTER_CONDOR_GPUS  its size (default: 64 CPUs, 262144 MB, 4
# GPUs)
#
# Prints PATH (with the tools), MUSTER_SITE with a site file, which names a Python with distributed; for tests
# MUSTER_CONDOR_HOME, MUSTER_CONDOR_WORK (a folder that jobs and all users can write to),
# MUSTER_CONDOR_USER, MUSTER_CONDOR_PYTHON (a Python with the same distributed as in the pool), MUSTER_CONDOR_JAVA
# (Java as that user); with --apart only MUSTER_CONDOR_APART, the folder of the pool, with the tools in its bin and the
# folder for files of the queue's machine, work. Two pools can be up at the same time, one of them with --apart.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/site-lib.sh"

readonly suite=trixie
# The number of root-jobs, and of root within the pool: none that a user of this machine has.
readonly swapped=64000
readonly packages=(minicondor python3-distributed python3-cryptography)
apart=
case ${1:-} in
  '') ;;
  --apart) apart=yes ;;
  *)
    printf 'condor-up: FAILED: unknown option %s; there is --apart\n' "$1" >&2
    exit 2
    ;;
esac
folder=${MUSTER_CONDOR_HOME:-${TMPDIR:-/tmp}/muster-condor}
first=${MUSTER_CONDOR_PORT:-9618}
home=$folder${apart:+-apart}
port=$((first + (${#apart} ? 1 : 0)))
cpus=${MUSTER_CONDOR_CPUS:-64}
memory=${MUSTER_CONDOR_MEMORY:-262144}
gpus=${MUSTER_CONDOR_GPUS:-4}
user=${MUSTER_CONDOR_USER:-${SUDO_USER:-muster}}
root=$home/root
work=$home/work
bin=$home/bin
pid_file=$root/run/condor/master.pid

say() { printf 'condor-up: %s\n' "$*" >&2; }

die() {
  say "FAILED: $*"
  exit 1
}

# Prints the variables.
variables() {
  if [[ -n $apart ]]; then
    printf 'export MUSTER_CONDOR_APART=%q\n' "$home"
    return 0
  fi
  printf 'export PATH=%q:"$PATH"\n' "$bin"
  printf 'export %s=%q\n' MUSTER_CONDOR_HOME "$home" MUSTER_CONDOR_WORK "$work" MUSTER_CONDOR_USER "$user" \
    MUSTER_CONDOR_PYTHON "$bin/condor-python" MUSTER_CONDOR_JAVA "$home/java/bin/java"
  take_site "$home/site.yaml"
}

plain_folder "$home" MUSTER_CONDOR_HOME
# A pool that is up is there for every user whom it knows.
if ((EUID != 0)) && [[ -z $apart ]] && trusted "$home" && [[ -r $home/site.yaml ]] &&
  grep -q "^$(id -un):" "$root/etc/passwd" && timeout 20 "$bin/condor_q" >/dev/null 2>&1; then
  user=$(id -un)
  say "the pool is up in $home"
  variables
  exit 0
fi
if ((EUID != 0)); then
  command -v sudo >/dev/null && sudo -n true 2>/dev/null || die "this needs root, or sudo without a password"
  exec sudo -n env "MUSTER_CONDOR_HOME=$folder" "MUSTER_CONDOR_PORT=$first" "MUSTER_CONDOR_USER=${MUSTER_CONDOR_USER:-$(id -un)}" \
    "MUSTER_CONDOR_CPUS=$cpus" "MUSTER_CONDOR_MEMORY=$memory" "MUSTER_CONDOR_GPUS=$gpus" \
    "MUSTER_CACHE=${MUSTER_CACHE:-$HOME/.cache/muster}" "$BASH" "$here/condor-up.sh" "$@"
fi
[[ $user != root ]] || die "MUSTER_CONDOR_USER cannot be root: HTCondor takes no jobs of root"

down() { MUSTER_CONDOR_HOME=$home "$here/condor-down.sh" "$@" >&2; }

# A copy of the cached Debian folder: what the pool does to it ends with it.
make_root() {
  [[ ! -e $root/.muster-ready ]] || return 0
  local cached
  cached=$(timeout 1200 "$here/debian-root.sh" "$suite" "${packages[@]}") || die "could not make a Debian $suite folder"
  down --wipe
  mkdir -p "$home"
  cp -a --reflink=auto "$cached" "$root"
  touch "$root/.muster-ready"
}

# mount_at PATH ARGUMENTS...: mounts there, within the root, unless something is.
mount_at() {
  local path=$root$1
  shift
  mountpoint -q "$path" && return 0
  mkdir -p "$path"
  mount "$@" "$path"
}

make_mounts() {
  mkdir -p "$work/.fs"
  chmod 1777 "$work" "$work/.fs"
  mount_at /proc -t proc proc
  mount_at /sys -t sysfs -o ro sysfs
  mount_at /dev --rbind --make-rslave /dev
  mount_at /run -t tmpfs -o mode=755 tmpfs
  mount_at "$work" --bind "$work"
}

# The same user, by name and number, outside and inside.
make_user() {
  getent passwd "$user" >/dev/null || useradd --create-home --shell /bin/bash "$user"
  local uid gid
  uid=$(id -u "$user")
  gid=$(id -g "$user")
  chroot "$root" getent group "$gid" >/dev/null || chroot "$root" groupadd -g "$gid" "$user"
  chroot "$root" getent passwd "$user" >/dev/null ||
    chroot "$root" useradd -u "$uid" -g "$gid" --create-home --shell /bin/bash "$user"
  [[ -z $apart ]] || return 0
  # All others, and who stands for root. Their home folders are those of this machine.
  local name rest
  while IFS=: read -r name rest; do
    grep -q "^$name:" "$root/etc/passwd" || printf '%s:%s\n' "$name" "$rest" >>"$root/etc/passwd"
  done < <(getent passwd | awk -F: '$3 >= 1000 && $3 < 60000 && $1 !~ /^_/'; printf 'root-jobs:x:%d:%d:root:/root:/bin/bash\n' $swapped $swapped)
  while IFS=: read -r name rest; do
    grep -q "^$name:" "$root/etc/group" || printf '%s:%s\n' "$name" "$rest" >>"$root/etc/group"
  done < <(getent group | awk -F: '$3 >= 1000 && $3 < 60000'; printf 'root-jobs:x:%d:\n' $swapped)
}

configure() {
  local name
  name=$(hostname)
  printf '127.0.0.1 localhost condor.muster.local %s\n' "$name" >"$root/etc/hosts"
  printf '%s\n' "$name" >"$root/etc/hostname"
  cat >"$root/etc/condor/config.d/99-muster.config" <<CONFIG
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:$port
SHARED_PORT_PORT = $port
NETWORK_INTERFACE = 127.0.0.1
NETWORK_HOSTNAME = condor.muster.local
ENABLE_IPV6 = False
UID_DOMAIN = muster.local
FILESYSTEM_DOMAIN = muster.local
DEFAULT_DOMAIN_NAME = muster.local
TRUST_UID_DOMAIN = True
# Who a client is, is proven by a folder that it makes here; tools outside of the root must see it too.
FS_LOCAL_DIR = $work/.fs
# Tests take the queue away and bring it back.
ALLOW_ADMINISTRATOR = root@muster.local, root-jobs@muster.local, condor@muster.local, $user@muster.local
QUEUE_SUPER_USERS = root, root-jobs, condor

NUM_CPUS = $cpus
MEMORY = $memory
NUM_SLOTS = 1
NUM_SLOTS_TYPE_1 = 1
SLOT_TYPE_1 = cpus=100%,mem=100%,disk=100%,gpus=100%
SLOT_TYPE_1_PARTITIONABLE = True
use feature:GPUs
GPU_DISCOVERY_EXTRA = -extra -simulate:4,$gpus
STARTD_CRON_JOBLIST =

START = True
SUSPEND = False
PREEMPT = False
KILL = False
WANT_SUSPEND = False
WANT_VACATE = True
NEGOTIATOR_CONSIDER_PREEMPTION = False
MachineMaxVacateTime = 5

# Answers in seconds rather than minutes.
NEGOTIATOR_INTERVAL = 2
NEGOTIATOR_CYCLE_DELAY = 1
NEGOTIATOR_MIN_INTERVAL = 1
SCHEDD_INTERVAL = 2
SCHEDD_MIN_INTERVAL = 1
UPDATE_INTERVAL = 5
PERIODIC_EXPR_INTERVAL = 2
MAX_PERIODIC_EXPR_INTERVAL = 5
SHADOW_QUEUE_UPDATE_INTERVAL = 5
STARTER_UPDATE_INTERVAL = 5
STARTER_INITIAL_UPDATE_INTERVAL = 2
MASTER_BACKOFF_CONSTANT = 1
JOB_START_DELAY = 0
JOB_START_COUNT = 50
JOB_DEFAULT_LEASE_DURATION = 20
RUNBENCHMARKS = False

# No control groups, no private /tmp: the machine is shared.
BASE_CGROUP =
CGROUP_MEMORY_LIMIT_POLICY = none
MOUNT_UNDER_SCRATCH =
# Delegation of proxies fails in this version with OpenSSL 3.5; the file is copied instead.
DELEGATE_JOB_GSI_CREDENTIALS = False
CONFIG
  configure_machine
  # The folders that systemd would make at boot.
  chroot "$root" sh -ec '
    install -d -o condor -g condor -m 775 /run/condor
    install -d -m 1777 /run/lock
    install -d -o condor -g condor -m 775 /run/lock/condor
    [ -e /var/lock ] || ln -s /run/lock /var/lock
    install -d -o condor -g condor -m 755 /var/log/condor /var/lib/condor/execute /var/spool/condor
    install -d -m 700 /etc/condor/passwords.d /etc/condor/tokens.d'
}

# With --apart the machine that runs jobs has a work folder of its own, which is empty. The place where clients prove
# who they are stays.
configure_machine() {
  local startd=/usr/local/sbin/muster-startd
  [[ -n $apart ]] || return 0
  cat >"$root$startd" <<STARTD
#!/bin/bash
set -e
if [[ \${1:-} != --mounted ]]; then
  exec unshare -m --propagation unchanged bash "\$0" --mounted "\$@"
fi
shift
exec 8<'$work/.fs'
mount --make-private '$work'
mount -t tmpfs -o mode=755 tmpfs '$work'
mkdir '$work/.fs'
mount --no-canonicalize --bind /proc/self/fd/8 '$work/.fs'
exec 8<&-
exec /usr/sbin/condor_startd "\$@"
STARTD
  chmod 755 "$root$startd"
  printf 'STARTD = %s\n' "$startd" >>"$root/etc/condor/config.d/99-muster.config"
}

# The tools, run outside of the root with the root's own libraries: they keep folder, environment and user.
make_tools() {
  local library=$root/usr/lib/x86_64-linux-gnu:$root/usr/lib tool drop
  # HTCondor takes root for who the pool does.
  drop="[ \"\$(id -u)\" != 0 ] || [ \"\${CONDOR_AS:-}\" = root ] || set -- unshare --user --map-user=$swapped --map-group=$swapped \"\$@\""
  if [[ -n $apart ]]; then
    drop="[ \"\$(id -u)\" != 0 ] || [ \"\${CONDOR_AS:-}\" = root ] || set -- setpriv --reuid='$user' --regid=\"\$(id -g '$user')\" --init-groups \"\$@\""
  fi
  mkdir -p "$bin" "$home/java/bin"
  cat >"$home/condor_config" <<CONFIG
RELEASE_DIR = $root/usr
LOCAL_DIR = $root/var
BIN = $root/usr/bin
SBIN = $root/usr/sbin
LIB = $root/usr/lib/condor
LIBEXEC = $root/usr/libexec/condor
SPOOL = $root/var/spool/condor
LOG = $root/var/log/condor
RUN = $root/run/condor
LOCAL_CONFIG_DIR = $root/etc/condor/config.d
CONFIG
  cat >"$bin/.tool" <<TOOL
#!/bin/sh
tool=\${0##*/}
export CONDOR_CONFIG='$home/condor_config'
program='$root/usr/bin/'\$tool
[ -e "\$program" ] || program='$root/usr/sbin/'\$tool
set -- '$root/lib64/ld-linux-x86-64.so.2' --argv0 "\$tool" --library-path '$library' "\$program" "\$@"
$drop
exec "\$@"
TOOL
  cat >"$bin/condor-python" <<TOOL
#!/bin/sh
export PYTHONHOME='$root/usr' PYTHONPATH='$root/usr/lib/python3/dist-packages'"\${PYTHONPATH:+:\$PYTHONPATH}"
set -- '$root/lib64/ld-linux-x86-64.so.2' --argv0 '$bin/condor-python' --library-path '$library' \\
  "\$(readlink -f '$root/usr/bin/python3')" "\$@"
exec "\$@"
TOOL
  # Build tools start tests with this Java: as the user, but able to read a class path that belongs to root. They set
  # JAVA_HOME to this very folder, so the real one has a name of its own.
  cat >"$home/java/bin/java" <<TOOL
#!/bin/sh
java=\${MUSTER_JAVA_HOME:+\$MUSTER_JAVA_HOME/bin/}java
unset JAVA_HOME
[ "\$(id -u)" = 0 ] || exec "\$java" "\$@"
home=\$(getent passwd '$user' | cut -d: -f6)
exec setpriv --reuid='$user' --regid="\$(id -g '$user')" --init-groups --inh-caps=+dac_override --ambient-caps=+dac_override \\
  env HOME="\$home" USER='$user' LOGNAME='$user' "\$java" "\$@"
TOOL
  chmod 755 "$bin/.tool" "$bin/condor-python" "$home/java/bin/java"
  for tool in submit q rm hold release history status version config_val vacate_job qedit transfer_data reschedule on off; do
    ln -sfn .tool "$bin/condor_$tool"
  done
}

# running: tells whether the pool's master is there, and not another process with its number.
running() {
  local pid
  [[ -s $pid_file ]] && pid=$(<"$pid_file") && [[ $(readlink "/proc/$pid/root") == "$(readlink -f "$root")" ]]
}

start() {
  running && return 0
  down --keep-mounts
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    die "port $port is taken; set MUSTER_CONDOR_PORT to another"
  fi
  rm -f "$pid_file"
  local master=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
    chroot "$root" /usr/sbin/condor_master -pidfile /run/condor/master.pid)
  if [[ -n $apart ]]; then
    "${master[@]}" >&2 </dev/null
  else
    unshare -m --propagation private bash -euc "$(declare -f say die bind_folders swap start_swapped); start_swapped \"\$@\"" \
      condor-up "$root" "$swapped" "${master[@]}" >&2 </dev/null
  fi
}

# bind_folders ROOT: lets the pool see this machine's folders; the mounts end with the pool.
bind_folders() {
  local place
  for place in /* /var/tmp; do
    case $place in
      /bin | /sbin | /lib* | /usr | /etc | /var | /boot | /dev | /proc | /sys | /run | /lost+found) continue ;;
    esac
    [[ -d $place && ! -L $place ]] || continue
    mkdir -p "$1$place"
    mount --rbind "$place" "$1$place"
  done
}

# swap NUMBER COUNT: prints a map of users in which 0 and the number have changed places.
swap() {
  printf '0 %d 1\n1 1 %d\n%d 0 1\n%d %d %d\n' "$1" $(($1 - 1)) "$1" $(($1 + 1)) $(($1 + 1)) $(($2 - $1 - 1))
}

# start_swapped ROOT NUMBER COMMAND...: runs a command as the root of a name space in which root has that number.
start_swapped() {
  unshare --user true || die "no user name space can be made here, which root's jobs need (see user.max_user_namespaces in sysctl)"
  local root=$1 number=$2 child count try
  shift 2
  bind_folders "$root"
  count=$(awk '$1 == 0 {print $3}' /proc/self/uid_map)
  ((count > number + 1)) || die "this root has too few users for those of HTCondor: $count"
  unshare --user --keep-caps bash -c 'kill -STOP $$; exec setpriv --reuid=0 --regid=0 --clear-groups "$@"' start "$@" &
  child=$!
  for ((try = 0; try < 100; try++)); do
    [[ $(awk '$1 == "State:" {print $2}' "/proc/$child/status") != T ]] || break
    sleep 0.05
  done
  # A map is written at once, or not at all.
  swap "$number" "$count" | dd bs=4096 iflag=fullblock of="/proc/$child/uid_map" status=none
  swap "$number" "$count" | dd bs=4096 iflag=fullblock of="/proc/$child/gid_map" status=none
  kill -CONT "$child"
  wait "$child"
}

# The settings of this pool, for workflows.
site_file() {
  cat <<SITE
# site: the HTCondor of scripts/sites/condor-up.sh, which writes this file.
for_strategy: htcondor
pools:
  default: {use: standard_worker}
  high_memory: {use: high_memory_worker}
  gpu: {use: gpu_worker}
profiles:
  standard_worker: {config: {requirements: 'TotalCpus > 0'}}
  high_memory_worker: {config: {requirements: 'TotalMemory > 128000'}}
  gpu_worker: {config: {requirements: 'TotalGPUs > 0'}}
config:
  python: $(yaml_text "$bin/condor-python")
  poll_interval: 1s
SITE
}

# Waits until there is a slot and a queue, 90 seconds at most.
await() {
  local end=$((SECONDS + 90))
  until "$bin/condor_status" -af State 2>/dev/null | grep -q . && "$bin/condor_q" >/dev/null 2>&1; do
    ((SECONDS < end)) || die "the pool did not come up; see $root/var/log/condor"
    sleep 0.2
  done
}

make_root
make_mounts
make_user
configure
make_tools
start
await
[[ -n $apart ]] || site_file >"$home/site.yaml"
say "the pool is up in $home"
variables
