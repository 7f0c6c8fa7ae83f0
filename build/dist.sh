#!/usr/bin/env bash
# Makes what is released, as far as this system can, into dist/:
#
#   build/dist.sh              everything below
#   build/dist.sh servers      the headless program for three systems, two architectures each
#   build/dist.sh desktop      the desktop program for this system (Linux)
#   build/dist.sh packages     .deb, .rpm and Arch packages of both (Linux)
#   build/dist.sh sums         SHA256SUMS of what is there
#
# The same commit gives the same bytes: paths are trimmed, every file has the
# commit's time, and nothing of the machine goes in. The pages must have been
# built. Of goreleaser nothing but archives and sums would be used, for it builds
# neither window, tray bundle nor installers: this does without it.
set -euo pipefail
cd "$(dirname "$0")/.."

out=dist
stage=$out/.stage
version=$(build/version.sh)
packaged=$(build/version.sh package)
SOURCE_DATE_EPOCH=$(build/version.sh time)
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
# GOFLAGS of the machine would be another build.
export GOFLAGS=
tool=(go tool -modfile=build/tools/go.mod)

# The biggest that they may be, in MiB.
server_limit=${DIST_SERVER_LIMIT:-25} desktop_limit=40

compile() { # compile OUT PACKAGE FLAGS...
  local file=$1 package=$2
  shift 2
  go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version" "$@" -o "$file" "$package"
}

fits() { # fits FILE MIB
  local size
  size=$(wc -c <"$1")
  printf '  %-60s %5.1f MiB\n' "${1#"$stage"/}" "$(awk "BEGIN {print $size / 1048576}")"
  [ "$size" -le $(($2 * 1048576)) ] && return
  echo "  $1 is bigger than $2 MiB" >&2
  toobig=1
}
toobig=0

notices() {
  mkdir -p "$stage"
  [ -s "$stage/THIRD-PARTY-LICENCES.txt" ] || {
    go run ./build/licences >"$stage/.licences"
    mv "$stage/.licences" "$stage/THIRD-PARTY-LICENCES.txt"
  }
}

bill() { # bill PROGRAM NAME
  "${tool[@]}" cyclonedx-gomod bin -json -std -licenses -noserial -version "$version" -output "$stage/go.cdx.json" "$1" 2>/dev/null
  node build/sbom.mjs "$stage/go.cdx.json" "$out/$2.cdx.json" "$SOURCE_DATE_EPOCH"
}

# archive puts a program, what belongs to it and the terms into one file.
archive() { # archive NAME ENDING FILES...
  local folder=$stage/archive/$1 name=$1 ending=$2
  shift 2
  rm -rf "$folder"
  mkdir -p "$folder"
  cp -R "$@" LICENSE README.md README.zh-CN.md "$stage/THIRD-PARTY-LICENCES.txt" "$folder"
  go run ./build/archive -time "$SOURCE_DATE_EPOCH" "$out/$name.$ending" "$folder"
}

servers() {
  notices
  local system architecture file ending
  for system in ${DIST_SYSTEMS:-linux windows darwin}; do
    for architecture in ${DIST_ARCHITECTURES:-amd64 arm64}; do
      file=$stage/openaicompatible-server_${system}_$architecture/openaicompatible-server ending=tar.gz
      [ "$system" = windows ] && file+=.exe ending=zip
      GOOS=$system GOARCH=$architecture CGO_ENABLED=0 compile "$file" ./backend/cmd/server
      fits "$file" "$server_limit"
      archive "openaicompatible-server_${packaged}_${system}_$architecture" "$ending" "$file"
      [ "$system/$architecture" != linux/amd64 ] || bill "$file" "openaicompatible-server_$packaged"
    done
  done
}

desktop() {
  [ "$(go env GOOS)" = linux ] || return 0
  notices
  local architecture file
  architecture=$(go env GOARCH)
  file=$stage/openaicompatible_linux_$architecture/openaicompatible
  CGO_ENABLED=1 compile "$file" . -tags desktop,production,webkit2_41
  fits "$file" "$desktop_limit"
  archive "openaicompatible_${packaged}_linux_$architecture" tar.gz "$file" build/linux/openaicompatible.desktop build/linux/openaicompatible.png
  bill "$file" "openaicompatible_$packaged"
}

packages() {
  [ "$(go env GOOS)" = linux ] || return 0
  build/packages.sh "$stage" "$out" "$packaged"
}

sums() {
  (cd "$out" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs -r -d '\n' sha256sum >SHA256SUMS)
  echo "$(wc -l <"$out/SHA256SUMS") files in $out"
}

case "${1:-all}" in
  all)
    rm -rf "$out"
    servers
    desktop
    packages
    sums
    ;;
  servers | desktop | packages | sums) "$1" ;;
  *)
    sed -n '4,9s/^# *//p' "$0" >&2
    exit 2
    ;;
esac
[ "$toobig" -eq 0 ]
