#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh PROGRAM FOLDER RESULT.json SECONDS [TARGET…]: fuzzes each target from its seeds.
# A crash is kept in FOLDER/crashes/TARGET; move it to Tests/Fuzz/Crashes/TARGET with the fix.
set -euo pipefail
program=$(realpath "$1"); folder=$2; result=$3; seconds=$4; shift 4
root=$(realpath "$(dirname "$0")/../..")
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(audit batch bundle changeset csv dictionary enrolment envelope \
  model plan pooled reply request signature)
mkdir -p "$folder" "$(dirname "$result")"

fuzz() { # one target, for its time; prints runs and covered edges
  local corpus=$folder/corpus/$1 crashes=$folder/crashes/$1 log=$folder/$1.log
  mkdir -p "$corpus" "$crashes"
  for file in "$root/Tests/Fuzz/"{Seeds,Crashes}"/$1"/*; do
    [ ! -f "$file" ] || head -c 65536 "$file" >"$corpus/seed-$(basename "$file")"
  done
  local status=0
  LOBULE_FUZZ_TARGET=$1 "$program" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$crashes/" "$corpus" >"$log" 2>&1 || status=$?
  local runs edges
  runs=$(grep -oP 'number_of_executed_units: \K\d+' "$log" | tail -1 || true)
  edges=$(grep -oP 'cov: \K\d+' "$log" | tail -1 || true)
  printf '%-12s %10s runs  %6s edges  %s\n' "$1" "${runs:-0}" "${edges:-0}" \
    "$([ $status = 0 ] && echo clean || echo "FOUND: see $log and $crashes")"
  jq -n --arg what "fuzz $1" --argjson value "${runs:-0}" --argjson edges "${edges:-0}" \
    --argjson seconds "$seconds" --argjson pass "$([ $status = 0 ] && echo true || echo false)" \
    '{what: $what, value: $value, unit: "runs without a trap", edges: $edges, seconds: $seconds, must: 1, stretch: null, pass: $pass}' \
    >"$folder/$1.row.json"
}

rm -f "$folder"/*.row.json
# One target a core.
export -f fuzz; export program folder seconds root
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}'
jq -s --arg machine "$(uname -srm), $(nproc) cores" --arg commit "$(git -C "$root" rev-parse --short HEAD)" \
  '{machine: $machine, commit: $commit, rows: .}' "$folder"/*.row.json >"$result"
jq -e 'all(.rows[]; .pass)' "$result" >/dev/null
