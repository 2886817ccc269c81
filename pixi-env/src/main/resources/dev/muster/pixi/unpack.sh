#!/bin/bash
# Extracts a packed environment on a worker, once per machine however many jobs ask, and prints the folder that holds it.
#
# Usage: unpack.sh KIND ARCHIVE SHA256 BYTES NAME FOLDER KEEP-DAYS [ENV-NAME]
#   KIND     prefix: a tar.gz that Muster made; executable: a self-extracting archive that pixi-pack made
#   SHA256, BYTES  of the archive; another one is refused
#   NAME     of the folder that is made, within FOLDER/muster-UID
#   FOLDER   absolute, or a name below the default, which is the machine's temporary folder ($TMPDIR, else /tmp); may be empty
#   KEEP-DAYS  when an environment is extracted, others that no job has used for so many days, nor uses now, are removed
# Needs bash, coreutils, find, tar and gzip; with flock (util-linux), jobs that start together wait for the first.
set -u -o pipefail
export LC_ALL=C
umask 077

kind=$1 archive=$2 sha256=$3 bytes=$4 name=$5 folder=$6 keep_days=$7 env_name=${8:-env}

# begin: is it there?
# What is said here a job also runs by itself, to find out whether it needs the archive at all.
say() { printf 'muster: %s\n' "$*" >&2; }

temporary=${TMPDIR:-/tmp}
temporary=${temporary%/}/muster-$EUID
case $folder in
  '') root=$temporary ;;
  /*) root=${folder%/}/muster-$EUID ;;
  *) root=$temporary/$folder ;;
esac
final=$root/$name

# own FOLDER: tells whether it is a folder of this user, and no link.
own() { [ ! -L "$1" ] && [ -d "$1" ] && [ -O "$1" ]; }

# count FOLDER: how much there is, without what Python compiles.
count() { find "$1" -name __pycache__ -prune -o -print | wc -l; }

# Tells whether the environment is there and whole. Machines clean their temporary folders file by file: now and then it is counted.
ready() {
  local seal=$final/.muster/ready
  [ -O "$final" ] && [ -f "$seal" ] || return 1
  [ -z "$(find "$seal" -mmin -720 2>/dev/null)" ] || return 0
  [ "$(count "$final")" -ge "$(cat "$seal")" ] || return 1
  touch -- "$seal"
}

# Marks the environment as used; fails if it is not there, or somebody removes it just now. (A job also holds the shared lock until it ends: see clean.)
use() {
  if [ "${folder#/}" = "$folder" ]; then own "$temporary" || return 1; fi
  own "$root" && ready || return 1
  local mark=$final/.muster/used
  if command -v flock >/dev/null && exec 8<"$mark"; then
    flock -s 8 || say "no locks in $root"
    [ "$mark" -ef /dev/fd/8 ] || return 1
    exec 8<&-
  fi
  printf '\n' >"$mark"
}
# end: is it there?

die() {
  say "$*"
  exit 1
}

make_root() {
  local made
  made=$(mkdir -p -- "$root" 2>&1) || die "cannot make the folder for environments $root: $made; name another one with environment.worker_env_dir"
  local each above=$root
  [ "${folder#/}" != "$folder" ] || above=$temporary
  for each in "$above" "$root"; do
    own "$each" || die "$each is not a folder of user $(id -un); remove it, or name another one with environment.worker_env_dir"
    chmod 700 -- "$each" || die "cannot make $each private"
  done
}

# unused FOLDER: tells whether no job has used the environment for as long as one is kept.
unused() { [ -n "$(find "$1/.muster/used" -mtime "+$((keep_days - 1))" 2>/dev/null)" ]; }

# Removes environments that are not used any more. Who holds the exclusive lock of one and finds it old gives it another name: a job that looks for it
# later extracts it again, and one that found it before has the shared lock, or has just marked it as used.
clean() {
  local other gone
  command -v flock >/dev/null || return 0
  find "$root" -mindepth 1 -maxdepth 1 -name '.gone.*' -mtime +0 -exec rm -rf -- {} + # left by a job that was killed
  for other in "$root"/env-* "$root"/pixi-*; do
    if [ "$other" = "$final" ] || [ ! -O "$other" ] || [ ! -f "$other/.muster/ready" ] || ! unused "$other"; then
      continue
    fi
    gone=$(mktemp -d "$root/.gone.XXXXXX") || return 0
    {
      flock -n 8 && unused "$other" && mv -T -- "$other" "$gone/env" \
        && say "removed $other, which no job has used for $keep_days days"
    } 8<"$other/.muster/used"
    rm -rf -- "$gone"
  done
}

# seal FOLDER: says that what is there is complete.
seal() {
  local entries
  mkdir -p -- "$1/.muster" && : >"$1/.muster/used" && : >"$1/.muster/ready" && entries=$(count "$1") && printf '%s\n' "$entries" >"$1/.muster/ready"
}

check_archive() {
  [ -r "$archive" ] || die "there is no archive $archive on $HOSTNAME; do workers see the folder that holds it? (Where files are sent, it is not sent to a machine that has $final. If that was removed since the job looked, another job gets the archive.)"
  local size sum
  size=$(stat -Lc %s -- "$archive") || die "cannot read $archive"
  [ "$size" -eq "$bytes" ] || die "the archive $archive is refused: it has $size bytes and must have $bytes (truncated, or another one); remove it and start again"
  sum=$(sha256sum <"$archive") || die "cannot read $archive"
  [ "${sum%% *}" = "$sha256" ] || die "the archive $archive is refused: it was altered (SHA-256 ${sum%% *}, must be $sha256); remove it and start again"
}

# failed WHAT SAID: says why extracting failed, with the words of the tools. (They are in no file: the disk may be full.)
failed() {
  if printf '%s' "$2" | grep -qiE 'no space left|disk quota'; then
    local free
    free=$(df -Ph "$root" | { read -r && read -r _ _ _ free _ && printf '%s' "$free"; })
    die "the disk is full: $1 in $root, which has $free left; free some, or name another folder with environment.worker_env_dir. $(printf '%s' "$2" | tail -n 1)"
  fi
  die "$1 failed: $(printf '%s' "$2" | tail -n 5)"
}

# Refuses what must not be in an environment. tar itself keeps what it extracts within the folder.
check_extracted() {
  local bad end
  [ ! -s "$work/names" ] || die "the archive $archive is refused: it has a name that leads out of it: $(head -n 1 "$work/names")"
  bad=$(find "$work/env" ! -type f ! -type d ! -type l -print -quit)
  [ -z "$bad" ] || die "the archive $archive is refused: ${bad#"$work/env/"} is neither file, folder nor link"
  while IFS= read -r -d '' end; do
    case $end in
      "$work/env" | "$work/env/"*) ;;
      *) die "the archive $archive is refused: it has a link that leads out of it, to $end" ;;
    esac
  done < <(find "$work/env" -type l -print0 | xargs -0 -r realpath -mz --)
}

extract_prefix() {
  local said
  said=$({
    mkdir -- "$work/env" \
      && gzip -dc <"$archive" | tar -x -v -p --no-same-owner -C "$work/env" -f - \
      | { grep -aE '^/|(^|/)\.\.(/|$)' || true; } >"$work/names"
  } 2>&1) || failed "extracting $archive" "$said"
  check_extracted
  if [ -f "$work/env/.muster/relocate.json" ]; then
    said=$("$work/env/bin/python" -I -S -B -X utf8 "$work/env/.muster/relocate.py" "$work/env" "$final" 2>&1) \
      || failed "writing the new path into the environment" "$said"
  fi
  said=$(seal "$work/env" 2>&1) || failed "sealing the environment" "$said"
  if [ -e "$final" ] && ! ready; then
    mv -T -- "$final" "$work/old" || die "cannot move the incomplete $final away"
  fi
  # Where there is no flock, another job may have been faster.
  said=$(mv -T -- "$work/env" "$final" 2>&1) || ready || failed "moving the environment to $final" "$said"
}

# These archives write the path into what they extract, so it must be made where it stays, and the path must be absolute: they would write another one as it
# is. Those of pixi-pack 0.6 hand their words on through eval. They leave their temporary files where they fail.
extract_executable() {
  local said there=$final
  [ ! -e "$final" ] || mv -T -- "$final" "$work/old" || die "cannot move the incomplete $final away"
  if [ -n "$(sed -n '/^@@END_HEADER@@/q; /^ *eval /p' "$archive")" ]; then
    printf -v there '%q' "$final"
  fi
  said=$({ mkdir -- "$final" && TMPDIR=$work bash "$archive" --output-directory "$there" --env-name "$env_name"; } 2>&1 </dev/null) \
    || failed "extracting $archive" "$said"
  [ -x "$final/$env_name/bin/python" ] || die "the archive $archive has no $env_name/bin/python"
  [ -r "$final/activate.sh" ] || die "the archive $archive has made no activate.sh"
  said=$(seal "$final" 2>&1) || failed "sealing the environment" "$said"
}

if ! use; then
  make_root
  locked=
  exec 9>>"$root/.lock-$name" || die "cannot write to $root"
  if command -v flock >/dev/null; then
    flock -n 9
    case $? in
      0) locked=yes ;;
      1)
        say "waiting for another job, which extracts the environment"
        flock -w "${MUSTER_UNPACK_PATIENCE:-1800}" 9 || die "another job has been extracting $final for too long"
        locked=yes
        ;;
      *) say "no locks in $root; extracting without one" ;;
    esac
  elif [ "$kind" = executable ]; then
    die "there is no flock on $HOSTNAME, which archives of pixi-pack need"
  fi
  if ! ready; then
    check_archive
    [ -z "$locked" ] || rm -rf -- "$root/.$name."* # left by a job that was killed
    work=$(mktemp -d "$root/.$name.XXXXXX") || die "cannot write to $root"
    trap 'rm -rf -- "$work"' EXIT
    trap 'exit 143' TERM INT HUP
    began=$SECONDS
    case $kind in
      prefix) extract_prefix ;;
      executable) extract_executable ;;
      *) die "there is no kind of archive named $kind" ;;
    esac
    say "extracted the environment to $final in $((SECONDS - began)) s"
    clean
  fi
  use || die "the environment $final is gone as soon as it was extracted; does something else clean $root?"
fi
printf '%s\n' "$final"
