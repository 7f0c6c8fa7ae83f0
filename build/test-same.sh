#!/usr/bin/env bash
# Builds the headless program for Linux twice from the same commit: here, and in
# another folder with nothing built before, pages included. The archives must be
# the same, byte for byte.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

elsewhere=$(mktemp -d)
trap 'chmod -R u+w "$elsewhere"; rm -rf "$elsewhere"' EXIT

build() { # build FOLDER, in a folder that has its node_modules
  (
    cd "$1"
    npm --prefix frontend run build >/dev/null
    go run ./build/licences frontend/dist/licences.txt.gz
    rm -rf dist
    # Its size is make dist's concern.
    DIST_SYSTEMS=linux DIST_ARCHITECTURES=amd64 DIST_SERVER_LIMIT=1000 build/dist.sh servers >&2
    build/dist.sh sums >&2
    cat dist/SHA256SUMS
  )
}

# Two clones: what somebody works on here is not of the commit.
git clone -q . "$elsewhere/first"
git clone -q . "$elsewhere/a/second"
npm --prefix "$elsewhere/first/frontend" ci --no-audit --no-fund >/dev/null 2>&1
cp -R "$elsewhere/first/frontend/node_modules" "$elsewhere/a/second/frontend/"
first=$(build "$elsewhere/first")
second=$(GOCACHE=$elsewhere/cache build "$elsewhere/a/second")
[ "$(wc -l <<<"$first")" -eq 2 ] || { echo "there is no archive and no bill to compare: $first" >&2; exit 1; }
diff <(echo "$first") <(echo "$second") || {
  echo "the same commit gives different bytes" >&2
  exit 1
}
echo "$first"
echo "built twice, in two folders, with and without a cache: the same bytes"
