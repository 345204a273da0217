#!/bin/bash
# Runs the parts of /usr/lib/wwanpi/card-settings over many files in one process, and prints for each what it would do:
# words that each end in a zero byte. Nothing is written to the simulated Pi.
# Usage: WWANPI_ROOT=FOLDER WWANPI_LIB=FOLDER card-cases.bash SCRIPT FOLDER COUNT OUTPUT
# shellcheck disable=SC2034,SC2154
# shellcheck source=/dev/null
. "$1" || exit
load_parts
exec >"$4"
tell() { printf '%s\0' "$@"; }
# Both take long; they are tested for themselves.
hash_password() {
  tell hashed "$1"
  hash='$6$salt$'$(printf 'a%.0s' {1..86})
}
make_wifi_key() {
  tell passphrase "$1" "$2"
  key=$(printf '0123456789abcdef%.0s' {1..4})
}
for ((number = 0; number < $3; number++)); do
  card=$2/$number
  tell $'\x01case' "$number"
  if ! examine; then
    for fault in "${faults[@]}"; do tell fault "$fault"; done
    continue
  fi
  tell changed "${changed[*]}"
  for path in "${order[@]}"; do tell put "$path" "${pending_mode[$path]}" "${pending[$path]}"; done
  for action in "${actions[@]}"; do tell action "$action"; done
  note_masked
  read_text "$card"
  mask_secrets
  tell text "$text"
done
