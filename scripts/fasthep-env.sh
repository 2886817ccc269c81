#!/usr/bin/env bash
# Makes a virtual environment with the version of FAST-HEP that the tests run on, in a cache folder, and prints its interpreter.
# Needs a python3 of 3.11 or later. MUSTER_CACHE is the cache folder (default: ~/.cache/muster).
set -euo pipefail

version=2026.10.1
folder=${MUSTER_CACHE:-$HOME/.cache/muster}/venvs/fasthep-$version
if ! "$folder/bin/python" -c 'import hepflow.api, fasthep_carpenter, fasthep_render, distributed' 2>/dev/null; then
  rm -rf "$folder"
  mkdir -p "${folder%/*}"
  { python3 -m venv "$folder" && timeout 600 "$folder/bin/pip" install -q \
    "fasthep-flow==$version" "fasthep-carpenter==$version" "fasthep-curator==$version" "fasthep-render==$version" \
    "fasthep-cli==$version" "fasthep-distributed==$version" distributed cryptography; } >&2 || {
    rm -rf "$folder"
    exit 1
  }
fi
printf '%s\n' "$folder/bin/python"
