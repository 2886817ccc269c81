#!/usr/bin/env bash
# Packs an environment as Muster does and as tar with the same compressor does, and prints both sides: time, and the
# memory of the largest process. Usage: scripts/pack-compare.sh [PREFIX [LEVEL]]
#
# Without PREFIX, makes one of about 1 GB out of copies of this host's Python libraries. Muster's side runs with
# -Xmx128m. Peers: 'tar | gzip', and 'tar | pigz' where there is pigz, which compresses in as many threads as there are
# cores, as Muster does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

level=${2:-6}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

prefix=${1:-}
if [[ -z $prefix ]]; then
  prefix=$work/prefix
  home=$(/usr/bin/python3 -c 'import os; print(os.path.dirname(os.__file__))')
  mkdir -p "$prefix/bin" "$prefix/lib"
  cp -L /usr/bin/python3 "$prefix/bin/python"
  cp -rL "$home" "$prefix/lib/"
  for ((i = 0; $(du -sm --apparent-size "$prefix" | cut -f1) < 1024; i++)); do
    cp -r "$prefix/lib/${home##*/}" "$prefix/lib/copy$i"
    cp -rL /usr/lib/python3/dist-packages "$prefix/lib/copy$i/"
  done
fi

timeout 600 ./mvnw -q -Dfast -Dspotless.check.skip=true test-compile -pl pixi-env -am
class_path=pixi-env/target/classes:pixi-env/target/test-classes:core/target/classes:batch/target/classes
class_path+=:$(find ~/.m2/repository/tools/jackson ~/.m2/repository/org/slf4j/slf4j-api ~/.m2/repository/org/jspecify ~/.m2/repository/com/fasterxml/jackson/core/jackson-annotations -name '*.jar' ! -name '*sources*' | tr '\n' ':')

printf '%s: %s in %s files, level %s, %s cores\n' "$prefix" "$(du -sh --apparent-size "$prefix" | cut -f1)" "$(find "$prefix" -type f | wc -l)" "$level" "$(nproc)"
find "$prefix" -type f -print0 | xargs -0 cat >/dev/null # all sides find the files in memory

# Prints seconds of wall clock and of all cores, and the most memory that one process had resident. CODE COMMAND
readonly meter='
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(["bash", "-c", sys.argv[1]], stdout=subprocess.DEVNULL).returncode
took = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%8.2f s   cores %8.1f s   memory %4d MiB" % (took, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10))
sys.exit(code)
'

measure() { # NAME COMMAND: prints what the meter says, and the size of what was written
  local said
  said=$(/usr/bin/python3 -c "$meter" "$2" 2>"$work/err") || {
    cat "$work/err" >&2
    exit 1
  }
  [[ ! -s $work/err ]] || sed 's/^/  /' "$work/err"
  printf '%-20s %s   wrote %4d MiB\n' "$1" "$said" $(($(stat -c %s "$work/out" 2>/dev/null || echo 0) >> 20))
}

muster="java -Xmx128m -cp '$class_path' dev.muster.pixi.PackMain '$prefix' '$work/cache' $level"
for round in 1 2; do
  printf 'round %s\n' "$round"
  measure "tar | gzip -$level" "tar -C '$prefix' -cf - . | gzip -$level >'$work/out'"
  if command -v pigz >/dev/null; then
    measure "tar | pigz -$level" "tar -C '$prefix' -cf - . | pigz -$level >'$work/out'"
  fi
  rm -rf "$work/cache" "$work/out"
  measure "muster, first" "$muster && ln '$work'/cache/*.tar.gz '$work/out'"
  measure "muster, again" "$muster"
done
printf 'on a worker\n'
measure "tar -xz" "mkdir '$work/plain' && tar -C '$work/plain' -xzf '$work/out'"
read -r sha256 bytes name <"$work/cache/packed"
unpack="TMPDIR='$work' bash pixi-env/src/main/resources/dev/muster/pixi/unpack.sh prefix '$work/out' $sha256 $bytes $name '' 14"
measure "muster, first job" "$unpack 2>&1"
measure "muster, second job" "$unpack"
