#!/usr/bin/env bash
# SIGKILL at random moments: `lobule sync`, `lobule import` and the centre, then run again.
#
#   Tests/Faults/kill.sh PROGRAMS RESULT.json ROUNDS [SEED]
#
# Must hold after every round: equal digests, nothing unsent, every changeset counted once.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=$(cd "$1" && pwd)
result=$2
rounds=$3
seed=${4:-$(($(od -An -N2 -tu2 /dev/urandom) % 32768))}
RANDOM=$seed
mkdir -p "$(dirname "$result")"
work=$(mktemp -d)
server=
cleanup() { [ -z "$server" ] || end "$server"; rm -rf "$work"; }
trap cleanup EXIT
export LOBULE_DATA=$work/centre
center=$programs/lobule-center
site=$programs/lobule
failures=0
port=0

serve() {
  "$center" serve --listen "127.0.0.1:$port" > "$work/serve.log" 2>&1 &
  server=$!
  for _ in $(seq 400); do
    url=$(grep -oE 'https://[0-9A-Za-z.:-]+' "$work/serve.log" | head -1 || true)
    [ -z "$url" ] || { port=${url##*:}; return 0; }
    sleep 0.025
  done
  echo "the centre did not start: $(cat "$work/serve.log")" >&2
  exit 1
}
pause() { sleep "$(awk -v most="$1" -v r="$RANDOM" 'BEGIN { printf "%.4f", most * r / 32767 }')"; }
# The shell would report each killed job by name.
end() { kill -KILL "$1" 2>/dev/null || true; { wait "$1" || true; } 2>/dev/null; }

echo "seed $seed (repeat with: $0 $1 $2 $rounds $seed)"
"$center" init --name "Fault centre" --json > /dev/null
serve
for round in $(seq "$rounds"); do
  code=NORTH$round
  store=$work/$code
  "$site" init --site "$code" --store "$store" --json > /dev/null
  "$center" site add "$code" --name "$code" --json | jq -r .enrollment_code |
    "$site" enroll --server "https://127.0.0.1:$port" --code - --ca "$LOBULE_DATA/ca.pem" \
      --store "$store" --json > /dev/null

  "$site" import Tests/Fixtures/Hospitals/north.csv --store "$store" --json > /dev/null 2>&1 &
  victim=$!; pause 0.3; end "$victim"
  "$site" import Tests/Fixtures/Hospitals/north.csv --store "$store" --json > /dev/null
  expected=$("$site" status --store "$store" --json | jq .changesets)

  for _ in 1 2 3; do
    "$site" sync --store "$store" --json > /dev/null 2>&1 &
    victim=$!; pause 0.15; end "$victim"
  done
  "$site" sync --store "$store" --json > /dev/null 2>&1 &
  victim=$!; pause 0.15; end "$server"; wait "$victim" 2>/dev/null || true
  serve

  "$site" sync --store "$store" --json > "$work/sync.json" 2> "$work/sync.err" || true
  equal=$(jq -r .digest_equal "$work/sync.json" 2>/dev/null || echo none)
  unsent=$("$site" status --store "$store" --json | jq .unsent)
  changesets=$("$site" status --store "$store" --json | jq .changesets)
  if [ "$equal" != true ] || [ "$unsent" != 0 ] || [ "$changesets" != "$expected" ] || [ "$expected" != 140 ]; then
    failures=$((failures + 1))
    echo "round $round: digests equal $equal, unsent $unsent, changesets $changesets of $expected: $(cat "$work/sync.err")"
    "$site" doctor --store "$store" || true
  fi
done
patients=$("$center" cut --json | jq .patients)
[ "$patients" = $((140 * rounds)) ] || { failures=$((failures + 1)); echo "the centre pools $patients patients of $((140 * rounds))"; }
"$center" doctor > "$work/doctor.txt" || { failures=$((failures + 1)); cat "$work/doctor.txt"; }

jq -n --arg machine "$(uname -srm), $(nproc) cores" --arg commit "$(git rev-parse --short HEAD 2>/dev/null || echo none)" \
  --argjson failures "$failures" --argjson rounds "$rounds" --argjson seed "$seed" '
  {machine: $machine, commit: $commit, rows: [
    {what: "SIGKILLs at random moments, seed \($seed)", value: (5 * $rounds), unit: "kills", must: 5, stretch: 200, pass: true},
    {what: "rounds that lost, repeated or split a changeset", value: $failures, unit: "rounds", must: 0, stretch: 0, pass: ($failures == 0)}]}' > "$result"
echo "$rounds rounds, $failures failures; $result"
[ "$failures" -eq 0 ]
