#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plants one fault at a time (each *.patch here, or those named as arguments) in a copy of the tree
# and requires the simulation to fail. Prints a table; exits 1 when a mutant survives.
#
# LOBULE_MUTANT_TREE names a copy to use instead of a new one; its sources must be unchanged.
set -euo pipefail

mutants=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$mutants/../../.." && pwd)
names=("$@")
[ ${#names[@]} -gt 0 ] || for patch in "$mutants"/*.patch; do names+=("$(basename "$patch" .patch)"); done
tree=${LOBULE_MUTANT_TREE:-}
if [ -z "$tree" ]; then
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  tar -C "$root" --exclude=./.build --exclude=./.git -cf - . | tar -C "$tree" -xf -
fi
log=$tree/.mutant.log
survivors=0
cd "$tree"

# The unchanged tree must pass first, else nothing is shown by a failure.
simulate() {
  swift build --build-tests >"$log" 2>&1 || return 2
  timeout "${LOBULE_MUTANT_SECONDS:-600}" swift test --skip-build --filter SimulationTests >"$log" 2>&1
}
report() { printf '%-32s %-12s %s\n' "$1" "$2" "$3"; }
reason() { grep -m1 -oE 'LOBULE_SEED=.* fails: .*' "$log" | cut -c1-150 || grep -m1 -iE 'fatal|error|crash' "$log" | cut -c1-150 || true; }

if [ -z "${LOBULE_MUTANTS_ONLY:-}" ]; then
  simulate || { report unchanged fails "$(reason)"; exit 1; }
  report unchanged passes ""
fi
for name in "${names[@]}"; do
  patch -s -p1 --dry-run <"$mutants/$name.patch" >/dev/null || {
    survivors=$((survivors + 1))
    report "$name" "no patch" "the sources have changed: make the patch anew"
    continue
  }
  patch -s -p1 <"$mutants/$name.patch"
  status=0
  simulate || status=$?
  patch -s -R -p1 <"$mutants/$name.patch"
  case $status in
    0) survivors=$((survivors + 1)); report "$name" SURVIVES "" ;;
    2) survivors=$((survivors + 1)); report "$name" "no build" "$(grep -m1 error: "$log" || true)" ;;
    *) report "$name" caught "$(reason)" ;;
  esac
done
exit $((survivors > 0))
