# What slurm-up.sh and slurm-down.sh share: their folder, their options, and which daemons run. To be sourced with the
# arguments.
name=$(basename "$0" .sh)
suite=
apart=
wipe=
root=
in_root=()
nodes=(cpu1 cpu2 mem1 gpu1)
export PATH=$PATH:/usr/sbin:/sbin

die() {
  printf '%s: FAILED: %s\n' "$name" "$*" >&2
  exit 1
}

# as_root SCRIPT ARGUMENT...: goes on as root, with the same variables.
as_root() {
  command -v sudo >/dev/null && sudo -n true 2>/dev/null || die "--apart needs root, or sudo without a password"
  exec sudo -n env "MUSTER_SLURM=$folder" "MUSTER_SLURM_PORT=${MUSTER_SLURM_PORT:-26817}" \
    "MUSTER_CACHE=${MUSTER_CACHE:-$HOME/.cache/muster}" "$BASH" "$@"
}

arguments=("$@")
while (($#)); do
  case $1 in
    --suite)
      [[ ${2:-} =~ ^[a-z]+$ ]] || die "--suite needs the name of a Debian release, for example trixie"
      suite=$2
      shift
      ;;
    --apart) apart=yes ;;
    --wipe)
      [[ $name == slurm-down ]] || die "unknown option: $1"
      wipe=yes
      ;;
    *) die "unknown option: $1" ;;
  esac
  shift
done
folder=${MUSTER_SLURM:-${TMPDIR:-/tmp}/muster-slurm}
site=$folder${suite:+-$suite}${apart:+-apart}

# running PIDFILE PROGRAM: prints the id of a daemon that runs; fails if it does not. A zombie has no program.
running() {
  local pid program
  pid=$(cat "$1" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
  program=$(readlink "/proc/$pid/exe" 2>/dev/null) && [[ ${program##*/} == "$2"* ]] || return 1
  printf '%s\n' "$pid"
}
