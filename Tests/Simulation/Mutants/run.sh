#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plants one fault at a time (each *.patch here, or those named as arguments) in a copy of the tree
# and requires the simulation to fail. Prints a table with the seconds of build and run and the
# seed; exits 1 when a mutant survives, its patch does not fit, or it does not compile.
#
# The copy and its build stay in .build-mutants, so that the next run compiles only what changed.
set -euo pipefail

mutants=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$mutants/../../.." && pwd)
names=("$@")
[ ${#names[@]} -gt 0 ] || for patch in "$mutants"/*.patch; do names+=("$(basename "$patch" .patch)"); done
base=$root/.build-mutants
tree=$base/tree
log=$base/log
mkdir -p "$tree"

# The copy becomes what the tree is; files that are alike keep their times.
copy() {
  local kept=$base/kept
  (cd "$root" && find Package.swift Package.resolved Sources Client SyncServer Migrations Tests -type f | sort) >"$kept"
  (cd "$tree" && find . -type f -not -path './.build/*' -printf '%P\n' | sort) | comm -13 "$kept" - |
    while IFS= read -r file; do rm -f "$tree/$file"; done
  while IFS= read -r file; do
    cmp -s "$root/$file" "$tree/$file" && continue
    mkdir -p "$tree/$(dirname "$file")"
    cp "$root/$file" "$tree/$file"
  done <"$kept"
  # Packages that are already here are not fetched again.
  if [ ! -d "$tree/.build" ] && [ -d "$root/.build/checkouts" ]; then
    mkdir -p "$tree/.build"
    cp -a "$root"/.build/{checkouts,repositories,workspace-state.json} "$tree/.build/" 2>/dev/null || true
  fi
}

# 0: passes, 1: fails, 2: does not compile, 124: takes too long. Stops at the first world that fails.
simulate() {
  (cd "$tree" && swift build --product simulate) >"$log" 2>&1 || return 2
  built=$SECONDS
  timeout "${LOBULE_MUTANT_SECONDS:-900}" "$tree/.build/debug/simulate" >"$log" 2>&1
}
report() { printf '%-28s %-9s %6s %6s  %s\n' "$@"; }
reason() { grep -m1 -oE 'LOBULE_SEED=.* fails: .*' "$log" | cut -c1-140 || grep -m1 -iE 'fatal|error' "$log" | cut -c1-140 || true; }

copy
report mutant result build run seed
survivors=0
try() {
  local name=$1 status=0
  SECONDS=0 built=0
  simulate || status=$?
  local times=("$built" $((SECONDS - built)))
  # A program that was stopped by a trap has failed too.
  [ $status -le 2 ] || [ $status -eq 124 ] || status=1
  case $status in
    124) report "$name" "too long" "${times[@]}" "" ;;
    0) report "$name" passes "${times[@]}" "" ;;
    1) report "$name" caught "${times[@]}" "$(reason)" ;;
    2) report "$name" "no build" "$SECONDS" 0 "$(grep -m1 error: "$log" || true)" ;;
  esac
  return $status
}

# The unchanged tree must pass first, else nothing is shown by a failure.
[ -n "${LOBULE_MUTANTS_ONLY:-}" ] || try unchanged || exit 1
for name in "${names[@]}"; do
  if ! patch -s -p1 -d "$tree" --dry-run <"$mutants/$name.patch" >/dev/null; then
    report "$name" "no patch" 0 0 "the sources have changed: make the patch anew"
    survivors=$((survivors + 1))
    continue
  fi
  patch -s -p1 -d "$tree" --no-backup-if-mismatch <"$mutants/$name.patch"
  status=0
  try "$name" || status=$?
  [ $status -eq 1 ] || survivors=$((survivors + 1))
  copy
done
exit $((survivors > 0))
