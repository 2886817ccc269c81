#!/usr/bin/env bash
# Makes a virtual environment with rattler, the library that Pixi and pixi-pack are made of, in a cache folder, and
# prints its interpreter.
#
# MUSTER_CACHE is the cache folder (default: ~/.cache/muster).
set -euo pipefail

folder=${MUSTER_CACHE:-$HOME/.cache/muster}/venvs/rattler-0.28.0
if ! "$folder/bin/python" -c 'import rattler, zstandard' 2>/dev/null; then
  rm -rf "$folder"
  mkdir -p "${folder%/*}"
  { /usr/bin/python3 -m venv "$folder" && timeout 300 "$folder/bin/pip" install -q py-rattler==0.28.0 zstandard==0.25.0; } >&2
fi
printf '%s\n' "$folder/bin/python"
