#!/usr/bin/env bash
# Generates again and fails when that changed, made or removed a file: what is
# committed must be what the sources say.
set -euo pipefail

generated() {
  git ls-files --cached --others --exclude-standard |
    grep -E '\.gen\.|(^|/)openapi\.json$|^(build|backend)/.*\.(png|ico)$' |
    xargs -d '\n' cksum
}

before=$(generated)
make generate
after=$(generated)
if [ "$before" != "$after" ]; then
  echo "generated files were out of date; commit what \`make generate\` writes:"
  diff <(echo "$before") <(echo "$after") || true
  exit 1
fi
