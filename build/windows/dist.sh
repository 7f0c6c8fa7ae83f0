#!/usr/bin/env bash
# Makes the Windows installers, on Linux or Windows with NSIS: build/windows/dist.sh
#
# They are signed when SIGN names a command that signs the file it is given;
# otherwise Windows warns whoever downloads them.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v makensis >/dev/null || {
  echo "windows: makensis is missing: apt-get install nsis, or https://nsis.sourceforge.io" >&2
  exit 1
}
[ -n "${SIGN:-}" ] || echo "windows: SIGN is not set: nothing is signed"

# Windows knows versions of numbers alone.
number=$(build/version.sh package | grep -oE '^[0-9]+\.[0-9]+\.[0-9]+')
named=wails.json
cp "$named" "$named.kept"
trap 'mv "$named.kept" "$named"' EXIT
node -e '
  const fs = require("fs"), settings = JSON.parse(fs.readFileSync("wails.json", "utf8"));
  settings.info.productVersion = process.argv[1];
  fs.writeFileSync("wails.json", JSON.stringify(settings));' "$number"

mkdir -p dist
for architecture in ${DIST_ARCHITECTURES:-amd64 arm64}; do
  go tool -modfile=build/tools/go.mod wails build -platform "windows/$architecture" -nsis -trimpath -skipbindings -s -m \
    -ldflags "-s -w -X main.version=$(build/version.sh)"
  go run ./build/windows/look build/bin/openaicompatible.exe
  installer=build/bin/openaicompatible-$architecture-installer.exe
  [ -e "$installer" ] || installer=build/bin/OpenAICompatible-$architecture-installer.exe
  [ -z "${SIGN:-}" ] || "$SIGN" "$installer"
  mv "$installer" "dist/openaicompatible_$(build/version.sh package)_windows_${architecture}_installer.exe"
done
