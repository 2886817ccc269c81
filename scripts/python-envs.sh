#!/usr/bin/env bash
# Makes virtual environments with the versions of Dask that the tests run on, in a cache folder, and prints one
# interpreter a line, each with its version: first the system's own where it has distributed, then those that could be
# installed.
#
# MUSTER_CACHE is the cache folder (default: ~/.cache/muster).
set -euo pipefail

cache=${MUSTER_CACHE:-$HOME/.cache/muster}/venvs
mkdir -p "$cache"

# version INTERPRETER: prints the version of distributed; fails if there is none.
version() {
  "$1" -c 'import cryptography, distributed; print(distributed.__version__)' 2>/dev/null
}

# Debian 13 has 2024.12.1. "latest" is what was the newest when the environment was made.
environment() {
  local name=$1 folder=$cache/$1
  shift
  if ! version "$folder/bin/python" >/dev/null; then
    rm -rf "$folder"
    { python3 -m venv "$folder" && timeout 300 "$folder/bin/pip" install -q "$@"; } >&2 || {
      printf 'python-envs: %s could not be installed\n' "$name" >&2
      rm -rf "$folder"
      return 0
    }
  fi
  printf '%s %s\n' "$folder/bin/python" "$(version "$folder/bin/python")"
}

if found=$(version /usr/bin/python3); then
  printf '/usr/bin/python3 %s\n' "$found"
fi
environment 2024.12.1 distributed==2024.12.1 dask==2024.12.1 cryptography numpy numba
environment latest distributed cryptography numpy numba
