#!/usr/bin/env bash
# Looks for known vulnerabilities in what the program calls. Their database is
# on the network; where it cannot be reached this says so and is no failure.
set -uo pipefail
out=$(go tool -modfile=backend/tools/go.mod govulncheck ./backend/... 2>&1)
code=$?
printf '%s\n' "$out"
if [ "$code" -eq 1 ]; then
  echo "the database of vulnerabilities cannot be reached from here: not checked"
  exit 0
fi
exit "$code"
