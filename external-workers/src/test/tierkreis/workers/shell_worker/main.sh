#!/usr/bin/env bash
set -eu
echo "$TEST_FLAG $(cat "$input_greeting_file")" >>"$output_value_file"
