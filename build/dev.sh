#!/usr/bin/env bash
# Starts the server in demo mode and Vite's server in front of it. When one of
# them ends, or at Ctrl-C, the other ends too. The settings are its own, in
# bin/dev, so that nobody's are touched.
set -euo pipefail

port=${PORT:-8091}
pages=http://127.0.0.1:5173
export OPENAICOMPATIBLE_SERVER=http://127.0.0.1:$port

mkdir -p bin/dev
[ -e bin/dev/config.json ] ||
  printf '{\n  "version": 1,\n  // Vite serves the pages from an origin of its own.\n  "server": { "allowedOrigins": ["%s"] }\n}\n' "$pages" >bin/dev/config.json
CGO_ENABLED=0 go build -o bin/openaicompatible-server ./backend/cmd/server

children=()
finish() {
  trap - EXIT INT TERM
  kill "${children[@]}" 2>/dev/null || true
  wait "${children[@]}" 2>/dev/null || true
}
trap finish EXIT
trap 'exit 0' INT TERM

# The link that is printed leads to Vite's pages, not to the built ones.
bin/openaicompatible-server serve --config bin/dev/config.json --port "$port" --demo --admin \
  > >(sed -u "s#$OPENAICOMPATIBLE_SERVER/?token#$pages/?token#") &
children+=("$!")
(cd frontend && exec node_modules/.bin/vite --port 5173 --strictPort --clearScreen false) &
children+=("$!")
wait -n
