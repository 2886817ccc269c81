#!/bin/bash
set -eu
a=$(cat "$input_a_file") b=$(cat "$input_b_file")
case $(basename "$function_name") in
  add) printf %d $((a + b)) ;;
  times) printf %d $((a * b)) ;;
  greater) ((a > b)) && printf true || printf false ;;
  *) echo "no function $function_name" >&2; exit 3 ;;
esac >"$output_value_file"
