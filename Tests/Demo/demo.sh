#!/usr/bin/env bash
# The whole loop on this machine: a coordinating centre and five hospitals, one of them with two
# devices, whose gate keeps release 1; and a network of ten in which release 2 passes.
#
#   Tests/Demo/demo.sh PROGRAMS OUTPUT
#
# PROGRAMS holds `lobule` and `lobule-center`. OUTPUT is made anew; it ends up with summary.json,
# report.html, report-drift.html, nomogram.svg, and the stores, so that every command can be tried again by hand.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=$(cd "$1" && pwd)
rm -rf "$2"
mkdir -p "$2"
out=$(cd "$2" && pwd)
hospitals=Tests/Fixtures/Hospitals
site=$programs/lobule
center=$programs/lobule-center
export LOBULE_DATA=$out/centre
unset LOBULE_STORE
umask 077
exec 3>&1
started=$(date +%s.%N)
server=

stop_centre() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
trap stop_centre EXIT
trap 'exit 130' INT TERM

bold=; dim=; plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m'; dim=$'\e[2m'; plain=$'\e[0m'; fi
step=0
heading() { step=$((step + 1)); printf '\n%s%d. %s%s\n' "$bold" "$step" "$1" "$plain"; }
say() { printf '   %s\n' "$*"; }
command_line() { printf "   %s$ %s%s\n" "$dim" "$*" "$plain" >&3; }

# Three decimals, rounded, for jq.
three='def three: if . == null then "–" else (. * 1000 | round) as $n | "\($n / 1000 | trunc).\($n % 1000 | fabs | tostring | ("000" + .)[-3:])" end;'

# Runs one program quietly, shows its command line with the folders left out, keeps its JSON.
run_json() {
  local program=$1; shift
  command_line "$(basename "$program") $(shorten "$@")"
  "$program" "$@" --json
}
shorten() {
  local text="$*"
  text=${text//$out\//}
  printf '%s' "${text//$hospitals\//}"
}
fail() { printf '\nThe demo stopped: %s\n' "$1" >&2; exit 1; }
expect_equal() { [ "$1" = "$2" ] || fail "$3: expected $2, found $1"; }

start_centre() {
  local address=${1:-127.0.0.1:0}
  "$center" serve --listen "$address" > "$out/serve.log" 2>&1 &
  server=$!
  for _ in $(seq 200); do
    url=$(grep -oE 'https://[0-9A-Za-z.:-]+' "$out/serve.log" | head -1 || true)
    if [ -n "$url" ]; then return 0; fi
    kill -0 "$server" 2>/dev/null || fail "the centre did not start: $(cat "$out/serve.log")"
    sleep 0.05
  done
  fail "the centre did not print its address within 10 seconds"
}

names=(han north coast river hill)
declare -A title=(
  [han]="Han's hospital (published development cohort)" [north]="North hospital"
  [coast]="Coast hospital" [river]="River hospital" [hill]="Hill hospital")

printf '%sLobule demo%s: five practice hospitals; their patients are made up.\n' "$bold" "$plain"

heading "The coordinating centre starts, with its own certificate authority and signing keys"
run_json "$center" init --name "Practice centre" > "$out/init.json"
start_centre
port=${url##*:}
say "listening on $url"

heading "Each hospital gets a store, a vault and a device key, and enrols with a one-time code"
for name in "${names[@]}"; do
  code=$(run_json "$center" site add "${name^^}" --name "${title[$name]}" | jq -r .enrollment_code)
  "$site" init --site "${name^^}" --store "$out/$name" --json > "$out/$name.init.json"
  printf '%s' "$code" | "$site" enroll --server "$url" --code - --ca "$LOBULE_DATA/ca.pem" \
    --store "$out/$name" --json > /dev/null
done
say "the code itself was never sent; it keyed a MAC over each device's new public key"

heading "Hospitals import their patients, with no network at all"
stop_centre
say "the centre is switched off"
total=0
for name in "${names[@]}"; do
  run_json "$site" import "$hospitals/$name.csv" --store "$out/$name" > "$out/$name.import.json"
  accepted=$(jq .accepted "$out/$name.import.json")
  say "$(printf '%-6s %3d patients recorded, %d refused, %d warnings' "$name" "$accepted" \
    "$(jq .refused "$out/$name.import.json")" "$(jq '.problems | length' "$out/$name.import.json")")"
  total=$((total + accepted))
done
expect_equal "$total" 562 "patients imported"
again=$("$site" import "$hospitals/north.csv" --store "$out/north" --json | jq .changesets)
say "the same file again: $again changes"
"$site" import "$hospitals/han_readers.csv" --store "$out/han" --json > "$out/han.readers.json"
say "two blinded readings of each week-8 MRI: $(jq .accepted "$out/han.readers.json") rows"
if "$site" sync --store "$out/north" > /dev/null 2> "$out/offline.txt"; then
  fail "a sync without a centre succeeded"
fi
say "a sync now says: $(tail -1 "$out/offline.txt")"

heading "The network is back: de-identified changes flow to the centre"
start_centre "127.0.0.1:$port"
for name in "${names[@]}"; do
  run_json "$site" sync --store "$out/$name" > "$out/$name.sync.json" 2> /dev/null
  say "$(jq -r '"\(.pushed_changesets) changes sent, \(.accepted) accepted, \(.refused) refused, \(.bytes_sent) bytes, digests equal: \(.digest_equal)"' "$out/$name.sync.json")"
  expect_equal "$(jq .digest_equal "$out/$name.sync.json")" true "digest of $name"
done
leaks=0
for word in HAN000001 "Practice HAN" NOR000001 "Practice NOR" 1955-08-31 2021-11-27; do
  if grep -rqaF "$word" "$LOBULE_DATA"; then leaks=$((leaks + 1)); fi
done
expect_equal "$leaks" 0 "identifiers found at the centre"
say "no record number, name or calendar date is found in the centre's files"

heading "A second device at Hill hospital; both edit the same patient while offline"
code=$("$center" site add HILL --name "${title[hill]}" --json | jq -r .enrollment_code)
"$site" init --site HILL --store "$out/hill-2" --json > /dev/null
printf '%s' "$code" | "$site" enroll --server "$url" --code - --ca "$LOBULE_DATA/ca.pem" \
  --store "$out/hill-2" --json > /dev/null
"$site" vault write "$out/hill.vault" --store "$out/hill" --json > "$out/vault.json"
jq -r .transfer_key "$out/vault.json" | "$site" vault read "$out/hill.vault" --key - \
  --store "$out/hill-2" --json > /dev/null
"$site" sync --store "$out/hill-2" --json > /dev/null 2>&1
say "the second device knows $("$site" list --store "$out/hill-2" --json | jq '.patients | length') patients: identities by an encrypted file, records through the centre"
stop_centre
run_json "$site" set HIL000001 baseline lymphocytes=1.61 --store "$out/hill" > /dev/null
run_json "$site" set HIL000001 baseline lymphocytes=1.66 --store "$out/hill-2" > /dev/null
start_centre "127.0.0.1:$port"
for device in hill hill-2 hill; do
  "$site" sync --store "$out/$device" --json > "$out/$device.sync.json" 2> /dev/null
done
command_line "lobule conflicts --store hill"
"$site" conflicts --store "$out/hill" | sed 's/^/   /'
expect_equal "$("$site" conflicts --store "$out/hill" --json | jq '.conflicts | length')" 1 "conflicts"
run_json "$site" resolve HIL000001 baseline lymphocytes=1.61 --store "$out/hill" > /dev/null
for device in hill hill-2; do
  "$site" sync --store "$out/$device" --json > "$out/$device.sync.json" 2> /dev/null
  expect_equal "$(jq .conflicts "$out/$device.sync.json")" 0 "conflicts left on $device"
  expect_equal "$(jq .digest_equal "$out/$device.sync.json")" true "digest of $device"
done
say "resolved on one device, settled on both, nothing was overwritten unseen"

heading "The centre freezes a data cut and validates release 1, the published nomogram"
run_json "$center" cut > "$out/cut.json"
cut=$(jq -r .cut "$out/cut.json")
say "$(jq -r '"\(.patients) patients of \(.sites) hospitals, SHA-256 \(.sha256[0:16])…"' "$out/cut.json")"
expect_equal "$(jq .patients "$out/cut.json")" 562 "patients in the cut"
run_json "$center" validate --cut "$cut" --report "$out/report.html" > "$out/validate.json"
jq -r "$three"' .by_site[] | "\(.site)  n \(.n)  events \(.events)  AUC \(.auc.estimate | three)  slope \(.calibration.slope | three)  O:E \(.calibration.o_e | three)"' "$out/validate.json" | column -t -R 3,5,7,9,11 | sed 's/^/   /'
say "External hospitals pooled: $(jq -r "$three"' .external | "AUC \(.auc.estimate | three), calibration slope \(.calibration.slope | three), O:E \(.calibration.o_e | three)"' "$out/validate.json")"
say "the development hospital is apparent performance and stands apart"

heading "The centre refits; the gate written in the plan is asked"
run_json "$center" refit --cut "$cut" > "$out/refit.json"
candidate=$(jq -r .candidate "$out/refit.json")
show_gate() {
  jq -r "$three"' .gate[] | "\(if .pass then "met    " else "NOT MET" end)  \(.label): \(.value | three) (\(.limit))"' "$1" | sed 's/^/   /'
}
show_gate "$out/refit.json"
expect_equal "$(jq .gate_passed "$out/refit.json")" false "the gate on the practice hospitals"
if "$center" sign "$candidate" --key "$LOBULE_DATA/keys/model-1.key" > /dev/null 2> "$out/refused.txt"; then
  fail "a candidate that failed the gate was signed"
fi
say "improvement is not shown, and north would be worse: release 1 stays"
say "sign says: $(tail -1 "$out/refused.txt")"

heading "A second network: ten hospitals in which the published model is badly wrong"
stop_centre
export LOBULE_DATA=$out/drift-centre
run_json "$center" init --name "Drift network" > "$out/drift.init.json"
start_centre
drifting=(d01 d02 d03 d04 d05 d06 d07 d08 d09 d10)
for name in "${drifting[@]}"; do
  code=$("$center" site add "${name^^}" --name "Drift hospital ${name#d}" --json | jq -r .enrollment_code)
  "$site" init --site "${name^^}" --store "$out/$name" --json > "$out/$name.init.json"
  printf '%s' "$code" | "$site" enroll --server "$url" --code - --ca "$LOBULE_DATA/ca.pem" \
    --store "$out/$name" --json > /dev/null
  "$site" import "Tests/Fixtures/HospitalsDrift/$name.csv" --store "$out/$name" --json > "$out/$name.import.json"
  "$site" sync --store "$out/$name" --json > "$out/$name.sync.json" 2> /dev/null
  expect_equal "$(jq .digest_equal "$out/$name.sync.json")" true "digest of $name"
done
patients=$(jq -s 'map(.accepted) | add' "$out"/d??.import.json)
expect_equal "$patients" 1958 "patients of the ten hospitals"
say "$patients patients imported and synchronised; their hospitals differ, as hospitals do"
run_json "$center" cut > "$out/drift.cut.json"
drift_cut=$(jq -r .cut "$out/drift.cut.json")
run_json "$center" refit --cut "$drift_cut" > "$out/drift.refit.json"
run_json "$center" validate --cut "$drift_cut" --report "$out/report-drift.html" > "$out/drift.validate.json"
candidate=$(jq -r .candidate "$out/drift.refit.json")
show_gate "$out/drift.refit.json"
expect_equal "$(jq .gate_passed "$out/drift.refit.json")" true "the gate on the ten hospitals"
say "$(jq -r '"chosen: \(.chosen), by the \(.reason)"' "$out/drift.refit.json")"
for key in 1 2; do
  run_json "$center" sign "$candidate" --key "$LOBULE_DATA/keys/model-$key.key" > /dev/null
done
run_json "$center" release "$candidate" > "$out/release.json"

heading "Each of the ten receives release 2, verifies its signatures, and scores offline"
for name in "${drifting[@]}"; do
  "$site" sync --store "$out/$name" --json > "$out/$name.sync.json" 2> /dev/null
  expect_equal "$(jq .model_version "$out/$name.sync.json")" 2 "model version at $name"
done
stop_centre
"$site" score D01000001 --store "$out/d01" --json > "$out/d01.score.json"
say "d01: $(jq -r "$three"' "\(.risk_group) risk, probability \(.probability | three), release \(.version)"' "$out/d01.score.json")"

heading "The five hospitals keep release 1 and score offline"
export LOBULE_DATA=$out/centre
start_centre "127.0.0.1:$port"
for name in "${names[@]}" hill-2; do
  "$site" sync --store "$out/$name" --json > "$out/$name.sync.json" 2> /dev/null
  expect_equal "$(jq .model_version "$out/$name.sync.json")" 1 "model version at $name"
done
stop_centre
say "the centre is switched off again"
declare -A first=([han]=HAN000001 [north]=NOR000001 [coast]=COA000001 [river]=RIV000001 [hill]=HIL000001)
for name in "${names[@]}"; do
  "$site" score "${first[$name]}" --store "$out/$name" --json > "$out/$name.score.json"
  say "$(jq -r "$three"' "\(.risk_group) risk, probability \(.probability | three) (\(.probability_low | three)–\(.probability_high | three)), release \(.version)"' "$out/$name.score.json" | sed "s/^/$(printf '%-6s' "$name")/")"
done
"$site" score HAN000001 --store "$out/han" --svg "$out/nomogram.svg" --json > /dev/null
say "Research use; not externally validated. Probability of no objective response (SD or PD) at 6 months."

seconds=$(echo "$(date +%s.%N) $started" | awk '{printf "%.1f", $1 - $2}')
jq -n --argjson seconds "$seconds" --argjson patients "$total" \
  --slurpfile cut "$out/cut.json" --slurpfile validate "$out/validate.json" \
  --slurpfile refit "$out/refit.json" --slurpfile drift_cut "$out/drift.cut.json" \
  --slurpfile drift_syncs <(for name in "${drifting[@]}"; do jq --arg store "$name" '{store: $store} + .' "$out/$name.sync.json"; done) \
  --slurpfile drift_refit "$out/drift.refit.json" --slurpfile release "$out/release.json" \
  --slurpfile syncs <(for name in "${names[@]}" hill-2; do jq --arg store "$name" '{store: $store} + .' "$out/$name.sync.json"; done) \
  --slurpfile scores <(for name in "${names[@]}"; do jq --arg store "$name" '{store: $store} + .' "$out/$name.score.json"; done) \
  '{seconds: $seconds, patients: $patients, cut: $cut[0], validation: $validate[0], refit: $refit[0],
    drift: {cut: $drift_cut[0], refit: $drift_refit[0], syncs: $drift_syncs},
    release: $release[0], syncs: $syncs, scores: $scores}' > "$out/summary.json"
printf '\n%sDone in %s seconds.%s Open %s, %s; the numbers are in %s.\n' "$bold" "$seconds" "$plain" \
  "${2}/report.html" "${2}/nomogram.svg" "${2}/summary.json"
