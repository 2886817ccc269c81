#!/bin/sh
# decays.simulate: how long each of `count` particles with a mean life of `life` microseconds lives, one number a line.
set -eu
LC_ALL=C awk -v count="$(cat "$input_count_file")" -v life="$(cat "$input_life_file")" '
  BEGIN {
    srand(7)
    for (i = 0; i < count; i++)
      printf "%.6f\n", -life * log(1 - rand())
  }' >"$output_times_file"
