#!/usr/bin/env bash
# Generates again and fails when that changed, made or removed a file: what is
# committed must be what the sources say.
set -euo pipefail

generated() {
  find backend frontend/src frontend/wailsjs -type f \
    \( -name '*.gen.*' -o -name openapi.json -o -path 'frontend/wailsjs/*' -o -path backend/config/schema.json \) \
    -exec cksum {} + 2>/dev/null | sort -k3
}

before=$(generated || true)
make generate
after=$(generated || true)
if [ "$before" != "$after" ]; then
  echo "generated files were out of date; commit what \`make generate\` writes:"
  diff <(echo "$before") <(echo "$after") || true
  exit 1
fi
