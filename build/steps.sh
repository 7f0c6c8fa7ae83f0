#!/usr/bin/env bash
# Runs make targets one after the other, times each, and goes on after a failure
# so that one run shows all that is wrong; only a setup that fails ends it. It
# closes with a table, and fails if a step failed.
#
#   build/steps.sh TARGET...
set -uo pipefail

rows=() failed=0 begin=$SECONDS
for target in "$@"; do
  printf '\n==> %s\n' "$target"
  start=$SECONDS
  if "${MAKE:-make}" --no-print-directory "$target"; then
    state=ok
  else
    state=FAILED failed=$((failed + 1))
    printf '==> %s FAILED\n' "$target"
    [[ $target != setup-* ]] || exit 1
  fi
  rows+=("$(printf '%-16s %6ds  %s' "$target" "$((SECONDS - start))" "$state")")
done

printf '\n'
printf '%s\n' "${rows[@]}"
printf '%-16s %6ds\n' total "$((SECONDS - begin))"
[ "$failed" -eq 0 ]
