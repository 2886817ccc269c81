#!/usr/bin/env bash
# Makes the pictures of the docs that show pages: runs the dimuon example and takes a picture of its report.
# Usage: scripts/pictures.sh [FOLDER]     (default: docs/images)
#
# Needs chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

images=$(realpath "${1:-docs/images}")
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

./muster run examples/workflows/dimuon.yaml --quiet --run-dir "$work/dimuon"
sed -i "s|$work|/home/me|g" "$work/dimuon/report.html" # no name of a temporary folder
timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" \
  --window-size=1240,1500 --virtual-time-budget=4000 --screenshot="$images/report.png" \
  "file://$work/dimuon/report.html" 2>/dev/null
printf '%s\n' "$images/report.png"
