#!/usr/bin/env bash
# Brings up a real Grid Engine (Debian's Son of Grid Engine) on this one machine, for tests: a qmaster and four
# emulated hosts. Usage: eval "$(scripts/sites/gridengine-up.sh)" (root, or sudo without a password)
#
# Prints the variables that its users need: SGE_ROOT, SGE_CELL, SGE_QMASTER_PORT, SGE_EXECD_PORT; MUSTER_GRIDENGINE, the
# site's folder; MUSTER_SITE with a site file, which says which pool goes to which queue and names a Python with
# distributed. What runs already is left alone, so a second call starts only what is missing. Needs gcc, Grid Engine's
# packages and a Python with distributed, which are installed. All files are in one folder, MUSTER_GRIDENGINE (default:
# ${TMPDIR:-/tmp}/muster-gridengine); nothing under /etc or /var/lib is used. The ports are MUSTER_GRIDENGINE_PORT
# (default: 26444) for the qmaster and the next one for hosts: several sites can be up at the same time.
# gridengine-down.sh ends it.
#
# Grid Engine knows hosts by their names only and always listens on all addresses. So each daemon has a UTS and a mount
# name space of its own, with its own host name and its own /etc/hosts, and a small library loaded before it ties what
# it binds and connects to one loopback address. The queues are all.q on cpu1 and cpu2, highmem.q on mem1, and gpu.q on
# gpu1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/gridengine-lib.sh" "$@"
source "$here/site-lib.sh"

fail() {
  tail -n 20 "$site"/log/* "$site"/spool/qmaster/messages "$site"/spool/execd/*/messages >&2 2>/dev/null || true
  die "$*"
}

install_packages() {
  local missing=()
  python=$(with_distributed) || missing+=(python3-distributed python3-cryptography)
  [[ -x $programs/sge_qmaster ]] || missing+=(gridengine-master)
  [[ -x $programs/sge_execd ]] || missing+=(gridengine-exec)
  [[ -x /usr/bin/qsub ]] || missing+=(gridengine-client)
  command -v gcc >/dev/null || missing+=(gcc libc6-dev)
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "install these, then try again: ${missing[*]}"
  {
    bash "$here/apt.sh" update -qq && bash "$here/apt.sh" install -qq -y --no-install-recommends "${missing[@]}"
  } >&2 || die "could not install ${missing[*]}"
  python=$(with_distributed) || die "Python does not find distributed, which is installed"
}

# The settings of this Grid Engine, for workflows.
site_file() {
  cat <<SITE
# site: the Grid Engine of scripts/sites/gridengine-up.sh, which writes this file.
for_strategy: gridengine
pools:
  default: {use: standard_worker}
  high_memory: {use: high_memory_worker}
  gpu: {use: gpu_worker}
profiles:
  standard_worker: {config: {queue: all.q}}
  high_memory_worker: {config: {queue: highmem.q}}
  gpu_worker: {config: {queue: gpu.q}}
config:
  python: $(yaml_text "$python")
  poll_interval: 1s
SITE
}

make_loopback_library() {
  [[ ! -s $site/lib/loopback.so ]] || return 0
  cat >"$site/lib/loopback.c" <<'C'
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
/* What is bound to all addresses, and what connects, gets the address in LOOPBACK_ADDRESS. */
static int mine(struct sockaddr_in *to) {
  const char *text = getenv("LOOPBACK_ADDRESS");
  return text && inet_pton(AF_INET, text, &to->sin_addr) == 1;
}
int bind(int fd, const struct sockaddr *address, socklen_t length) {
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  struct sockaddr_in to;
  if (address->sa_family == AF_INET && length >= sizeof to) {
    memcpy(&to, address, sizeof to);
    if (to.sin_addr.s_addr == htonl(INADDR_ANY) && mine(&to)) return real(fd, (struct sockaddr *)&to, sizeof to);
  }
  return real(fd, address, length);
}
int connect(int fd, const struct sockaddr *address, socklen_t length) {
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
  struct sockaddr_in to, now;
  socklen_t size = sizeof now;
  if (address->sa_family == AF_INET && getsockname(fd, (struct sockaddr *)&now, &size) == 0 && now.sin_port == 0) {
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    if (mine(&to)) bind(fd, (struct sockaddr *)&to, sizeof to);
  }
  return real(fd, address, length);
}
C
  gcc -O1 -shared -fPIC -o "$site/lib/loopback.so.new" "$site/lib/loopback.c" -ldl >&2 || die "no gcc"
  mv "$site/lib/loopback.so.new" "$site/lib/loopback.so"
}

# The name of this machine must be found first for 127.0.0.1: Grid Engine looks names up backwards.
write_hosts() {
  local number=0 host
  {
    printf '127.0.0.1 %s localhost\n' "$master"
    for host in "${hosts[@]}"; do
      number=$((number + 1))
      printf '127.0.1.%d %s\n' "$number" "$host"
    done
  } >"$site/hosts"
}

# start PROGRAM PIDFILE HOST ADDRESS: starts a daemon that puts itself into the background, unless it runs.
start() {
  local program=$1 file=$2 host=$3 address=$4 try
  if running "$file" "$program" >/dev/null; then
    return 0
  fi
  rm -f "$file"
  SGE_QMASTER_PIDFILE=$file SGE_EXECD_PIDFILE=$file LOOPBACK_ADDRESS=$address \
    unshare --mount --uts --propagation private bash -c '
      hostname "$1" && mount --bind "$2" /etc/hosts && LD_PRELOAD=$3 exec "$4"' \
    - "$host" "$site/hosts" "$site/lib/loopback.so" "$programs/$program" </dev/null \
    >>"$site/log/start.log" 2>&1 9>&- || fail "$program on $host (see $site/log/start.log)"
  for ((try = 0; try < 100; try++)); do
    if [[ -s $file ]] && running "$file" "$program" >/dev/null; then return 0; fi
    sleep 0.1
  done
  fail "$program on $host wrote no $file"
}

make_cell() {
  [[ ! -e $site/spool/db/sge ]] || return 0
  local common=$SGE_ROOT/$SGE_CELL/common
  # An end is in the accounting at once, not after 15 seconds.
  local reporting="accounting=true reporting=false flush_time=00:00:15 accounting_flush_time=00:00:00 joblog=false"
  reporting+=" sharelog=00:00:00"
  mkdir -p "$common" "$site/spool/db" "$site/spool/qmaster/job_scripts" "$site/spool/execd" "$SGE_ROOT/bin"
  ln -sfn /usr/share/gridengine/util "$SGE_ROOT/util"
  ln -sfn "$programs" "$SGE_ROOT/bin/lx-amd64"
  ln -sfn "$programs" "$SGE_ROOT/utilbin"
  cat >"$common/bootstrap" <<CONF
Version: 6.2
admin_user              none
default_domain          none
ignore_fqdn             false
spooling_method         berkeleydb
spooling_lib            libspoolb
spooling_params         $site/spool/db
binary_path             $programs
qmaster_spool_dir       $site/spool/qmaster
security_mode           none
listener_threads        2
worker_threads          2
scheduler_threads       1
CONF
  printf '%s\n' "$master" >"$common/act_qmaster"
  printf 'muster\n' >"$common/cluster_name"
  # Commands outside the namespaces find out their own name backwards, and that is often localhost.
  printf '%s localhost\n' "$master" >"$common/host_aliases"
  sed -e "s|^execd_spool_dir .*|execd_spool_dir $site/spool/execd|" -e 's|^mailer .*|mailer /bin/true|' \
    -e 's|^min_uid .*|min_uid 0|' -e 's|^min_gid .*|min_gid 0|' -e 's|^load_report_time .*|load_report_time 00:00:02|' \
    -e "s|^reporting_params .*|reporting_params $reporting|" -e 's|^loglevel .*|loglevel log_info|' \
    -e 's|^execd_params .*|execd_params PDC_INTERVAL=00:00:01|' \
    /usr/share/gridengine/default-configuration >"$site/configuration"
  {
    "$programs/spoolinit" berkeleydb libspoolb "$site/spool/db" init
    "$programs/spooldefaults" configuration "$site/configuration"
    "$programs/spooldefaults" complexes /usr/share/gridengine/util/resources/centry
    "$programs/spooldefaults" usersets /usr/share/gridengine/util/resources/usersets
    "$programs/spooldefaults" managers root
  } >>"$site/log/start.log" 2>&1 || fail "no cell"
}

# The names of hosts are looked up by the command, too.
qconf() {
  timeout 60 unshare --mount --propagation private \
    bash -c 'mount --bind "$1" /etc/hosts && shift && exec /usr/bin/qconf "$@"' - "$site/hosts" "$@"
}

# queue NAME SLOTS HOST...: a queue as Grid Engine's defaults have it, but for hosts and slots, and without a threshold
# for the load: the machine is small.
queue() {
  local name=$1 slots=$2
  shift 2
  cat >"$site/queue.new" <<CONF
qname                 $name
hostlist              $*
seq_no                0
load_thresholds       NONE
suspend_thresholds    NONE
nsuspend              1
suspend_interval      00:05:00
priority              0
min_cpu_interval      00:05:00
processors            UNDEFINED
qtype                 BATCH INTERACTIVE
ckpt_list             NONE
pe_list               make smp
rerun                 FALSE
slots                 $slots
tmpdir                /tmp
shell                 /bin/csh
prolog                NONE
epilog                NONE
shell_start_mode      posix_compliant
starter_method        NONE
suspend_method        NONE
resume_method         NONE
terminate_method      NONE
notify                00:00:05
owner_list            NONE
user_lists            NONE
xuser_lists           NONE
subordinate_list      NONE
complex_values        NONE
projects              NONE
xprojects             NONE
calendar              NONE
initial_state         default
s_rt                  INFINITY
h_rt                  24:00:00
s_cpu                 INFINITY
h_cpu                 INFINITY
s_fsize               INFINITY
h_fsize               INFINITY
s_data                INFINITY
h_data                INFINITY
s_stack               INFINITY
h_stack               INFINITY
s_core                INFINITY
h_core                INFINITY
s_rss                 INFINITY
h_rss                 INFINITY
s_vmem                INFINITY
h_vmem                INFINITY
CONF
  qconf -Aq "$site/queue.new"
}

# host NAME COMPLEX_VALUES: an execution host. Group numbers tell whose process is which, and all hosts are this
# machine: each has numbers of its own.
host() {
  printf '%s\n' "hostname $1" "load_scaling NONE" "complex_values $2" "user_lists NONE" "xuser_lists NONE" \
    "projects NONE" "xprojects NONE" "usage_scaling NONE" "report_variables NONE" >"$site/host.new"
  qconf -ah "$1"
  qconf -Ae "$site/host.new"
  mkdir -p "$site/conf"
  printf 'gid_range %d-%d\n' "$group" $((group + 39)) >"$site/conf/$1"
  qconf -Aconf "$site/conf/$1"
  group=$((group + 40))
}

configure() {
  [[ ! -e $site/configured ]] || return 0
  local pe made='' group=$((20000 + first % 250 * 160))
  {
    qconf -as "$master"
    qconf -sc | sed -e 's/^\(h_vmem .*\)$/h_vmem h_vmem MEMORY <= YES YES 2G 0/' >"$site/complex.new"
    printf 'gpu gpu INT <= YES JOB 0 0\n' >>"$site/complex.new"
    qconf -Mc "$site/complex.new"
    for pe in smp make; do qconf -Ap "/usr/share/gridengine/util/resources/pe/$pe"; done
    host cpu1 slots=16,h_vmem=64G
    host cpu2 slots=16,h_vmem=64G
    host mem1 slots=32,h_vmem=512G
    host gpu1 slots=32,h_vmem=256G,gpu=4
    queue all.q 16 cpu1 cpu2
    queue highmem.q 32 mem1
    queue gpu.q 32 gpu1
    # The scheduler looks at once, not every 15 seconds, and says in qstat -j why a job waits.
    qconf -ssconf | sed -e 's/^schedule_interval .*/schedule_interval 0:0:2/' \
      -e 's/^\(flush_[a-z]*_sec\) .*/\1 1/' -e 's/^schedd_job_info .*/schedd_job_info true/' >"$site/scheduler.new"
    qconf -Msconf "$site/scheduler.new"
    made=$(qconf -sconfl && qconf -sql && qconf -spl && qconf -sc | grep -o '^gpu')
  } >>"$site/log/start.log" 2>&1 || true
  [[ $(wc -w <<<"$made") == 10 ]] || fail "could not configure it (see $site/log/start.log)"
  : >"$site/configured"
}

await_qmaster() {
  local try
  for ((try = 0; try < 120; try++)); do
    # One that is about to end answers no more, and takes up to half a minute for it.
    start sge_qmaster "$site/run/qmaster.pid" "$master" 127.0.0.1
    if timeout 10 /usr/bin/qconf -sh >/dev/null 2>&1; then return 0; fi
    sleep 0.5
  done
  qconf -sh >&2 || true
  fail "the qmaster does not answer"
}

await_hosts() {
  local until=$((SECONDS + 90)) up=0
  while ((SECONDS < until)); do
    up=$(timeout 20 qstat -f 2>/dev/null | awk '$1 ~ /@/ && $4 != "-NA-" && NF == 5' | wc -l)
    if ((up == ${#hosts[@]})); then return 0; fi
    sleep 0.5
  done
  timeout 20 qstat -f >&2 || true
  fail "only $up of ${#hosts[@]} hosts are up"
}

# Another user's site is used as it is, if that is root.
use_theirs() {
  trusted "$site" || die "$site belongs to another user; set MUSTER_GRIDENGINE to a folder of your own"
  timeout 20 qstat >/dev/null 2>&1 && [[ -r $site/site.yaml ]] ||
    die "the Grid Engine of root in $site does not answer; ask root to bring it up"
}

# Prints the variables.
variables() {
  printf 'gridengine-up: %s with %d hosts in %s\n' "$(qstat -help 2>&1 | head -n 1)" "${#hosts[@]}" "$site" >&2
  printf 'export %s=%q\n' MUSTER_GRIDENGINE "$site" SGE_ROOT "$SGE_ROOT" SGE_CELL "$SGE_CELL" \
    SGE_QMASTER_PORT "$SGE_QMASTER_PORT" SGE_EXECD_PORT "$SGE_EXECD_PORT"
  take_site "$site/site.yaml"
}

main() {
  local number=0 host starts=()
  plain_folder "$site" MUSTER_GRIDENGINE
  if ((EUID != 0)) && timeout 20 qstat >/dev/null 2>&1; then
    use_theirs
    variables
    return
  fi
  ((EUID == 0)) || as_root "$here/gridengine-up.sh"
  install_packages
  umask 022
  mkdir -p "$site"/{lib,log,run,root}
  exec 9>"$site/lock"
  flock -w 300 9 || die "another call has been working on $site for 5 minutes"
  master=$(hostname)
  printf '%d\n' "$first" >"$site/port"
  printf '#!/bin/sh\n# Starts what is missing of this site.\nMUSTER_GRIDENGINE=%q exec bash %q\n' \
    "$site" "$here/gridengine-up.sh" >"$site/up"
  chmod 755 "$site/up"
  site_file >"$site/site.yaml"
  make_loopback_library
  write_hosts
  make_cell
  await_qmaster
  configure
  for host in "${hosts[@]}"; do
    number=$((number + 1))
    start sge_execd "$site/run/execd-$host.pid" "$host" "127.0.1.$number" &
    starts+=("$!")
  done
  for number in "${starts[@]}"; do
    wait "$number" || exit 1
  done
  await_hosts
  variables
}

main
