#!/usr/bin/env bash
# Starts the server in demo mode and Vite's server in front of it. When one of
# them ends, or at Ctrl-C, the other ends too.
set -euo pipefail

mkdir -p bin
CGO_ENABLED=0 go build -o bin/openaicompatible-server ./backend/cmd/server

children=()
finish() {
  trap - EXIT INT TERM
  kill "${children[@]}" 2>/dev/null || true
  wait "${children[@]}" 2>/dev/null || true
}
trap finish EXIT
trap 'exit 0' INT TERM

bin/openaicompatible-server serve --demo --admin &
children+=("$!")
(cd frontend && exec node_modules/.bin/vite) &
children+=("$!")
wait -n
