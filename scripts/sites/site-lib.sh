# What the scripts share that bring up batch systems: the site files that they write. To be sourced.

# with_distributed: prints the first of python3 and /usr/bin/python3 that has what workers need; fails if neither has.
with_distributed() {
  local python
  for python in "$(command -v python3 || true)" /usr/bin/python3; do
    [[ -x $python ]] || continue
    if (cd / && "$python" -c 'import distributed, cryptography') 2>/dev/null; then
      printf '%s\n' "$python"
      return 0
    fi
  done
  return 1
}

# yaml_text TEXT: prints it as a text of YAML.
yaml_text() {
  printf "'%s'" "${1//\'/\'\'}"
}

# plain_folder FOLDER VARIABLE: fails, with what to do, if the folder's path cannot stand in all the files that have to
# name it.
plain_folder() {
  [[ $1 =~ ^/[A-Za-z0-9_./+@-]+$ ]] ||
    die "the folder $1 cannot be the site's: its path must begin with / and have letters, digits and _./+@- only; set $2 to another"
}

# take_site FILE: prints a line that puts a site file into MUSTER_SITE, below what is there, unless it is there already.
take_site() {
  printf 'case :${MUSTER_SITE-}: in *:%q:*) ;; *) export MUSTER_SITE=%q"${MUSTER_SITE:+:$MUSTER_SITE}" ;; esac\n' "$1" "$1"
}

# trusted FOLDER: tells whether it belongs to root or to the user, so that nobody else has put something there.
trusted() {
  [[ -O $1 || $(stat -c %u "$1" 2>/dev/null) == 0 ]]
}
