# What gridengine-up.sh and gridengine-down.sh share: their folder, their hosts, and which daemons run. To be sourced
# with the arguments.
name=$(basename "$0" .sh)
wipe=
hosts=(cpu1 cpu2 mem1 gpu1)
# A user's settings for another Grid Engine must not get in.
unset SGE_QMASTER_PORT SGE_EXECD_PORT SGE_ROOT SGE_CELL SGE_ARCH SGE_SINGLE_LINE

die() {
  printf '%s: FAILED: %s\n' "$name" "$*" >&2
  exit 1
}

arguments=("$@")
while (($#)); do
  case $1 in
    --wipe)
      [[ $name == gridengine-down ]] || die "unknown option: $1"
      wipe=yes
      ;;
    *) die "unknown option: $1" ;;
  esac
  shift
done
site=${MUSTER_GRIDENGINE:-${TMPDIR:-/tmp}/muster-gridengine}
# The port of the qmaster; the next one is that of the hosts, which differ by their address. A site keeps its ports.
first=$(cat "$site/port" 2>/dev/null) || first=${MUSTER_GRIDENGINE_PORT:-26444}
programs=/usr/lib/gridengine
export SGE_ROOT=$site/root SGE_CELL=muster SGE_QMASTER_PORT=$first SGE_EXECD_PORT=$((first + 1))

# as_root SCRIPT: goes on as root, with the same variables.
as_root() {
  command -v sudo >/dev/null && sudo -n true 2>/dev/null ||
    die "this needs root, or sudo without a password: its hosts have names of their own"
  exec sudo -n env "MUSTER_GRIDENGINE=$site" "MUSTER_GRIDENGINE_PORT=$first" "$BASH" "$1" "${arguments[@]}"
}

# running PIDFILE PROGRAM: prints the id of a daemon of this site that runs; fails if it does not. A zombie has no
# program.
running() {
  local pid program
  pid=$(cat "$1" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
  program=$(readlink "/proc/$pid/exe" 2>/dev/null) && [[ ${program##*/} == "$2" ]] || return 1
  printf '%s\n' "$pid"
}
