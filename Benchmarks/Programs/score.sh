#!/usr/bin/env bash
# The time of one offline score, beside the time of starting the same program for its version.
#
#   Benchmarks/Programs/score.sh PROGRAMS RESULT.json
set -euo pipefail
cd "$(dirname "$0")/../.."
site=$(cd "$1" && pwd)/lobule
result=$2
mkdir -p "$(dirname "$result")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LOBULE_STORE=$work/store
"$site" init --site NORTH --json > /dev/null
"$site" import Tests/Fixtures/Hospitals/north.csv --json > /dev/null

# Median of 41 runs in milliseconds, the first of which warms the page cache.
median() {
  for _ in $(seq 42); do
    local before after
    before=$(date +%s%N)
    "$@" > /dev/null
    after=$(date +%s%N)
    echo $(((after - before) / 1000))
  done | tail -n +2 | sort -n | sed -n 21p
}
score=$(median "$site" score NOR000001 --json)
floor=$(median "$site" --version)
jq -n --arg machine "$(uname -srm), $(nproc) cores" --arg commit "$(git rev-parse --short HEAD 2>/dev/null || echo none)" \
  --argjson score "$score" --argjson floor "$floor" '
  {machine: $machine, commit: $commit, rows: [
    {what: "lobule score, median of 41", value: ($score / 1000), unit: "ms", must: 50, stretch: 20, pass: ($score < 50000)},
    {what: "lobule --version, median of 41 (floor)", value: ($floor / 1000), unit: "ms", must: null, stretch: null, pass: true},
    {what: "score over floor", value: ($score / $floor), unit: "ratio", must: null, stretch: null, pass: true}]}' > "$result"
jq -r '.rows[] | "\(.what): \(.value * 100 | round / 100) \(.unit)"' "$result"
jq -e 'all(.rows[]; .pass)' "$result" > /dev/null
