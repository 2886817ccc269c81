#!/usr/bin/env bash
# The start script in a fresh clone whose path has spaces: builds on first use and when a source changed, also when
# two start at once; starts from anywhere and through links; keeps its classes in an archive; and says what is wrong
# with Java, the build or the reader of a pipe. The commands of the README run as they are written.
set -euo pipefail

root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clone="$work/a clone with spaces"

fail() {
  printf 'start: %s\n' "$*" >&2
  exit 1
}

expect() { # CODE TEXT COMMAND...: the command ends with the code, and says the text
  local code=$1 text=$2 got=0
  shift 2
  "$@" >"$work/said" 2>&1 || got=$?
  [[ $got == "$code" ]] || fail "exit code $got, not $code, from: $*: $(cat "$work/said")"
  grep -qF -- "$text" "$work/said" || fail "no '$text' from: $*: $(cat "$work/said")"
}

# What is not yet committed counts too, but not what is built.
mkdir "$clone"
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  [[ -e $file ]] && printf '%s\0' "$file"
done | tar -c --null -T - | tar -x -C "$clone"
cat >"$work/hello.yaml" <<'EOF'
name: hello
analysis:
  stages:
    - {id: Hello, op: shell, params: {command: "echo hello"}}
EOF

# Two first starts at once, from elsewhere and through links; one of them builds.
cd "$work"
ln -s "$clone/muster" "link one"
mkdir bin
ln -s "../link one" bin/muster
"$clone/muster" --version >one 2>&1 &
first=$!
./bin/muster --version >two 2>&1 || fail "the second of two first starts failed: $(cat two)"
wait "$first" || fail "the first of two first starts failed: $(cat one)"
[[ $(cat one two | grep -c 'building (first use)') == 1 ]] || fail "not one build: $(cat one two)"
grep -q '^muster 0' one || fail "no version: $(cat one)"
grep -q '^muster 0' two || fail "no version: $(cat two)"
[[ ! -e $clone/cli/target/muster/lock ]] || fail "the lock is still there"

# Built: no word of building, and the PATH finds it.
expect 0 'run directory: .muster/runs/hello-' env PATH="$work/bin:$PATH" muster run hello.yaml
! grep -q building said || fail "it was built again: $(cat said)"
[[ -L .muster/runs/latest ]] || fail "no link to the latest run"

# What the README says to type.
bash "$root/scripts/readme-commands.sh" "$clone"
cd "$work"

# Texts and names beyond ASCII are the same under every locale: none, C, one that is not installed, and one part that is
# not.
mkdir -p "Größe é"
cat >"Größe é/Prüfung.yaml" <<'YAML'
name: Prüfung
data: {datasets: [{name: Ä, files: [é.txt]}]}
analysis:
  stages:
    - id: Müller
      op: shell
      params: {command: "printf '%s|' 'Müller ☃' {params.n} \"$V\"; cat {files}", n: é, variables: {V: ü}, outputs: {}, capture: text}
    - {id: Say, op: shell, params: {command: "printf '<%s>' {input.Müller} >&2; printf '%s' {input.Müller} >ö", outputs: {o: ö}}}
YAML
printf 'ß' >"Größe é/é.txt"
for setting in -u LC_ALL=C LC_ALL=POSIX LANG=xx_XX.UTF-8 LC_ALL=xx_XX.UTF-8 LC_TIME=xx_XX.UTF-8 LC_CTYPE=C; do
  rm -rf locale
  expect 0 'run directory' env -i PATH="$PATH" HOME="$HOME" ${JAVA_HOME:+JAVA_HOME="$JAVA_HOME"} ${setting#-u} \
    "$clone/muster" run "Größe é/Prüfung.yaml" -d locale
  find locale -name ö -exec cat {} + >made
  [[ $(cat made) == 'Müller ☃|é|ü|ß' ]] || fail "with ${setting#-u} texts are: $(cat made)"
done

# A changed source builds again; a source that does not compile says so, and leaves the last build.
touch "$clone/cli/src/main/java/dev/muster/cli/Main.java"
expect 0 'building (sources changed)' ./bin/muster --version
printf 'class Broken {' >"$clone/cli/src/main/java/dev/muster/cli/Broken.java"
expect 1 'Broken.java' ./bin/muster --version
[[ -e $clone/cli/target/muster/lib/muster-cli.jar && ! -e $clone/cli/target/muster/lock ]] || fail "a failed build left a mess"
rm "$clone/cli/src/main/java/dev/muster/cli/Broken.java"
expect 0 'muster 0' ./bin/muster --version

# A lock whose owner is gone does not last.
mkdir "$clone/cli/target/muster/lock"
sh -c 'echo $$' >"$clone/cli/target/muster/lock/pid"
touch "$clone/cli/src/main/java/dev/muster/cli/Main.java"
expect 0 'muster 0' timeout 300 ./bin/muster --version

# An archive of classes: made, used, remade with the build, not used when a jar is another, switched off; in a folder
# that cannot be written to it is in the user's cache, and without one there is none. The path of the clone has
# spaces, in which JDK 17 keeps classes of Java only, so a copy beside it is looked at.
mkdir dist
cp -R "$clone/cli/target/muster/lib" "$clone/muster" dist/
archived() { # YES|NO COMMAND...: whether classes of the command come from an archive; it says its version and nothing else
  local expected=$1 got=NO
  shift
  rm -f loaded
  MUSTER_JAVA_OPTS="-Xlog:class+load:file=$work/loaded" "$@" >said 2>&1 || fail "with an archive: $(cat said)"
  ! grep -q 'dev\.muster.*shared objects file' loaded || got=YES
  [[ $got == "$expected" ]] || fail "classes from an archive: $got, not $expected, with $*"
  [[ $(wc -l <said) == 2 ]] || fail "it says more than its version: $(cat said)"
}
archived YES dist/muster --version
archive=$(echo dist/java-*.jsa)
archived YES dist/muster --version
archived NO env MUSTER_ARCHIVE=off dist/muster --version
touch -d 2020-01-01 dist/lib/muster-core-*.jar
archived NO dist/muster --version
touch dist/lib/muster-core-*.jar dist/lib/muster-cli.jar
archived YES dist/muster --version
chmod u+w "$archive"
printf 'damaged' >"$archive"
archived NO dist/muster --version
rm -f "$archive"
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null; then
  other=(setpriv --reuid=65534 --regid=65534 --clear-groups env)
  mkdir home
  chown 65534:65534 home
  chmod 755 "$work"
elif [[ $(id -u) != 0 ]]; then
  other=(env)
  chmod a-w dist dist/lib
fi
if [[ -n ${other:-} ]]; then
  mine() { # another user, or this one in a folder that cannot be written to; two at once
    "${other[@]}" "$@" "$work/dist/muster" --version >one 2>&1 &
    "${other[@]}" "$@" "$work/dist/muster" --version >two 2>&1 || fail "of two starts one failed: $(cat two)"
    wait $! || fail "of two starts one failed: $(cat one)"
    [[ $(cat one two | wc -l) == 4 ]] || fail "they say more than their versions: $(cat one two)"
  }
  mine HOME="$work/home" XDG_CACHE_HOME="$work/home/a cache"
  [[ $(find 'home/a cache/muster/start' -name '*.jsa' | wc -l) == 1 ]] || fail "not one archive: $(find home)"
  mine -u XDG_CACHE_HOME HOME=/nonexistent
  ! compgen -G 'dist/*.jsa' >/dev/null || fail "another user's folder was written to"
  chmod -R u+w dist
fi

# A damaged archive of classes does no harm.
for archive in "$clone"/cli/target/muster/*.jsa; do
  chmod u+w "$archive"
  printf 'damaged' >"$archive"
done
expect 0 'muster 0' ./bin/muster --version
[[ $(wc -l <said) == 2 ]] || fail "a damaged archive is not passed over in silence: $(cat said)"

# Java that is missing, elsewhere or too old.
mkdir -p "old java/bin" empty
for tool in sh readlink sed find head; do ln -s "$(command -v $tool)" "empty/$tool"; done
printf 'JAVA_VERSION="11.0.2"\n' >"old java/release"
printf '#!/bin/sh\nexit 1\n' >"old java/bin/java"
chmod +x "old java/bin/java"
expect 2 'JAVA_HOME is /nonexistent' env JAVA_HOME=/nonexistent ./bin/muster --version
expect 2 'Java 17 or later is needed' env JAVA_HOME="$work/old java" ./bin/muster --version
expect 2 'there is no java on the PATH' env -u JAVA_HOME PATH="$work/empty" ./bin/muster --version

# A path that Java's class path cannot express.
mkdir -p "at 10:00/cli"
cp "$clone/muster" "at 10:00/"
touch "at 10:00/cli/pom.xml"
expect 2 'has a colon' "./at 10:00/muster" --version

# A reader that goes away is no reason for a stack trace; a full disk is an error.
"$clone/muster" plan hello.yaml 2>err | head -n 1 >/dev/null || true
[[ ! -s err ]] || fail "a reader that went away: $(cat err)"
if [[ -e /dev/full ]]; then
  ! "$clone/muster" plan hello.yaml >/dev/full 2>err || fail "a full disk is no error"
  grep -q 'could not be written' err || fail "a full disk: $(cat err)"
fi

# The modules hold together on the module path too.
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
"$java" -p "$clone/cli/target/muster/lib" -m dev.muster.cli/dev.muster.cli.Main run hello.yaml >said 2>&1 ||
  fail "on the module path: $(cat said)"

cd "$root"
printf 'start: first start, rebuild, links, locks, wrong Java and closed pipes are as they should be\n'
