#!/usr/bin/env bash
# Makes a virtual environment with FAST-HEP in a cache folder, and prints its interpreter. Usage: scripts/fasthep-env.sh
#
# MUSTER_CACHE is the cache folder (default: ~/.cache/muster). Needs python3 3.11 or newer with venv.
set -euo pipefail

version=2026.10.1
folder=${MUSTER_CACHE:-$HOME/.cache/muster}/venvs/fasthep-$version
requirements=${BASH_SOURCE[0]%/*}/fasthep-requirements.txt

there() {
  "$folder/bin/python" - "$version" 2>/dev/null <<'PYTHON'
import importlib.metadata, sys
import cryptography, fasthep_carpenter, fasthep_cli, fasthep_curator, fasthep_distributed, fasthep_render, hepflow
sys.exit(importlib.metadata.version("fasthep-flow") != sys.argv[1])
PYTHON
}

mkdir -p "${folder%/*}"
exec 9>"$folder.lock"
flock -w 900 9 || {
  printf 'fasthep-env: another call has been installing for 15 minutes\n' >&2
  exit 1
}
if ! there; then
  rm -rf "$folder"
  {
    python3 -m venv "$folder" &&
      timeout 600 "$folder/bin/pip" install -q --no-input -r "$requirements"
  } >&2 || {
    printf 'fasthep-env: FAST-HEP %s could not be installed\n' "$version" >&2
    rm -rf "$folder"
    exit 1
  }
fi
printf '%s\n' "$folder/bin/python"
