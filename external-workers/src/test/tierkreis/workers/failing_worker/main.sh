#!/usr/bin/env bash
case $(basename "$function_name") in
  fail) echo "it had to fail" >&2; touch "$error_path" ;;
  wont_fail) echo 1 >"$output_value_file" ;;
  exit_code_1) echo "leaving" >&2; exit 1 ;;
  die) kill -9 $$ ;;
  no_done) echo 1 >"$output_value_file" ;;
  no_outputs) touch "$done_path" ;;
  both_flags) echo 1 >"$output_value_file"; touch "$done_path" "$error_path" ;;
esac
