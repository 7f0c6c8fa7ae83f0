#!/usr/bin/env bash
# Runs every fuzz target for a while.
#
#   build/fuzz.sh 60s
set -euo pipefail
time=${1:-60s}
grep -rlE '^func Fuzz' --include='*_test.go' backend | while read -r file; do
  grep -oE '^func Fuzz[A-Za-z0-9_]+' "$file" | while read -r _ target; do
    echo "==> ${file%/*} ${target}"
    go test -run '^$' -fuzz "^${target}\$" -fuzztime "$time" "./${file%/*}" </dev/null
  done
done
