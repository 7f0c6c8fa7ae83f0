#!/usr/bin/env bash
# Runs make targets one after the other, times each, and goes on after a failure
# so that one run shows all that is wrong; only a setup that fails ends it. It
# closes with a table and with the count of tests that ran, and fails if a step
# failed. The count is read from the files in $RESULTS.
#
#   RESULTS=DIR build/steps.sh TARGET...
set -uo pipefail

rows=() failed=0 begin=$SECONDS
for target in "$@"; do
  printf '\n==> %s\n' "$target"
  start=$SECONDS
  if "${MAKE:-make}" --keep-going --no-print-directory "$target"; then
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

# count sums what the test runners left: JUnit files, whose root element is
# <testsuites tests="9" failures="0" errors="0" …>, and lines "9 passed, 0 failed".
cd "${RESULTS:-bin/results}" 2>/dev/null || exit 1
count() {
  {
    cat ./*.xml 2>/dev/null | grep -o '<testsuites [^>]*>' | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+'
    cat ./*.txt 2>/dev/null | grep -E '^[0-9]+ passed, [0-9]+ failed$' | grep -oE "$2"
  } | awk '{n += $1} END {print n + 0}'
}
skipped=$(cat ./*.xml 2>/dev/null | grep -o '<skipped' | wc -l)
bad=$(($(count failures '[0-9]+ failed') + $(count errors '^$')))
good=$(($(count tests '[0-9]+ (passed|failed)') - bad - skipped))
echo "${good} passed, ${bad} failed, ${skipped} skipped"
[ "$failed" -eq 0 ]
