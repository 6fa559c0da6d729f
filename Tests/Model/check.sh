#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the model of replication: the correct rule must hold in every state, every mutant must be
# refuted. Prints a table; exits 1 when one does not come out as it should.
set -euo pipefail

model=$(cd "$(dirname "$0")" && pwd)/replication.pml
seconds=${LOBULE_MODEL_SECONDS:-300}
megabytes=${LOBULE_MODEL_MEGABYTES:-2048}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# check EXPECTED NAME -D…: one run of the model checker.
check() {
  local expected=$1 name=$2 found states
  shift 2
  (cd "$work" && rm -f pan* && spin -a "$@" "$model" >spin.out 2>&1 &&
    cc -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM="$megabytes" -o pan pan.c) ||
    { cat "$work/spin.out" >&2; exit 1; }
  (cd "$work" && timeout "$seconds" ./pan -m1000000 >pan.out 2>&1) || true
  states=$(awk '/states, stored/ { print $1 }' "$work/pan.out")
  if grep -q 'errors: [1-9]' "$work/pan.out" && grep -q 'assertion violated' "$work/pan.out"; then
    found=refuted
  elif grep -q 'errors: 0' "$work/pan.out" &&
    ! grep -qE 'max search depth too small|out of memory|Search not completed' "$work/pan.out"; then
    found=holds
  else
    found=unfinished
  fi
  [ "$found" = "$expected" ] || failures=$((failures + 1))
  printf '%-46s %-9s %-10s %9s\n' "$name" "$expected" "$found" "${states:-0}"
}

printf '%-46s %-9s %-10s %9s\n' "model" expected found states
check holds "five changes" -DN=5
check holds "four changes, a device is restored" -DN=4 -DRESTORE=1
check holds "five changes, a device is restored" -DN=5 -DRESTORE=1
check holds "five changes, the centre is restored" -DN=5 -DRESTORE=2
check refuted "sealed after foreign changes were applied" -DSEAL_AFTER_PULL
check refuted "applied before its context" -DNO_GUARD
check refuted "last writer wins" -DLAST_WRITER_WINS
check refuted "a write covers what it has not seen" -DCOVER_ALL
check refuted "a sealed change is sealed again" -DRESEAL
check refuted "a fork is taken for a duplicate" -DIGNORE_FORK -DRESTORE=1
check refuted "nothing is issued again after a fork" -DDROP_AT_FORK -DRESTORE=1
check refuted "a restored centre is not sent old changes" -DTRUST_STATED -DRESTORE=2
exit $((failures > 0))
