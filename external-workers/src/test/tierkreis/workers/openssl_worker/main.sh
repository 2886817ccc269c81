#!/usr/bin/env bash
set -eu
case $(basename "$function_name") in
  genrsa)
    numbits=$(cat "$input_numbits_file")
    openssl genrsa -aes128 -passout "file:$input_passphrase_file" -out "$output_private_key_file" "$numbits"
    openssl rsa -in "$output_private_key_file" -passin "file:$input_passphrase_file" -pubout -out "$output_public_key_file"
    ;;
  *) echo "no function $function_name" >&2; exit 3 ;;
esac
