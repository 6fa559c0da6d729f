#!/usr/bin/env bash
# Requests and bytes of a sync with nothing to do.
#
#   Benchmarks/Programs/idle-sync.sh PROGRAMS RESULT.json
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=$(cd "$1" && pwd)
result=$2
mkdir -p "$(dirname "$result")"
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
export LOBULE_DATA=$work/centre LOBULE_STORE=$work/store
"$programs/lobule-center" init --name "Bench centre" --json > /dev/null
"$programs/lobule-center" serve --listen 127.0.0.1:0 > "$work/serve.log" 2>&1 &
server=$!
for _ in $(seq 400); do
  url=$(grep -oE 'https://[0-9A-Za-z.:-]+' "$work/serve.log" | head -1 || true)
  [ -z "$url" ] || break
  sleep 0.025
done
"$programs/lobule" init --site NORTH --json > /dev/null
"$programs/lobule-center" site add NORTH --name North --json | jq -r .enrollment_code |
  "$programs/lobule" enroll --server "$url" --code - --ca "$LOBULE_DATA/ca.pem" --json > /dev/null
"$programs/lobule" import Tests/Fixtures/Hospitals/north.csv --json > /dev/null
"$programs/lobule" sync --json > /dev/null 2>&1
before=$(date +%s%N)
"$programs/lobule" sync --json > "$work/idle.json"
milliseconds=$((($(date +%s%N) - before) / 1000000))
jq --arg machine "$(uname -srm), $(nproc) cores" --arg commit "$(git rev-parse --short HEAD 2>/dev/null || echo none)" \
  --argjson ms "$milliseconds" '
  {machine: $machine, commit: $commit, rows: [
    {what: "requests of a sync with nothing to do", value: .requests, unit: "requests", must: 1, stretch: 1, pass: (.requests == 1)},
    {what: "headers and bodies of it, both ways", value: (.bytes_sent + .bytes_received), unit: "bytes", must: 1600, stretch: 1400, pass: (.bytes_sent + .bytes_received <= 1600)},
    {what: "wall time of it", value: $ms, unit: "ms", must: null, stretch: null, pass: true}]}' "$work/idle.json" > "$result"
jq -r '.rows[] | "\(.what): \(.value) \(.unit)"' "$result"
jq -e 'all(.rows[]; .pass)' "$result" > /dev/null
