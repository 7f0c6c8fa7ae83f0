#!/usr/bin/env bash
# Runs a checker that has no exit code of its own for what it finds: it fails
# when the checker printed anything to its standard output.
set -uo pipefail
out=$("$@")
code=$?
[ -z "$out" ] || printf '%s\n' "$out"
[ "$code" -eq 0 ] && [ -z "$out" ]
