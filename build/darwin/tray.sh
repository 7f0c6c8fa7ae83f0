#!/usr/bin/env bash
# Builds the tray helper into the bundle that wails build has made. It runs in
# build/bin, on macOS alone: systray needs its frameworks.
set -euo pipefail

helper=$(echo "$PWD"/*.app)/Contents/Helpers/openaicompatible-tray.app
mkdir -p "$helper/Contents/MacOS"
cp ../darwin/tray.plist "$helper/Contents/Info.plist"
cd ../..
go build -trimpath -tags desktop -ldflags '-s -w' -o "$helper/Contents/MacOS/openaicompatible-tray" ./backend/cmd/tray
